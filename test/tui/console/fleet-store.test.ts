// Several name servers in one console: what belongs to each of them, and what to all.
import test from 'ava';
import { bindings } from '../../../tui/console/bindings.ts';
import { firstState } from '../../../tui/console/console-state.ts';
import { createFleetStore } from '../../../tui/console/fleet-store.ts';
import { type ConsoleTarget, findBinding } from '../../../tui/console/key-lookup.ts';
import { paletteOf } from '../../../tui/console/palette.ts';
import { questionOf } from '../../../tui/reading/account.ts';
import { switchTo } from '../../../tui/state/fleet.ts';
import { setSetting } from '../../../tui/views/config/config-state.ts';
import { fixedSnapshot } from '../fixture-data.ts';
import { configured } from '../screens/config.ts';

const size = { columns: 80, rows: 24 };

function createFleet(...names: string[]) {
  const store = createFleetStore(
    names.map((name) => ({ name })),
    firstState({ size, view: 'overview', readOnly: false, now: 0 }),
  );
  for (const index of names.keys())
    store.of(index).dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  const target = {
    state: store.get,
    dispatch: store.dispatch,
    quit: () => store.dispatch({ type: 'notice', notice: { tone: 'good', text: 'has quit' } }),
  } as unknown as ConsoleTarget;
  const press = (id: string) => findBinding(bindings, store.get(), id)?.run(target);
  const asked = () => questionOf(store.get())?.asked ?? '';
  return { store, press, asked };
}

const names = ['berlin', 'paris', 'oslo'] as const;

test('fleet › an answer that comes after a switch stays with its name server', (t) => {
  const { store, press } = createFleet(...names);
  const berlin = store.of(0);
  press(']');
  t.is(store.current(), 1);
  berlin.dispatch({ type: 'notice', notice: { tone: 'good', text: 'draining' } });
  berlin.dispatch({
    type: 'connection',
    change: { type: 'lost', now: 0, reason: 'gone', nextAt: 1 },
  });
  t.is(store.get().notice, null);
  t.is(store.get().connection.phase, 'live');
  t.is(store.get().fleet.servers[0]?.shown.connection.phase, 'lost');
  press('[');
  t.is(store.get().notice?.text, 'draining');
});

test('fleet › a switch keeps the view, and each name server its filter and selection', (t) => {
  const { store, press } = createFleet(...names);
  press('3');
  store.dispatch({ type: 'filter', text: 'a' });
  press(']');
  t.is(store.get().view, 'peers');
  t.is(store.get().peers.filter, '');
  press(']');
  press(']');
  t.is(store.current(), 0);
  t.is(store.get().peers.filter, 'a');
});

test('fleet › the window, the clock, a pause and the zone of times are those of all', (t) => {
  const { store, press } = createFleet(...names);
  store.dispatch({ type: 'resized', size: { columns: 200, rows: 50 } });
  store.dispatch({ type: 'tick', now: 7_000 });
  press('p');
  press(']');
  const { size: shown, now, paused } = store.get();
  t.deepEqual([shown.columns, now, paused !== null], [200, 7_000, true]);
  press('p');
  t.true(names.every((_, index) => store.of(index).get().paused === null));
});

test('fleet › what a confirmation is about has its name in front', (t) => {
  const { store, asked } = createFleet(...names);
  const prompt = { kind: 'confirm', text: '', asked: { action: 'drain' } } as const;
  store.dispatch({ type: 'fleet', change: (fleet) => switchTo(fleet, 1) });
  store.dispatch({ type: 'prompt', prompt });
  t.true(asked().startsWith('paris: Drain this name server?'), asked());
  const single = createFleetStore([{ name: null }], store.of(0).get());
  single.dispatch({ type: 'prompt', prompt });
  t.true(questionOf(single.get())?.asked.startsWith('Drain this name server?'));
});

test('fleet › the list opens at the current one and switches to the selected one', (t) => {
  const { store, press } = createFleet(...names);
  press(']');
  press('0');
  t.deepEqual(store.get().fleet.position.cursor, 1);
  press('j');
  press('j');
  press('enter');
  t.deepEqual([store.current(), store.get().fleet.isOpen], [2, false]);
  press('0');
  press('escape');
  t.deepEqual([store.current(), store.get().fleet.isOpen], [2, false]);
  press('0');
  press('4');
  t.deepEqual([store.get().view, store.get().fleet.isOpen], ['redirects', false]);
});

test('fleet › the palette finds the others by :ctx and by their names', (t) => {
  const { store } = createFleet(...names);
  const entries = (text: string) => {
    store.dispatch({ type: 'prompt', prompt: { kind: 'palette', text, chosen: 0 } });
    return paletteOf(bindings, store.get()).entries.map(({ help }) => help);
  };
  const oslo = 'ctx oslo: switch to this name server';
  t.deepEqual(entries('ctx'), ['ctx paris: switch to this name server', oslo]);
  t.deepEqual(entries('ctx oslo'), [oslo]);
  t.is(entries('oslo')[0], oslo);
  t.deepEqual(entries('ctx berlin'), [], 'the current one');
});

test('fleet › changes of ddns.conf that any of them has are asked about before the end', (t) => {
  const { store, press, asked } = createFleet(...names);
  store.of(2).dispatch(configured);
  const change = (config: Parameters<typeof setSetting>[0]) => setSetting(config, 'Backlog', '200');
  store.of(2).dispatch({ type: 'config', change });
  press('q');
  t.regex(asked(), /changes of oslo.*Type quit/);
});

test('fleet › with one name server the keys for others do nothing', (t) => {
  for (const { store, press } of [createFleet('berlin')]) {
    for (const key of ['0', ']', '[']) press(key);
    t.deepEqual([store.current(), store.get().fleet.isOpen], [0, false]);
  }
});
