import test from 'ava';
import type { ActivityKind, RedirectMode, Status } from '../../../shared/ipc/status-contract.ts';
import { bindings } from '../../../tui/console/bindings.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { type ConsoleTarget, findBinding, hintsFor } from '../../../tui/console/key-lookup.ts';
import { keyGroups, type Scope } from '../../../tui/keys/binding.ts';
import { hostsKey } from '../../../tui/keys/common-keys.ts';
import { viewNames, zoneOf } from '../../../tui/state/common-state.ts';
import { dataFromSnapshot } from '../../../tui/state/daemon-data.ts';
import { confirmed, type Prompt } from '../../../tui/state/prompt.ts';
import {
  firstConfig,
  setReview,
  setSetting,
  takeConfig,
} from '../../../tui/views/config/config-state.ts';
import { firstOverview } from '../../../tui/views/overview/overview-state.ts';
import { fixedConfig, fixedNow, fixedPeers, fixedSnapshot, marksOf } from '../fixture-data.ts';
import { idsOf } from '../key-ids.ts';

function state(change: Partial<ConsoleState> = {}): ConsoleState {
  const size = { columns: 80, rows: 24 };
  return { ...firstState({ size, view: 'overview', readOnly: false, now: 0 }), ...change };
}

const found = (at: ConsoleState, bytes: string) =>
  findBinding(bindings, at, idsOf(bytes)[0] ?? '')?.help ?? null;

test('keys › a key is taken once: in its scope, and not in a view if it acts everywhere', (t) => {
  const taken = (inner: Scope, key: string) =>
    bindings.filter(
      ({ scope, keys }) =>
        keys.includes(key) &&
        (scope === inner || (scope === 'everywhere' && viewNames.some((view) => view === inner))),
    );
  const shared = keyGroups.flatMap(({ scope }) =>
    [...new Set(bindings.filter((each) => each.scope === scope).flatMap(({ keys }) => keys))]
      .filter((key) => taken(scope, key).length > 1)
      .map((key) => ({ scope, key })),
  );
  // Meant to be shared: the first has a condition.
  t.deepEqual(shared, [
    { scope: 'everywhere', key: 'p' },
    { scope: 'hosts', key: 'escape' },
  ]);
  for (const { scope, key } of shared) t.truthy(taken(scope, key)[0]?.enabled, `${scope} ${key}`);
});

test('keys › p pauses and resumes in every view', (t) => {
  for (const view of viewNames) {
    t.regex(found(state({ view }), 'p') ?? '', /^pause: /, view);
    const paused = { since: 0, now: 0, data: null };
    t.regex(found(state({ view, paused }), 'p') ?? '', /^resume/, view);
  }
});

test('keys › every scope with keys has a group in the help', (t) => {
  const used = [...new Set(bindings.map(({ scope }) => scope))];
  t.deepEqual(keyGroups.map(({ scope }) => scope).sort(), used.sort());
});

test('keys › a view has its own keys and the common ones', (t) => {
  t.is(found(state(), 'x'), null);
  t.is(found(state(), 'q'), 'quit');
  t.is(found(state({ view: 'hosts' }), '/')?.slice(0, 6), 'filter');
  t.is(found(state({ view: 'hosts' }), 'q'), 'quit');
});

test('keys › while text is typed, letters are text, and only control keys act', (t) => {
  const typing = state({ view: 'hosts', prompt: { kind: 'filter', text: '', before: '' } });
  for (const letter of ['q', 'j', '/', '1', '?', ' ']) t.is(found(typing, letter), null, letter);
  t.is(found(typing, '\u0003'), 'quit');
  t.is(found(typing, '\u001a'), 'suspend; `fg` resumes');
  t.is(found(typing, '\u007f'), 'erase a character');
});

test('keys › a disabled key does nothing', (t) => {
  t.is(found(state({ view: 'hosts' }), 'x'), null, 'nothing is selected');
  t.is(found(state({ view: 'hosts' }), '\u001b'), null, 'there is no filter to take away');
});

test('keys › Esc clears marks first, then the filter', (t) => {
  const { hosts } = state();
  const at = (filter: string, ...marked: string[]) =>
    state({ view: 'hosts', hosts: { ...hosts, filter, marked: marksOf(marked) } });
  const hints = (there: ConsoleState) =>
    hintsFor(bindings, there)
      .filter(({ keys }) => keys.includes('escape'))
      .map(({ label }) => label);
  t.is(found(at('x', '10.0.0.1:1'), '\u001b'), 'clear marks');
  t.deepEqual(hints(at('x', '10.0.0.1:1')), ['unmark']);
  t.is(found(at('x'), '\u001b'), 'clear the filter');
  t.deepEqual(hints(at('x')), ['clear filter']);
  t.is(found(at(''), '\u001b'), null);
});

