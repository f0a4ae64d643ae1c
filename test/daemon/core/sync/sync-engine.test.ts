// Sessions between name servers, message by message: who is let in, and what is sent when.
import test from 'ava';
import { maxAsking } from '../../../../daemon/core/expiry/suspects.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { createCounters } from '../../../../daemon/core/stats/counters.ts';
import { Membership, membershipTimes } from '../../../../daemon/core/sync/membership.ts';
import type { Link, PeerEvent } from '../../../../daemon/core/sync/peer-session.ts';
import { SyncEngine } from '../../../../daemon/core/sync/sync-engine.ts';
import type {
  SyncMessage,
  SyncWelcome,
  Verdict,
} from '../../../../shared/protocol/sync-message.ts';
import { addressOf, register } from '../../../fixture/registry.ts';

const peerAddress = '10.0.0.2:4524';
const start = { mono: 0, wall: 1_000_000 };

class TestLink implements Link {
  sent: SyncMessage[] = [];
  isFull = false;
  readonly isEncrypted = false;
  isClosed = false;

  send(message: SyncMessage): void {
    this.sent.push(message);
  }

  close(): void {
    this.isClosed = true;
  }

  take(kind: SyncMessage['kind']): SyncMessage[] {
    const found = this.sent.filter((message) => message.kind === kind);
    this.sent = [];
    return found;
  }
}

function scene() {
  const registry = new Registry({ maxHosts: 10_000, server: 'here' });
  const counters = createCounters();
  const events: PeerEvent[] = [];
  const judged: { address: string; give: (verdict: Verdict) => void }[] = [];
  const context = {
    registry,
    counters,
    membership: new Membership('here', [peerAddress], membershipTimes(3_600_000)),
    id: 'here',
    run: '00000001',
    version: '1.2.3',
    epoch: '0000000a',
    listen: '10.0.0.1:4524',
    load: () => ({ backlog: 1, limit: 2, live: 3 }),
    commit: () => {},
    renumber: () => '0000000b',
    event: (event: PeerEvent) => events.push(event),
    judge: (address: string, give: (verdict: Verdict) => void) => judged.push({ address, give }),
  };
  const syncEngine = new SyncEngine({ context, random: () => 0 });
  const link = new TestLink();
  return { registry, counters, events, context, syncEngine, link, judged };
}

const welcome: SyncWelcome = {
  kind: 'welcome',
  id: 'there',
  run: '00000002',
  protocol: 1,
  clock: start.wall,
  applied: 0,
};

const hello = {
  kind: 'hello',
  id: 'there',
  epoch: '0000000c',
  run: '00000002',
  protocol: 1,
  clock: 0,
  listen: peerAddress,
  entry: 2,
} as const;

function opened() {
  const all = scene();
  const session = all.syncEngine.dialled(peerAddress, all.link, start);
  if (session === null) throw new Error('no session');
  session.receive(welcome, start);
  return { ...all, session };
}

test('sync engine › who dialled greets, and says nothing more before the answer', (t) => {
  const { syncEngine, link, registry } = scene();
  const session = syncEngine.dialled(peerAddress, link, start);
  register(registry, addressOf(1));
  registry.settle();
  session?.tick({ mono: 1_000, wall: start.wall });
  session?.committed(start);
  t.deepEqual(link.sent, [
    {
      kind: 'hello',
      id: 'here',
      epoch: '0000000a',
      run: '00000001',
      protocol: 1,
      clock: start.wall,
      listen: '10.0.0.1:4524',
      entry: 0,
      version: '1.2.3',
    },
  ]);
  t.is(syncEngine.dialled('10.0.0.9:1', link, start), null, 'no peer');
});

test('sync engine › a server that dialled itself leaves that address out', (t) => {
  const { syncEngine, link, events } = scene();
  const session = syncEngine.dialled(peerAddress, link, start);
  session?.receive({ ...welcome, id: 'here', run: '00000001' }, start);
  t.true(link.isClosed);
  t.deepEqual(
    events.map(({ kind }) => kind),
    ['self'],
  );
  t.deepEqual(syncEngine.view(0), []);
});

