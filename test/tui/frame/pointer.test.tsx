// The frames themselves say what is where on the screen: a click must find what is there.
// One drawing at a time: each of them listens to the process.
import test from 'ava';
import { bindings } from '../../../tui/console/bindings.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import type { ConsoleTarget } from '../../../tui/console/key-lookup.ts';
import { paletteOf } from '../../../tui/console/palette.ts';
import { viewList } from '../../../tui/console/view-list.ts';
import { type Pointed, point, pointedAt } from '../../../tui/frame/pointer.ts';
import type { MouseEvent } from '../../../tui/input/parser.ts';
import { createStore, type ViewName, views } from '../../../tui/state/common-state.ts';
import { columnsOf } from '../../../tui/text/columns.ts';
import { shownBacklog } from '../../../tui/views/backlog/backlog-state.ts';
import { configPosition, settingRows } from '../../../tui/views/config/config-state.ts';
import { hostAt } from '../../../tui/views/hosts/hosts-state.ts';
import { peerPosition, shownPeers } from '../../../tui/views/peers/peers-state.ts';
import { redirectsPosition, shownRedirects } from '../../../tui/views/redirects/redirects-state.ts';
import { shownOf } from '../frame-of.tsx';
import { waiting } from '../screens/backlog.ts';
import { configured } from '../screens/config.ts';
import { extremeSizes, promisedSizes } from '../screens/screens.ts';
import { fleet, lost, sending } from '../screens/situations.ts';

const sizes = [...promisedSizes, ...extremeSizes];

/** What a row of the view's list begins with, or has in it. */
const nameOf: Partial<Record<ViewName, (state: ConsoleState, row: number) => string | undefined>> =
  {
    hosts: ({ hosts }, row) => hostAt(hosts, row)?.address,
    peers: (state, row) => shownPeers(state)[row]?.address,
    redirects: (state, row) => shownRedirects(state)[row]?.asker,
    backlog: (state, row) => shownBacklog(state)[row]?.source,
    config: ({ config }, row) => settingRows(config)[row]?.setting.name,
  };

const further: Partial<Record<ViewName, ConsoleAction>> = {
  peers: { type: 'peers-move', move: { by: 1 } },
  redirects: { type: 'redirects-move', move: { by: 30 } },
  backlog: { type: 'backlog-move', move: { by: 9 } },
  config: { type: 'config-move', move: { by: 12 } },
};

function everyRow(state: ConsoleState, column: number): (Pointed | null)[] {
  return Array.from({ length: state.size.rows }, (_, row) => pointedAt(state, { column, row }));
}

for (const size of sizes)
  test.serial(
    `pointing › finds the rows of every list, scrolled and under banners, at ${size.rows}x${size.columns}`,
    async (t) => {
      for (const [view, name] of Object.entries(nameOf) as [ViewName, typeof nameOf.hosts][])
        for (const situation of [[], [lost, sending('drain')]]) {
          const moved = further[view] ?? [];
          const actions = [fleet, waiting, configured, moved, situation].flat();
          const { lines, state } = await shownOf({ view, actions }, size);
          const found = everyRow(state, 2);
          let rows = 0;
          for (const [at, pointed] of found.entries()) {
            if (pointed?.kind !== 'row') continue;
            rows++;
            const text = name?.(state, pointed.row);
            t.truthy(text, `${view} row ${pointed.row}`);
            t.true(
              lines[at]?.includes((text ?? '').slice(0, 20)),
              `${view}: ${text} in ${lines[at]}`,
            );
          }
          const list = viewList(state);
          const most = Math.min(
            list?.layout.tableRows ?? 0,
            (list?.rows ?? 0) - (list?.position.top ?? 0),
          );
          t.is(rows, most, view);
          t.true(rows > 0, view);
        }
    },
  );

for (const size of sizes)
  test.serial(
    `pointing › finds every tab and every key that the footer names, at ${size.rows}x${size.columns}`,
    async (t) => {
      for (const { name: view, title } of views) {
        const { lines, state } = await shownOf({ view, actions: [fleet] }, size);
        const [, tabs = ''] = lines;
        for (const [index, { name }] of views.entries()) {
          const column = columnsOf(tabs.slice(0, tabs.indexOf(String(index + 1))));
          t.like(pointedAt(state, { column, row: 1 }), { kind: 'tab', view: name }, tabs);
        }
        t.true(tabs.includes(title));
        t.is(pointedAt(state, { column: size.columns - 1, row: 1 }), null);
        t.is(pointedAt(state, { column: 5, row: 0 }), null);
        const footer = lines.at(-1) ?? '';
        for (const label of ['help', 'quit', 'actions']) {
          const at = footer.indexOf(` ${label} `);
          if (at < 0) continue;
          const column = columnsOf(footer.slice(0, at)) + 1;
          const pointed = pointedAt(state, { column, row: size.rows - 1 });
          t.is(pointed?.kind === 'hint' ? pointed.binding.label : null, label, footer);
        }
      }
    },
  );

test.serial(
  'pointing › a click finds the palette’s entries, and nothing that they cover',
  async (t) => {
    const size = { columns: 80, rows: 24 };
    for (const chosen of [0, 25]) {
      const open: ConsoleAction = { type: 'prompt', prompt: { kind: 'palette', text: '', chosen } };
      const { lines, state } = await shownOf({ view: 'hosts', actions: [open] }, size);
      const { entries } = paletteOf(bindings, state);
      const found = everyRow(state, 20).flatMap((pointed, row) =>
        pointed?.kind === 'entry' ? [{ entry: pointed.entry, line: lines[row] ?? '' }] : [],
      );
      t.true(found.length >= 5);
      for (const { entry, line } of found)
        t.true(line.includes((entries[entry]?.help ?? '?').slice(0, 30)), line);
      t.false(everyRow(state, 20).some((pointed) => pointed?.kind === 'row'));
    }
  },
);