test('keys › removing marked hosts is confirmed by a word with their number', (t) => {
  const addresses = ['10.0.0.1:1', '10.0.0.2:1'];
  const typed = (text: string, asked = addresses, readOnly = false) => {
    const prompt: Prompt = { kind: 'confirm', text, asked: { action: 'remove', addresses: asked } };
    return confirmed(state({ readOnly, prompt })) !== null;
  };
  t.true(typed('remove 2'));
  for (const wrong of ['remove', 'remove 3', 'remove2', '']) t.false(typed(wrong), wrong);
  t.false(typed('remove 2', addresses, true));
  t.true(typed('remove', addresses.slice(1)));
});

test('keys › what the name server is asked for after a question is refused with --read-only', (t) => {
  const asking = bindings.filter(({ help }) => help.includes('(asks first)'));
  t.true(asking.length > 9);
  const own = 'discard all unsaved changes (asks first)';
  for (const { changes, help } of asking) t.is(changes === true, help !== own, help);
});

test('keys › drain keys are offered only where a drain is possible, and not with --read-only', (t) => {
  const help = { d: 'drain: redirect', t: 'drain to', u: 'end the drain', o: 'override' };
  const offered = (change: Partial<Status>, options: Partial<ConsoleState> = {}) => {
    const data = dataFromSnapshot(fixedSnapshot(change), 0);
    return (Object.keys(help) as (keyof typeof help)[])
      .filter((key) => {
        const view = key === 'o' ? 'overview' : 'peers';
        return found(state({ view, data, ...options }), key)?.startsWith(help[key]);
      })
      .join('');
  };
  const peers = fixedPeers();
  const at = (mode: RedirectMode, to: string | null = null) => ({
    peers,
    redirecting: { mode, to, since: fixedNow, isLoaded: false },
  });
  const frozen = { active: true, reason: 'canaries', since: fixedNow, overridden: false } as const;
  t.is(offered({}), '');
  t.is(offered({ peers }), 'dt');
  t.is(offered(at('drain')), 'tu');
  t.is(offered(at('chosen', peers[0]?.address)), 'du');
  t.is(offered(at('chosen', '192.0.2.9:4524')), 'dtu');
  t.is(offered({ peers: peers.slice(1) }), '', 'none of them accepts nodes');
  t.is(offered(at('stopping')), '');
  t.is(offered({ selfPreservation: frozen }), 'o');
  t.is(offered({ selfPreservation: { ...frozen, overridden: true } }), '');
  t.is(offered({ ...at('drain'), selfPreservation: frozen }, { readOnly: true }), '');
});

test('keys › log level keys stop at the first and last level, and are not offered with --read-only', (t) => {
  const offered = (level: Status['log']['level'], readOnly = false) => {
    const data = dataFromSnapshot(fixedSnapshot({ log: { level, lines: 1 } }), 0);
    const at = state({ view: 'log', data, readOnly });
    return ['+', '-'].filter((key) => found(at, key) !== null).join('');
  };
  t.is(offered('error'), '+');
  t.is(offered('info'), '+-');
  t.is(offered('trace'), '-');
  t.is(offered('info', true), '');
});

test('keys › only its word confirms an action, and never with --read-only', (t) => {
  const asked = { action: 'send', address: '192.0.2.2:4524' } as const;
  const typed = (text: string, readOnly = false) =>
    confirmed(state({ readOnly, prompt: { kind: 'confirm', text, asked } }));
  t.is(typed(''), null);
  t.is(typed('send'), null);
  t.deepEqual(typed(' drain '), asked);
  t.is(typed('drain', true), null);
});

test('keys › in Config a value being typed takes all letters, and a review has keys of its own', (t) => {
  const prompt = { kind: 'setting', name: 'TTL', text: '', before: '60m' } as const;
  const typing = state({ view: 'config', prompt });
  for (const letter of ['q', 's', 'y', '5', ' ']) t.is(found(typing, letter), null, letter);
  t.regex(found(typing, '\r') ?? '', /^accept the value/);
  const config = setReview(takeConfig(firstConfig, fixedConfig()), { kind: 'conflict' });
  const reviewing = state({ view: 'config', config });
  t.is(found(reviewing, 'y'), null, 'there is no difference that was agreed to');
  t.regex(found(reviewing, 'R') ?? '', /^merge/);
  t.is(found(reviewing, '1')?.slice(0, 8), 'Overview');
});

test('keys › with --read-only Config offers no key that changes something', (t) => {
  const config = setSetting(takeConfig(firstConfig, fixedConfig()), 'TTL', '5m');
  const at = (readOnly: boolean) =>
    ['\r', 'd', 's', 'e'].map((key) => found(state({ view: 'config', config, readOnly }), key));
  t.deepEqual(at(true), [null, null, null, null]);
  t.is(at(false).filter((help) => help === null).length, 1, 'Domain is not in the file: no d');
});

