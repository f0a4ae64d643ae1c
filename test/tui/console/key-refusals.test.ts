// What keys say that are of no use now, and that those are not offered.
import test from 'ava';
import type { PeerStatus, RedirectMode, Status } from '../../../shared/ipc/status-contract.ts';
import { bindings } from '../../../tui/console/bindings.ts';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { findBinding, hintsFor, keyRefusal } from '../../../tui/console/key-lookup.ts';
import { type ViewName, viewNames } from '../../../tui/state/common-state.ts';
import { dataFromSnapshot } from '../../../tui/state/daemon-data.ts';
import { firstConfig, setSetting, takeConfig } from '../../../tui/views/config/config-state.ts';
import { fixedConfig, fixedNow, fixedPeers, fixedSnapshot, marksOf } from '../fixture-data.ts';

function state(change: Partial<ConsoleState> = {}): ConsoleState {
  const size = { columns: 80, rows: 24 };
  return { ...firstState({ size, view: 'overview', readOnly: false, now: 0 }), ...change };
}

const found = (at: ConsoleState, key: string) => findBinding(bindings, at, key)?.help ?? null;

test('key refusals › with --read-only a key says why it does nothing, others do what they did', (t) => {
  const there = state({ view: 'hosts', readOnly: true });
  t.is(keyRefusal(bindings, there, '/'), null);
  t.is(keyRefusal(bindings, there, 'unknown'), null);
  t.is(
    keyRefusal(bindings, overridable(true), 'o'),
    'read-only: o would override self-preservation; start without --read-only for that',
  );
  t.is(keyRefusal(bindings, overridable(false), 'o'), null);
});

test('key refusals › what the name server would refuse says why, and names --read-only for nothing else', (t) => {
  const [well, silent, unreached] = fixedPeers() as [PeerStatus, PeerStatus, PeerStatus];
  const draining = { ...well, load: { backlog: 0, limit: 0, live: 3 } };
  const down: PeerStatus = { ...silent, state: 'down', encrypted: null };
  const redirecting = (mode: RedirectMode, to: string | null = null) => ({
    redirecting: { mode, to, since: fixedNow, isLoaded: false },
  });
  const stopping = 'the name server is shutting down and already redirects every node';
  const nobody = 'cannot drain: no peer accepts nodes now; see Peers';
  const cases: [key: string, change: Partial<Status>, why: string | null][] = [
    ['d', { peers: [well] }, null],
    ['d', {}, 'cannot drain: no peers configured; list them under NameServers in ddns.conf'],
    ['d', { peers: [draining, down, unreached] }, nobody],
    ['d', { peers: [well], ...redirecting('drain') }, 'already draining; u ends it'],
    ['d', { peers: [well], ...redirecting('stopping') }, stopping],
    ['t', { peers: [well] }, null],
    ['t', { peers: [draining] }, 'cannot drain to 192.0.2.2:4524: draining itself'],
    ['t', { peers: [down] }, 'cannot drain to 192.0.2.3:4524: down for 7 s'],
    [
      't',
      { peers: [unreached] },
      'cannot drain to 192.0.2.4:4524: not reached since this server started',
    ],
    [
      't',
      { peers: [well], ...redirecting('chosen', well.address) },
      'already draining to 192.0.2.2:4524; u ends it',
    ],
    ['t', { peers: [well], ...redirecting('stopping') }, stopping],
    ['u', { peers: [well] }, 'not draining; d starts a drain'],
    ['u', redirecting('drain'), null],
    ['u', redirecting('stopping'), stopping],
    ['S', { peers: [well] }, null],
    ['S', { peers: [down] }, 'cannot sync: not connected to 192.0.2.3:4524'],
  ];
  for (const [key, change, why] of cases) {
    const data = dataFromSnapshot(fixedSnapshot(change), 0);
    const at = state({ view: 'peers', data });
    t.is(keyRefusal(bindings, at, key), why, key);
    t.is(found(at, key) === null, why !== null, key);
    const hints = hintsFor(bindings, at).map(({ keys }) => keys[0]);
    t.is(hints.includes(key), why === null, key);
    const refusal = keyRefusal(bindings, { ...at, readOnly: true }, key);
    if (why === null) t.regex(refusal ?? '', /^read-only: /, key);
    else t.is(refusal, why);
  }
});

test('key refusals › without a connection nothing is asked of the name server, and each key says so', (t) => {
  const connection = { phase: 'lost', since: 0, attempts: 1, nextAt: 9, reason: 'x' } as const;
  const data = dataFromSnapshot(fixedSnapshot({ peers: fixedPeers() }), 0);
  const config = setSetting(takeConfig(firstConfig, fixedConfig()), 'TTL', '5m');
  const { hosts } = state();
  const lost = state({
    ...{ data, connection, config },
    hosts: { ...hosts, marked: marksOf(['10.0.0.1:1']) },
  });
  const why = 'not connected to the name server; retry when it is back';
  const asking: Partial<Record<ViewName, string[]>> = {
    overview: ['o'],
    hosts: ['P', 'x'],
    peers: ['t', 'd', 'u', 'S'],
    redirects: ['d', 'u'],
    config: ['R'],
    log: ['+', '-'],
  };
  for (const view of viewNames)
    for (const key of asking[view] ?? [])
      t.is(keyRefusal(bindings, { ...lost, view }, key), why, `${view} ${key}`);
  t.is(
    keyRefusal(bindings, { ...lost, view: 'config' }, 's'),
    'not connected to the name server; your changes are kept, retry when it is back',
  );
  t.regex(found({ ...lost, view: 'config' }, 'enter') ?? '', /^edit/, 'a draft is kept meanwhile');
});

test('key refusals › no host is removed while nothing can be stored', (t) => {
  const { hosts } = state();
  const storage = { state: 'degraded', file: 'x', reason: 'the disk is full', since: 0 } as const;
  const at = (change: Partial<Status>) =>
    state({
      ...{ view: 'hosts', data: dataFromSnapshot(fixedSnapshot(change), 0) },
      hosts: { ...hosts, marked: marksOf(['10.0.0.1:1']) },
    });
  t.is(keyRefusal(bindings, at({}), 'x'), null);
  t.is(
    keyRefusal(bindings, at({ storage }), 'x'),
    'cannot remove: storage degraded: the disk is full',
  );
});

test('key refusals › a setting that cannot be edited says why', (t) => {
  const config = takeConfig(firstConfig, fixedConfig({ unwritable: 'it is read-only' }));
  const at = state({ view: 'config', config });
  for (const key of ['enter', 'e'])
    t.is(keyRefusal(bindings, at, key), 'cannot be saved: it is read-only', key);
});

/** Deletions are held back, which an operator may override. */
function overridable(readOnly: boolean): ConsoleState {
  const selfPreservation = {
    active: true,
    reason: 'canaries',
    since: 0,
    overridden: false,
  } as const;
  const snapshot = fixedSnapshot({ selfPreservation });
  return reduceConsole(state({ view: 'overview', readOnly }), {
    type: 'snapshot',
    snapshot,
    now: 0,
  });
}
