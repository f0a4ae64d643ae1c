// Comparing with a peer when an operator wants it: at once, until nothing differs, and not for ever.
import test from 'ava';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { createCounters } from '../../../../daemon/core/stats/counters.ts';
import { type Comparison, longestWaitMs } from '../../../../daemon/core/sync/comparisons.ts';
import { Membership, membershipTimes } from '../../../../daemon/core/sync/membership.ts';
import { SyncEngine } from '../../../../daemon/core/sync/sync-engine.ts';
import type { SyncMessage } from '../../../../shared/protocol/sync-message.ts';
import { addressOf, register } from '../../../fixture/registry.ts';

const peerAddress = '10.0.0.2:4524';
const wall = 1_000_000;
const at = (mono: number) => ({ mono, wall: wall + mono });

/** A session with a peer that has answered, and whatever is said to the peer from then on. */
function scene() {
  const registry = new Registry({ maxHosts: 100, server: 'here' });
  const sent: SyncMessage[] = [];
  const syncEngine = new SyncEngine({
    context: {
      registry,
      counters: createCounters(),
      membership: new Membership('here', [peerAddress], membershipTimes(3_600_000)),
      id: 'here',
      run: '00000001',
      version: '1.2.3',
      epoch: '0000000a',
      listen: '10.0.0.1:4524',
      load: () => ({ backlog: 0, limit: 1, live: 0 }),
      commit: () => {},
      renumber: () => null,
      event: () => {},
      judge: () => {},
    },
    random: () => 0,
  });
  const session = syncEngine.dialled(
    peerAddress,
    { isFull: false, isEncrypted: false, send: (message) => sent.push(message), close: () => {} },
    at(0),
  );
  if (session === null) throw new Error('no session');
  const welcome = { kind: 'welcome', id: 'there', run: '00000002', protocol: 1 } as const;
  session.receive({ ...welcome, clock: wall, applied: 0 }, at(0));
  const ended: Comparison[] = [];
  const compare = (mono: number) =>
    syncEngine.compare(peerAddress, at(mono), (comparison) => ended.push(comparison));
  const digests = () => {
    const count = sent.filter(({ kind }) => kind === 'digest').length;
    sent.length = 0;
    return count;
  };
  return { registry, syncEngine, session, sent, ended, compare, digests };
}

test('comparisons › a wish is met at once, not when the next regular comparison is due', (t) => {
  const { session, ended, compare, digests } = scene();
  session.tick(at(100));
  t.is(digests(), 0);
  t.true(compare(100));
  t.is(digests(), 1);
  session.receive({ kind: 'differ', buckets: [] }, at(120));
  t.deepEqual(ended, [{ end: 'equal', received: 0, sent: 0 }]);
  session.receive({ kind: 'differ', buckets: [] }, at(130));
  t.is(ended.length, 1, 'told once');
});

test('comparisons › what the rounds bring to either side is counted until nothing differs', (t) => {
  const { registry, session, ended, compare, digests } = scene();
  for (const index of [1, 2]) register(registry, addressOf(index));
  registry.settle();
  session.tick(at(10));
  session.receive({ kind: 'ack', entry: registry.committedEntry }, at(20));
  compare(30);
  t.is(digests(), 1);
  session.receive({ kind: 'differ', buckets: [0] }, at(40));
  const leafOf = (row: number) =>
    [...Array(16_384).keys()].find((leaf) =>
      [...registry.digest.rowsOf(leaf)].some(([each]) => each === row),
    ) as number;
  session.receive({ kind: 'rows', leaf: leafOf(0), hashes: [] }, at(50));
  const change = {
    address: addressOf(7),
    nodeId: 'n',
    state: 'live',
    dialect: 'native',
    firstSeen: wall,
    lastSeen: wall,
    version: { ms: wall, counter: 0, server: 'there' },
  } as const;
  session.receive({ kind: 'repair', changes: [change, change] }, at(60));
  t.deepEqual(ended, []);
  session.tick(at(1_040));
  t.is(digests(), 1, 'a second later it is looked at again');
  session.receive({ kind: 'differ', buckets: [] }, at(1_050));
  t.deepEqual(ended, [{ end: 'equal', received: 1, sent: 1 }]);
});

test('comparisons › the answer to one that had begun before does not count', (t) => {
  const { session, ended, compare, digests } = scene();
  session.tick(at(6_000));
  t.is(digests(), 1, 'the regular one');
  compare(6_010);
  t.is(digests(), 1);
  session.receive({ kind: 'differ', buckets: [] }, at(6_020));
  t.deepEqual(ended, [], 'of the regular one');
  session.receive({ kind: 'differ', buckets: [] }, at(6_030));
  t.is(ended.length, 1);
});

test('comparisons › it waits until the peer has what was said to it, and for ten seconds at most', (t) => {
  const { registry, session, ended, compare, digests } = scene();
  register(registry, addressOf(1));
  registry.settle();
  session.committed(at(10));
  compare(20);
  t.is(digests(), 0, 'the change is on its way, and would be sent again');
  session.tick(at(20 + longestWaitMs - 1));
  t.deepEqual(ended, []);
  session.tick(at(20 + longestWaitMs));
  t.deepEqual(ended, [{ end: 'unfinished', received: 0, sent: 0 }]);
  session.receive({ kind: 'ack', entry: registry.committedEntry }, at(10_030));
  session.tick(at(10_040));
  t.is(digests(), 1, 'and it goes on');
});

test('comparisons › a connection that ends is told, and without one there is nothing to wait for', (t) => {
  const { syncEngine, session, ended, compare } = scene();
  compare(10);
  syncEngine.closed(session);
  t.deepEqual(ended, [{ end: 'lost', received: 0, sent: 0 }]);
  t.false(compare(20));
  t.false(syncEngine.compare('10.0.0.9:1', at(20), () => t.fail()));
  t.is(ended.length, 1);
});