test('keys › q and Ctrl-C ask once before unsaved changes of ddns.conf are lost', (t) => {
  const config = setSetting(takeConfig(firstConfig, fixedConfig()), 'TTL', '5m');
  const press = (at: ConsoleState, bytes: string) => {
    const done: unknown[] = [];
    const target = {
      state: () => at,
      dispatch: (action: ConsoleAction) => done.push(action),
      quit: () => done.push('quit'),
    } as unknown as ConsoleTarget;
    findBinding(bindings, at, idsOf(bytes)[0] ?? '')?.run(target);
    return done;
  };
  const asked = { action: 'quit' } as const;
  const prompt: Prompt = { kind: 'confirm', text: '', asked, hits: ['TTL'] };
  t.deepEqual(press(state(), 'q'), ['quit']);
  t.deepEqual(press(state({ config }), 'q'), [{ type: 'prompt', prompt }]);
  t.deepEqual(press(state({ config }), '\u0003'), [{ type: 'prompt', prompt }]);
  t.deepEqual(press(state({ config, prompt }), '\u0003'), ['quit']);
});

test('keys › in a window that is too small q quits whatever was open, and nothing else acts unseen', (t) => {
  const size = { columns: 59, rows: 20 };
  const open: (Prompt | null)[] = [
    null,
    { kind: 'filter', text: '', before: '' },
    { kind: 'palette', text: '', chosen: 0 },
    { kind: 'help', text: '', top: 0 },
    { kind: 'confirm', text: 'drain', asked: { action: 'drain' } },
  ];
  for (const view of viewNames)
    for (const prompt of open) {
      const at = state({ view, size, prompt });
      t.is(found(at, 'q'), 'quit', `${view} ${prompt?.kind}`);
      t.is(found(at, '\u0003'), 'quit');
      for (const key of ['\r', 'x', 'd', '?', ':', '\u001b']) t.is(found(at, key), null, key);
    }
});

test('keys › c is offered only where not all charts fit', (t) => {
  const data = dataFromSnapshot(fixedSnapshot(), 0);
  const at = (columns: number, rows: number) =>
    found(state({ data, size: { columns, rows } }), 'c');
  t.is(at(80, 24), 'show the next charts (when not all fit)');
  t.is(at(60, 20), 'show the next charts (when not all fit)');
  t.is(at(200, 50), null);
  t.is(found(state(), 'c'), null, 'before there is anything to show');
});

test('keys › Enter on a redirect or a connection shows the hosts at its IP address', (t) => {
  for (const scope of ['redirects', 'backlog'] as const) {
    const key = bindings.find((each) => each.scope === scope && each.keys.includes('enter'));
    t.is(key?.label, 'its hosts', scope);
  }
  const dispatched: ConsoleAction[] = [];
  const key = hostsKey<ConsoleState>('redirect', () => '[2001:db8::1]:4000');
  const target = { state, dispatch: (action: ConsoleAction) => dispatched.push(action) };
  key.run(target as unknown as ConsoleTarget);
  t.deepEqual(dispatched, [
    { type: 'view', view: 'hosts' },
    { type: 'filter', text: '[2001:db8::1]:' },
  ]);
});

test('keys › Enter on an event shows its host, its peer, or the hosts at its source', (t) => {
  const shown = (kind: ActivityKind, address: string | null) => {
    const event = { seq: 7, at: fixedNow, kind, address, text: 'x' };
    const data = dataFromSnapshot({ ...fixedSnapshot(), activity: [event] }, 0);
    let at = state({ data, overview: { ...firstOverview, selected: 7 } });
    const target = {
      state: () => at,
      dispatch: (action: ConsoleAction) => {
        at = reduceConsole(at, action);
      },
    };
    findBinding(bindings, at, 'enter')?.run(target as unknown as ConsoleTarget);
    return at.view === 'overview'
      ? null
      : [at.view, at.view === 'peers' ? at.peers.filter : at.hosts.filter];
  };
  t.deepEqual(shown('registered', '192.0.2.7:4000'), ['hosts', '192.0.2.7:4000']);
  t.deepEqual(shown('peer', '192.0.2.2:4524'), ['peers', '192.0.2.2:4524']);
  t.deepEqual(shown('refused', '192.0.2.7:51234'), ['hosts', '192.0.2.7:']);
  t.is(shown('reloaded', null), null);
});

test('keys › U shows times in UTC, and in the zone of the machine again', (t) => {
  const pressed = (at: ConsoleState) => reduceConsole(at, { type: 'zone' });
  t.is(found(state(), 'U'), 'show times in UTC, or in the zone of this machine');
  const data = dataFromSnapshot(fixedSnapshot(), 0);
  const { TZ } = process.env;
  process.env.TZ = 'Asia/Tokyo';
  const there = state({ data });
  t.deepEqual(
    [there, pressed(there), pressed(pressed(there))].map((at) => zoneOf(at).name),
    ['+09:00', 'UTC', '+09:00'],
  );
  process.env.TZ = TZ;
});

test('keys › before there are data the Overview offers nothing about them', (t) => {
  const at = firstState({
    ...{ size: { columns: 80, rows: 24 }, view: 'overview', readOnly: false, now: 0 },
  });
  t.deepEqual(
    hintsFor(bindings, at).filter(({ scope }) => scope === 'overview'),
    [],
  );
});
