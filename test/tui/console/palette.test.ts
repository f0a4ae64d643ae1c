import '../../fixture/production.ts';
import test from 'ava';
import { bindings } from '../../../tui/console/bindings.ts';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import {
  type ConsoleTarget,
  findBinding,
  isEnabled,
  scopesOf,
} from '../../../tui/console/key-lookup.ts';
import { paletteOf } from '../../../tui/console/palette.ts';
import { Panel, panelRows } from '../../../tui/frame/panel.tsx';
import { createStore, viewNames } from '../../../tui/state/common-state.ts';
import { dataFromSnapshot } from '../../../tui/state/daemon-data.ts';
import { typeInto } from '../../../tui/state/prompt.ts';
import { columnsOf } from '../../../tui/text/columns.ts';
import { frameLinesOf } from '../drawn-lines.ts';
import { fixedPeers, fixedSnapshot } from '../fixture-data.ts';
import { idsOf } from '../key-ids.ts';

const size = { columns: 80, rows: 24 };

function state(change: Partial<ConsoleState> = {}): ConsoleState {
  return { ...firstState({ size, view: 'overview', readOnly: false, now: 0 }), ...change };
}

/** A console in which keys are pressed, and what they asked of the outside. */
function consoleAt(first: ConsoleState) {
  const store = createStore(first, reduceConsole);
  const asked: unknown[] = [];
  const target = {
    state: store.get,
    dispatch: store.dispatch,
    quit: () => asked.push('quit'),
    repaint: () => asked.push('repaint'),
  } as unknown as ConsoleTarget;
  const press = (bytes: string) => {
    for (const id of idsOf(bytes)) {
      const { prompt } = store.get();
      const binding = findBinding(bindings, store.get(), id);
      if (binding) binding.run(target);
      else if (prompt) store.dispatch({ type: 'prompt', prompt: typeInto(prompt, id) });
    }
    return store.get();
  };
  return {
    press,
    asked,
    helps: () => paletteOf(bindings, store.get()).entries.map(({ help }) => help),
  };
}

test('palette › every view lists the actions of its enabled keys first, moves last', (t) => {
  for (const view of viewNames) {
    const at = state({ view });
    const { press, helps } = consoleAt(at);
    press(':');
    const possible = scopesOf(at)
      .flatMap((scope) => bindings.filter((each) => each.scope === scope && isEnabled(each, at)))
      .filter(({ keys }) => !keys.includes(':'));
    const acting = possible.filter(({ moves }) => !moves).map(({ help }) => help);
    const moving = possible.filter(({ moves }) => moves).map(({ help }) => help);
    t.deepEqual(helps().slice(0, acting.length), acting, view);
    t.deepEqual(moving.length === 0 ? [] : helps().slice(-moving.length), moving, view);
  }
});

test('palette › what the keys of other views do is there, too, and goes to them', (t) => {
  const data = dataFromSnapshot(fixedSnapshot({ peers: fixedPeers() }), 0);
  const { press, helps } = consoleAt(state({ data }));
  press(':drain');
  t.is(helps()[0], 'drain: redirect every node (asks first)');
  const drained = press('\r');
  t.is(drained.view, 'overview', 'a drain is about no row of another view');
  t.deepEqual(drained.prompt?.kind === 'confirm' && drained.prompt.asked, { action: 'drain' });
  press('\u001b:sync with');
  t.deepEqual(helps(), ['Peers: sync with the selected peer now']);
  const sorted = press('\u0015hosts: sort by state\r');
  t.deepEqual([sorted.view, sorted.hosts.sort.by], ['hosts', 'state']);
});

test('palette › commands that were run come back, the newest first', (t) => {
  const { press } = consoleAt(state());
  press(':peers\r:log\r:peers\r');
  const text = (bytes: string) => press(bytes).prompt?.text;
  t.is(text(':re\u0010'), 'peers');
  t.is(text('\u0010'), 'log');
  t.is(text('\u0010'), 'log', 'there is none before it');
  t.is(text('\u000e\u000e'), 're', 'what was being typed is not lost');
});

test('palette › typing narrows the list, the likeliest entry first', (t) => {
  const { press, helps } = consoleAt(state({ view: 'peers' }));
  press(':');
  const typed = (text: string) => {
    press(`\u0015${text}`);
    return helps();
  };
  t.regex(typed('ho')[0] ?? '', /^Hosts: /);
  t.is(typed('Q')[0], 'quit', 'a key as it is');
  t.regex(typed('log')[0] ?? '', /^Log: /);
  t.regex(typed('redraw')[0] ?? '', /^redraw/);
  t.true(typed('one').length > 1);
  t.true(typed('one !screen').every((help) => !help.includes('screen')));
  t.deepEqual(typed('nothing of that kind'), []);
});

test('palette › Enter runs the chosen action as its key would, and closes the palette', (t) => {
  const { press, asked } = consoleAt(state());
  t.is(press(':peers\r').view, 'peers');
  t.is(press(':').prompt?.kind, 'palette');
  t.is(press('\u001b').prompt, null);
  press(':redraw\r');
  press(':quit\r');
  t.deepEqual(asked, ['repaint', 'quit']);
  t.is(press(':filter as\r').prompt?.kind, 'filter', 'what opens a line opens it');
});