test('sync engine › two servers with one id refuse each other, and say so once', (t) => {
  const { syncEngine, events, counters } = scene();
  for (const _ of [1, 2]) {
    const link = new TestLink();
    syncEngine.dialled(peerAddress, link, start)?.receive({ ...welcome, id: 'here' }, start);
    t.true(link.isClosed);
  }
  t.is(events.length, 1);
  t.regex(
    syncEngine.view(0)[0]?.trouble ?? '',
    /has this server's id here: one database is used by/,
  );
  const refusal = syncEngine.accepted({ ...hello, id: 'here' }, new TestLink(), start);
  t.is('code' in refusal && refusal.code, 'same-id');
  const newer = syncEngine.accepted({ ...hello, id: 'x', protocol: 2 }, new TestLink(), start);
  t.is('code' in newer && newer.code, 'sync-version');
  t.is(counters.changesRefused, 0);
});

test('sync engine › changes go out when they are on the disk, at most four batches without an answer', (t) => {
  const { registry, link, session } = opened();
  link.take('beat');
  for (let index = 0; index < 3_000; index++) register(registry, addressOf(index));
  session.committed(start);
  t.deepEqual(link.take('changes'), [], 'nothing is committed yet');
  registry.settle();
  session.committed(start);
  const batches = link.take('changes');
  t.deepEqual(
    batches.map((each) => each.kind === 'changes' && [each.entry, each.changes.length]),
    [500, 1_000, 1_500, 2_000].map((entry) => [entry, 500]),
  );
  t.deepEqual(session.lag(70), { entries: 3_000, ms: 70 });
  session.receive({ kind: 'ack', entry: 1_000 }, start);
  t.is(link.take('changes').length, 2);
  session.receive({ kind: 'ack', entry: 3_000 }, start);
  t.deepEqual(session.lag(70), { entries: 0, ms: 0 });
  register(registry, addressOf(1), { nodeId: 'other' });
  session.committed(start);
  t.deepEqual(link.sent, [], 'something is pending');
});

test('sync engine › versions from next year are refused and counted, and the rest is taken and acknowledged', (t) => {
  const { syncEngine, registry, counters, link } = scene();
  const session = syncEngine.accepted(hello, link, start);
  if ('code' in session) throw new Error(session.text);
  link.take('welcome');
  const change = (index: number, ms: number) => ({
    address: addressOf(index),
    nodeId: 'node',
    state: 'live' as const,
    dialect: 'native' as const,
    firstSeen: 1,
    lastSeen: 1,
    version: { ms, counter: 0, server: 'there' },
  });
  const changes = [change(1, start.wall), change(2, start.wall + 365 * 86_400_000)];
  session.receive({ kind: 'changes', entry: 2, changes }, start);
  t.deepEqual(link.sent, [], 'nothing is stored yet');
  registry.settle();
  session.committed();
  t.deepEqual(link.sent, [{ kind: 'ack', entry: 2 }]);
  t.deepEqual([registry.live.length, counters.changesRefused, counters.changesReceived], [1, 1, 2]);
  t.is(registry.applied.entryOf('there', '0000000c'), 2);
  t.is(registry.log.length, 0, 'nothing of it is passed on');
});

test('sync engine › a peer that knows later entries makes this server number anew', (t) => {
  const { syncEngine, link, events, context } = scene();
  syncEngine.dialled(peerAddress, link, start)?.receive({ ...welcome, applied: 5 }, start);
  t.deepEqual(
    [link.isClosed, context.epoch, events.map(({ kind }) => kind)],
    [true, '0000000b', ['renumbered']],
  );
});

test('sync engine › heartbeats tell the round trip, and a silent connection is closed', (t) => {
  const { syncEngine, link, session } = opened();
  t.deepEqual(link.take('beat'), [
    { kind: 'beat', clock: start.wall, number: 1, backlog: 1, limit: 2, live: 3 },
  ]);
  session.receive(
    { kind: 'echo', clock: start.wall + 500, number: 1 },
    { mono: 20, wall: start.wall + 20 },
  );
  const [peer] = syncEngine.view(20);
  t.deepEqual([peer?.state, peer?.roundTripMs, peer?.clockMs], ['alive', 20, 490]);
  session.tick({ mono: 15_019, wall: start.wall });
  t.false(link.isClosed);
  session.tick({ mono: 15_020, wall: start.wall });
  t.true(link.isClosed);
  t.is(syncEngine.view(15_020)[0]?.state, 'down');
});

