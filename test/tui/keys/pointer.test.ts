// What clicks and the wheel do to the console.
import test from 'ava';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import type { ConsoleTarget } from '../../../tui/console/key-lookup.ts';
import { point, pointedAt } from '../../../tui/frame/pointer.ts';
import type { MouseEvent } from '../../../tui/input/parser.ts';
import { createStore, type ViewName } from '../../../tui/state/common-state.ts';
import { configPosition } from '../../../tui/views/config/config-state.ts';
import { peerPosition } from '../../../tui/views/peers/peers-state.ts';
import { redirectsPosition } from '../../../tui/views/redirects/redirects-state.ts';
import { configured } from '../screens/config.ts';
import { fleet } from '../screens/happenings.ts';

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

test('pointer › where no row is selected a click selects the one it is on', (t) => {
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

test('pointer › the wheel goes through rows, lines of the help, and entries of the palette', (t) => {
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

test('pointer › a click on a tab, on what the footer names, and on an entry does it', (t) => {
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