test('palette › arrows choose and stop at both ends, typing returns to the first entry', (t) => {
  const { press, helps } = consoleAt(state());
  const chosen = () => {
    const { prompt } = press('');
    return prompt?.kind === 'palette' ? prompt.chosen : null;
  };
  press(':\u001b[B\u001b[B\t');
  t.is(chosen(), 3);
  press('\u001b[A');
  t.is(chosen(), 2);
  press('\u001b[5~');
  t.is(chosen(), 0);
  press('\u001b[6~'.repeat(9));
  t.is(chosen(), helps().length - 1);
  press('e');
  t.is(chosen(), 0);
});

test('palette › a view’s name and words after it filter that view', (t) => {
  const { press, helps } = consoleAt(state());
  press(':hosts  10.1. !legacy');
  t.deepEqual(helps(), ['Hosts matching 10.1. !legacy']);
  const after = press('\r');
  t.deepEqual([after.view, after.hosts.filter], ['hosts', '10.1. !legacy']);
  t.is(press(':PEERS alive\r').peers.filter, 'alive');
});

test('palette › unknown text is reported, and the palette stays open', (t) => {
  const { press } = consoleAt(state());
  const problem = (text: string) => {
    const at = press(`:${text}\r`);
    const palette = paletteOf(bindings, at);
    press('\u001b');
    return [at.view, palette.problem];
  };
  t.deepEqual(problem('config TTL'), ['overview', 'Config cannot be filtered']);
  t.deepEqual(problem('frobnicate'), ['overview', 'no command matches frobnicate']);
});

test('palette › a command that cannot be run now is named', (t) => {
  const { press } = consoleAt(state({ readOnly: true }));
  const at = press(':drain: redirect\r');
  t.is(
    paletteOf(bindings, at).problem,
    'not possible now: drain: redirect every node (asks first)',
  );
});

test('palette › what is no command is not one that --read-only keeps back', (t) => {
  const problem = (text: string, change: Partial<ConsoleState>) => {
    const prompt = { kind: 'palette', text, chosen: 0 } as const;
    return paletteOf(bindings, state({ ...change, prompt })).problem;
  };
  t.is(problem('erase a word', {}), 'no command matches erase a word');
  t.is(problem('sync with', {}), 'not possible now: sync with the selected peer now');
  for (const readOnly of [false, true]) {
    const [, ...away] = fixedPeers();
    const data = dataFromSnapshot(fixedSnapshot({ peers: away }), 0);
    const at = { data, view: 'peers', readOnly } as const;
    t.is(problem('drain: redirect', at), 'cannot drain: no peer accepts nodes now; see Peers');
    t.is(problem('end the drain', at), 'not draining; d starts a drain');
  }
});

test('palette › with --read-only no action that changes something is offered', (t) => {
  const changing = /remove|drain|sync with|then save|save the|override|close the selected|verbose/;
  for (const view of viewNames) {
    const { press, helps } = consoleAt(state({ view, readOnly: true }));
    press(':');
    t.deepEqual(
      helps().filter((help) => changing.test(help)),
      [],
      view,
    );
  }
});

test('palette › each command stands behind its key, down to the last one in sight', (t) => {
  for (const rows of [10, 20, 24, 50]) {
    const at = state({
      size: { columns: 60, rows },
      prompt: { kind: 'palette', text: '', chosen: 0 },
    });
    const [, ...shown] = frameLinesOf(Panel, at);
    t.is(shown.length, panelRows(at) - 1);
    const { entries } = paletteOf(bindings, at);
    // The second line of a long one has no key.
    const keys = shown.map((line) => line.slice(0, 14).trimEnd()).filter((key) => key !== '');
    t.true(keys.length > shown.length / 2);
    t.deepEqual(
      keys,
      entries.slice(0, keys.length).map((entry) => entry.shown),
    );
  }
});

test('palette › its height and width do not depend on what is found', (t) => {
  for (const rows of [20, 24, 50])
    for (const text of ['', 'e', 'frobnicate \u202e', `hosts ${'x'.repeat(190)}`]) {
      const at = state({
        size: { columns: 60, rows },
        prompt: { kind: 'palette', text, chosen: 99 },
      });
      const lines = frameLinesOf(Panel, at);
      t.is(lines.length, panelRows(at));
      for (const line of lines) t.true(columnsOf(line) <= 58, line);
      t.false(lines.join('').includes('\u202e'));
    }
  t.is(panelRows(state()), 0);
});

test('palette › what a command does is never cut, in the smallest window neither', (t) => {
  for (const rows of [10, 20]) {
    const open = (chosen: number) =>
      state({
        size: { columns: 60, rows },
        view: 'log',
        prompt: { kind: 'palette', text: '', chosen },
      });
    for (const [chosen, { help }] of paletteOf(bindings, open(0)).entries.entries()) {
      const lines = frameLinesOf(Panel, open(chosen)).slice(1);
      t.true(lines.length < panelRows(open(0)));
      const said = lines.map((line) => line.slice(14).trim()).join(' ');
      t.true(said.includes(help), `${help}:\n${lines.join('\n')}`);
      t.false(said.includes('…'), said);
    }
  }
});

test('palette › with --read-only it says why a command does nothing, in whole', (t) => {
  const data = dataFromSnapshot(fixedSnapshot({ peers: fixedPeers() }), 0);
  const at = state({
    ...{ data, view: 'peers', readOnly: true, size: { columns: 60, rows: 20 } },
    prompt: { kind: 'palette', text: 'drain', chosen: 0 },
  });
  const [, ...said] = frameLinesOf(Panel, at);
  t.is(
    said
      .map((line) => line.trim())
      .join(' ')
      .trim(),
    'read-only: t would drain to the selected peer; start without --read-only for that',
  );
});