test('sync engine › an opinion is asked of the server that is meant, and given to whoever asked', (t) => {
  const { syncEngine, link, session, counters } = opened();
  link.sent = [];
  const given: string[] = [];
  syncEngine.ask('nobody', addressOf(1), (verdict) => given.push(verdict));
  t.deepEqual(link.sent, []);
  for (const index of [1, 2])
    syncEngine.ask('there', addressOf(index), (verdict) => given.push(`${index} ${verdict}`));
  t.deepEqual(link.sent, [
    { kind: 'ask', number: 1, address: addressOf(1) },
    { kind: 'ask', number: 2, address: addressOf(2) },
  ]);
  session.receive({ kind: 'opinion', number: 2, verdict: 'dead' }, start);
  session.receive({ kind: 'opinion', number: 2, verdict: 'alive' }, start);
  session.receive({ kind: 'opinion', number: 9, verdict: 'alive' }, start);
  session.receive({ kind: 'opinion', number: 1, verdict: 'unknown' }, start);
  t.deepEqual(given, ['2 dead', '1 unknown']);
  t.is(counters.opinionsAsked, 2);
});

test('sync engine › a peer gets the opinions it asks for, and none beyond what can be asked at once', (t) => {
  const { syncEngine, link, judged, counters } = scene();
  const session = syncEngine.accepted(hello, link, start);
  if ('code' in session) throw new Error(session.text);
  for (let number = 1; number <= maxAsking; number++)
    session.receive({ kind: 'ask', number, address: addressOf(number) }, start);
  link.sent = [];
  session.receive({ kind: 'ask', number: 1_000, address: addressOf(1) }, start);
  t.deepEqual(link.sent, [{ kind: 'opinion', number: 1_000, verdict: 'unknown' }]);
  t.is(judged.length, maxAsking);
  t.is(counters.opinionsGiven, maxAsking);
  judged[4]?.give('dead');
  session.receive({ kind: 'ask', number: 1_001, address: addressOf(3) }, start);
  t.deepEqual(link.sent.slice(1), [{ kind: 'opinion', number: 5, verdict: 'dead' }]);
  t.is(judged.at(-1)?.address, addressOf(3));
});

test('sync engine › what two servers cannot agree on is compared less and less often', (t) => {
  const { link, session } = opened();
  link.sent = [];
  const at: number[] = [];
  for (let mono = 0; mono < 120_000; mono += 250) {
    const now = { mono, wall: start.wall + mono };
    session.receive({ kind: 'ack', entry: 0 }, now);
    session.tick(now);
    if (link.take('digest').length === 0) continue;
    at.push(mono);
    session.receive({ kind: 'differ', buckets: [3] }, now);
  }
  t.deepEqual(at, [6_000, 7_000, 9_000, 13_000, 21_000, 37_000, 67_000, 97_000]);
});

const { settledMs } = membershipTimes(3_600_000);

test('sync engine › a server catches up until comparing brought what its peer had, whoever registered it', (t) => {
  const { syncEngine, link, session } = opened();
  t.true(syncEngine.isCatchingUp(0), 'nothing was compared yet');
  const incoming = syncEngine.accepted(hello, new TestLink(), start);
  if ('code' in incoming) throw new Error(incoming.text);
  incoming.receive({ kind: 'changes', entry: 2, changes: [] }, start);
  t.true(syncEngine.isCatchingUp(settledMs), 'its log says nothing of the hosts of others');
  session.tick(start);
  t.is(link.take('digest').length, 1, 'now that its log is here, and not when it is due');
  session.receive({ kind: 'differ', buckets: [] }, start);
  t.false(syncEngine.isCatchingUp(settledMs));
});

test('sync engine › a server whose peer does not name it catches up by comparing alone', (t) => {
  const { syncEngine, link, session } = opened();
  const answers = [Array.from({ length: 32 }, (_, bucket) => bucket), [40, 41], [1], [2]];
  const states = answers.map((buckets, round) => {
    const now = { mono: start.mono + settledMs + round * 30_000, wall: start.wall };
    session.receive({ kind: 'ack', entry: 0 }, now);
    session.tick(now);
    t.is(link.take('digest').length, 1);
    session.receive({ kind: 'differ', buckets }, now);
    return syncEngine.isCatchingUp(now.mono);
  });
  t.deepEqual(states, [true, true, true, false]);
});

test('sync engine › a server that its peer dials, and that cannot dial it, catches up by what the peer compares', (t) => {
  const { syncEngine, registry } = scene();
  const link = new TestLink();
  const incoming = syncEngine.accepted(hello, link, start);
  if ('code' in incoming) throw new Error(incoming.text);
  incoming.receive({ kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 }, start);
  incoming.receive({ kind: 'changes', entry: 2, changes: [] }, start);
  t.true(syncEngine.isCatchingUp(start.mono));
  incoming.receive({ kind: 'digest', buckets: registry.digest.buckets() }, start);
  t.false(syncEngine.isCatchingUp(start.mono));
});