test.serial(
  'pointing › a click finds no row under the help, beside the table, or in a window that is too small',
  async (t) => {
    const help: ConsoleAction = { type: 'help', open: true };
    const { state } = await shownOf({ view: 'hosts', actions: [help] }, { columns: 80, rows: 24 });
    t.false(everyRow(state, 2).some((pointed) => pointed?.kind === 'row'));
    const wide = await shownOf({ view: 'hosts' }, { columns: 200, rows: 50 });
    t.false(everyRow(wide.state, 190).some((pointed) => pointed?.kind === 'row'));
    const small = await shownOf({ view: 'hosts' }, { columns: 50, rows: 10 });
    t.true(everyRow(small.state, 2).every((pointed) => pointed === null));
  },
);

function consoleAt(view: ViewName, ...actions: ConsoleAction[]) {
  const size = { columns: 80, rows: 24 };
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  for (const action of [fleet, ...actions]) store.dispatch(action);
  const asked: string[] = [];
  const target = {
    state: store.get,
    dispatch: store.dispatch,
    quit: () => asked.push('quit'),
  } as unknown as ConsoleTarget;
  const at = (what: MouseEvent['what'], row: number, column: number) =>
    point(target, store.get(), { type: 'mouse', what, row, column });
  return {
    state: store.get,
    asked,
    open: () =>
      store.dispatch({ type: 'prompt', prompt: { kind: 'palette', text: '', chosen: 0 } }),
    wheel: (way: 'up' | 'down') => at(`wheel-${way}`, 10, 10),
    click: (row: number, column = 5) => at('press', row, column),
    /** Clicks on row `row` of the list. */
    clickRow: (row: number) => at('press', screenRow(store.get(), row), 5),
  };
}

function screenRow(state: ConsoleState, wanted: number): number {
  for (let row = 0; row < state.size.rows; row++) {
    const pointed = pointedAt(state, { row, column: 5 });
    if (pointed?.kind === 'row' && pointed.row === wanted) return row;
  }
  throw new Error(`row ${wanted} is not on the screen`);
}

test('pointer › a click selects a row, a second one does what Enter does', (t) => {
  const { state, clickRow } = consoleAt('config', configured);
  clickRow(3);
  t.is(configPosition(state()).cursor, 3);
  t.is(state().prompt, null);
  clickRow(3);
  t.is(state().prompt?.kind, 'setting');
});

test('pointer › if no row is selected, a click selects the one under it', (t) => {
  for (const row of [0, 1, 4]) {
    const { state, clickRow } = consoleAt('redirects');
    clickRow(row);
    t.is(redirectsPosition(state()).cursor, row);
  }
});

test('pointer › a second click where Enter does nothing does nothing', (t) => {
  const { state, clickRow } = consoleAt('peers');
  clickRow(1);
  const before = state();
  t.is(peerPosition(before).cursor, 1);
  clickRow(1);
  t.deepEqual(state(), before);
});

test('pointer › the wheel moves through rows, the help, and the palette', (t) => {
  const redirects = consoleAt('redirects');
  redirects.wheel('down');
  t.is(redirectsPosition(redirects.state()).cursor, 2);
  redirects.wheel('down');
  redirects.wheel('up');
  t.is(redirectsPosition(redirects.state()).cursor, 2);
  const help = consoleAt('hosts', { type: 'help', open: true });
  help.wheel('down');
  t.is(help.state().help.top, 3);
  const palette = consoleAt('hosts', {
    type: 'prompt',
    prompt: { kind: 'palette', text: '', chosen: 0 },
  });
  palette.wheel('down');
  t.like(palette.state().prompt, { kind: 'palette', chosen: 3 });
});

test('pointer › a click runs a tab, a key in the footer, and an entry of the palette', (t) => {
  const { state, click, open, asked } = consoleAt('overview');
  const columns = Array.from({ length: 80 }, (_, column) => column);
  const find = (row: number, isIt: (pointed: ReturnType<typeof pointedAt>) => boolean) =>
    columns.find((column) => isIt(pointedAt(state(), { row, column }))) ?? -1;
  click(
    1,
    find(1, (pointed) => pointed?.kind === 'tab' && pointed.view === 'peers'),
  );
  t.is(state().view, 'peers');
  click(
    23,
    find(23, (pointed) => pointed?.kind === 'hint' && pointed.binding.label === 'help'),
  );
  t.true(state().help.open);
  click(
    1,
    find(1, (pointed) => pointed?.kind === 'tab' && pointed.view === 'peers'),
  );
  t.false(state().help.open);
  open();
  const entryRow = Array.from({ length: 24 }, (_, row) => row).find(
    (row) => pointedAt(state(), { row, column: 5 })?.kind === 'entry',
  );
  click(entryRow ?? -1);
  t.like(state().prompt, { kind: 'confirm', asked: { action: 'send' } });
  const before = state();
  click(23, 1);
  click(1, 3);
  t.is(state(), before, 'a question is answered with keys');
  t.deepEqual(asked, []);
});

test('pointer › a click on a row keeps the filter that is being typed', (t) => {
  const { state, clickRow } = consoleAt('redirects', {
    type: 'prompt',
    prompt: { kind: 'filter', text: '', before: '' },
  });
  clickRow(2);
  t.is(state().prompt, null);
  t.is(redirectsPosition(state()).cursor, 2);
});