test('sync engine › digests are compared when the log from before the greeting is here, or its connection gone', (t) => {
  const { syncEngine, link, session } = opened();
  const incoming = syncEngine.accepted(hello, new TestLink(), start);
  if ('code' in incoming) throw new Error(incoming.text);
  incoming.receive({ kind: 'changes', entry: 1, changes: [] }, start);
  const later = { mono: 6_000, wall: start.wall };
  session.tick(later);
  t.deepEqual(link.take('digest'), [], 'an entry is on its way');
  incoming.receive({ kind: 'changes', entry: 2, changes: [] }, later);
  session.tick(later);
  t.is(link.take('digest').length, 1);

  const second = opened();
  const broken = second.syncEngine.accepted(hello, new TestLink(), start);
  if ('code' in broken) throw new Error(broken.text);
  broken.receive({ kind: 'changes', entry: 1, changes: [] }, start);
  second.syncEngine.closed(broken);
  second.session.tick(later);
  t.is(second.link.take('digest').length, 1);
});

test('sync engine › the address that a connection came from is not one at which a peer says it is reached', (t) => {
  const { syncEngine, context } = scene();
  const beat = { kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 } as const;
  for (const saysWhere of [true, false]) {
    const session = syncEngine.accepted(hello, new TestLink(), start, saysWhere);
    if ('code' in session) throw new Error(session.text);
    session.receive(beat, start);
    t.is(context.membership.at(peerAddress)?.listen, saysWhere ? peerAddress : null);
  }
});

test('sync engine › each side learns the version of the other, whoever dialled', (t) => {
  const dialling = scene();
  dialling.syncEngine
    .dialled(peerAddress, dialling.link, start)
    ?.receive({ ...welcome, version: '2.0.0' }, start);
  t.is(dialling.syncEngine.view(0)[0]?.version, '2.0.0');

  const { syncEngine, link } = scene();
  syncEngine.accepted({ ...hello, version: '2.0.0' }, link, start);
  t.like(link.sent[0], { kind: 'welcome', version: '1.2.3' });
  t.is(syncEngine.view(0)[0]?.version, '2.0.0');
  const older = new TestLink();
  syncEngine.accepted(hello, older, start);
  t.false('version' in (older.sent[0] as object), 'an older one would not understand it');
  t.is(syncEngine.view(0)[0]?.version, null);
});

test('sync engine › a peer from before greetings had a version is greeted without, and nothing is said of it', (t) => {
  const { syncEngine, link, events } = scene();
  const malformed = {
    kind: 'error',
    code: 'malformed',
    text: 'sync must begin with a hello',
  } as const;
  const first = syncEngine.dialled(peerAddress, link, start);
  first?.receive(malformed, start);
  if (first) syncEngine.closed(first);
  t.true(link.isClosed);
  t.deepEqual([events, syncEngine.view(0)[0]?.trouble], [[], null]);

  const again = new TestLink();
  const second = syncEngine.dialled(peerAddress, again, start);
  t.false('version' in (again.sent[0] as object));
  second?.receive(welcome, start);
  t.true(second?.isOpen);
  t.is(syncEngine.view(0)[0]?.version, null);

  // It was updated, and tells its version where it dials: the next greeting has one again.
  syncEngine.accepted({ ...hello, version: '2.0.0' }, new TestLink(), start);
  const third = new TestLink();
  syncEngine.dialled(peerAddress, third, start);
  t.like(third.sent[0], { kind: 'hello', version: '1.2.3' });
  t.is(syncEngine.view(0)[0]?.version, '2.0.0');
});

test('sync engine › who takes a greeting without a version for malformed, too, is shown with what it says', (t) => {
  const { syncEngine, events } = scene();
  for (const times of [1, 2]) {
    const link = new TestLink();
    const session = syncEngine.dialled(peerAddress, link, start);
    session?.receive({ kind: 'error', code: 'malformed', text: `no, ${times}` }, start);
  }
  t.is(syncEngine.view(0)[0]?.trouble, 'no, 2');
  t.deepEqual(
    events.map(({ text }) => text),
    ['no, 2'],
  );
});
