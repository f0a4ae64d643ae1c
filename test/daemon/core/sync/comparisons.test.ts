// Comparing with a peer: regularly, when an operator wants it, and after a start until everything that the
// peers had is here.
import test from 'ava';
import { CatchingUp, longestWaitMs } from '../../../../daemon/core/sync/comparisons.ts';
import { Membership } from '../../../../daemon/core/sync/membership.ts';
import { membershipTimes, type Peer } from '../../../../daemon/core/sync/peer.ts';
import { addressOf, register } from '../../../fixture/registry.ts';
import { EngineScene, hello, peerAddress, start, welcome } from '../../../fixture/sync-engine.ts';

const { wall } = start;
const at = (mono: number) => ({ mono, wall: wall + mono });

/** A session with a peer that has answered. */
function opened() {
  const scene = new EngineScene();
  const link = scene.open();
  const compare = (mono: number) =>
    scene.drive((engine) => engine.compare({ address: peerAddress }, at(mono)));
  const digests = () => link.take('digest').length;
  return { scene, link, registry: scene.registry, ended: scene.compared, compare, digests };
}

test('comparisons › a request is met at once, not when the next regular comparison is due', (t) => {
  const { scene, link, ended, compare, digests } = opened();
  scene.tick(at(100));
  t.is(digests(), 0);
  t.true(compare(100));
  t.is(digests(), 1);
  link.receive({ kind: 'differ', buckets: [] }, at(120));
  t.deepEqual(ended, [{ end: 'equal', received: 0, sent: 0 }]);
  link.receive({ kind: 'differ', buckets: [] }, at(130));
  t.is(ended.length, 1, 'once');
});

test('comparisons › records that either side gets are counted over all rounds, until nothing differs', (t) => {
  const { scene, link, registry, ended, compare, digests } = opened();
  for (const index of [1, 2]) register(registry, addressOf(index));
  registry.settle();
  scene.tick(at(10));
  link.receive({ kind: 'ack', entry: registry.committedEntry }, at(20));
  compare(30);
  t.is(digests(), 1);
  link.receive({ kind: 'differ', buckets: [0] }, at(40));
  const leafOf = (row: number) =>
    [...Array(16_384).keys()].find((leaf) =>
      [...registry.digest.rowsOf(leaf)].some(([each]) => each === row),
    ) as number;
  link.receive({ kind: 'rows', leaf: leafOf(0), hashes: [] }, at(50));
  const change = {
    address: addressOf(7),
    nodeId: 'n',
    state: 'live',
    dialect: 'native',
    firstSeen: wall,
    lastSeen: wall,
    version: { ms: wall, counter: 0, server: 'there' },
  } as const;
  link.receive({ kind: 'repair', changes: [change, change] }, at(60));
  t.deepEqual(ended, []);
  scene.tick(at(1_040));
  t.is(digests(), 1, 'a second later it is looked at again');
  link.receive({ kind: 'differ', buckets: [] }, at(1_050));
  t.deepEqual(ended, [{ end: 'equal', received: 1, sent: 1 }]);
});

test('comparisons › a comparison that began before the request does not answer it', (t) => {
  const { scene, link, ended, compare, digests } = opened();
  scene.tick(at(6_000));
  t.is(digests(), 1, 'the regular one');
  compare(6_010);
  t.is(digests(), 1);
  link.receive({ kind: 'differ', buckets: [] }, at(6_020));
  t.deepEqual(ended, [], 'of the regular one');
  link.receive({ kind: 'differ', buckets: [] }, at(6_030));
  t.is(ended.length, 1);
});

test('comparisons › a comparison waits until the peer has acknowledged everything, for ten seconds at most', (t) => {
  const { scene, link, registry, ended, compare, digests } = opened();
  register(registry, addressOf(1));
  registry.settle();
  scene.committed(at(10));
  compare(20);
  t.is(digests(), 0, 'the change is on its way, and would be sent again');
  scene.tick(at(20 + longestWaitMs - 1));
  t.deepEqual(ended, []);
  scene.tick(at(20 + longestWaitMs));
  t.deepEqual(ended, [{ end: 'unfinished', received: 0, sent: 0 }]);
  link.receive({ kind: 'ack', entry: registry.committedEntry }, at(10_030));
  scene.tick(at(10_040));
  t.is(digests(), 1, 'and it goes on');
});

test('comparisons › a connection that ends is reported, and without one there is nothing to wait for', (t) => {
  const { scene, link, ended, compare } = opened();
  compare(10);
  link.close();
  t.deepEqual(ended, [{ end: 'lost', received: 0, sent: 0 }]);
  t.false(compare(20));
  t.false(scene.engine.compare({ address: '10.0.0.9:1' }, at(20)));
  t.deepEqual(scene.engine.take(), []);
});

test('comparisons › records on which two servers cannot agree are compared less and less often', (t) => {
  const { scene, link, digests } = opened();
  link.sent = [];
  const times: number[] = [];
  for (let mono = 0; mono < 120_000; mono += 250) {
    link.echo(at(mono));
    scene.tick(at(mono));
    if (digests() === 0) continue;
    times.push(mono);
    link.receive({ kind: 'differ', buckets: [3] }, at(mono));
  }
  t.deepEqual(times, [6_000, 7_000, 9_000, 13_000, 21_000, 37_000, 67_000, 97_000]);
});

/** A pair of servers, each with a connection to the other. */
function paired() {
  const scene = new EngineScene();
  const link = scene.dial();
  link.receive({ ...welcome, version: '1', isTwoWay: true });
  const inbound = scene.accept({ ...hello, entry: 0, version: '1', isTwoWay: true });
  const beat = (mono: number, digest: string) =>
    inbound.receive(
      { kind: 'beat', clock: wall, number: mono, backlog: 0, limit: 1, live: 0, digest },
      at(mono),
    );
  const digests = () => link.take('digest').length;
  return { scene, link, inbound, beat, digests, own: scene.registry.digest.whole() };
}

test('comparisons › while hosts come, peers whose heartbeats had the same digest within ten seconds are not compared; others are', (t) => {
  const { scene, link, inbound, beat, digests, own } = paired();
  const comparedAt = (isEverTheSame: boolean, from: number) => {
    const times: number[] = [];
    for (let mono = from; mono < from + 90_000; mono += 1_000) {
      beat(mono, isEverTheSame && mono % 9_000 === 0 ? own : 'f'.repeat(16));
      link.echo(at(mono));
      inbound.echo(at(mono));
      scene.tick(at(mono));
      if (digests() === 0) continue;
      times.push(mono - from);
      link.receive({ kind: 'differ', buckets: [] }, at(mono));
    }
    return times;
  };
  t.deepEqual(comparedAt(true, 0), []);
  t.false(scene.engine.isCatchingUp(1_000), 'and everything that the peer has is here');
  t.true(comparedAt(false, 90_000).length >= 2);
});

test('comparisons › after a difference, a heartbeat that shows none is as good as another comparison', (t) => {
  for (const isSameNow of [true, false]) {
    const { scene, link, beat, digests, own } = paired();
    scene.tick(at(6_000));
    t.is(digests(), 1);
    link.receive({ kind: 'differ', buckets: [3] }, at(6_010));
    beat(6_500, isSameNow ? own : 'f'.repeat(16));
    scene.tick(at(7_010));
    t.is(digests(), isSameNow ? 0 : 1);
  }
});

test('comparisons › records that come are no reason to compare again soon, unless other buckets may differ', (t) => {
  const roundsWithin = (buckets: number[]) => {
    const { scene, link, digests } = opened();
    let rounds = 0;
    for (let mono = 0; mono < 30_000; mono += 250) {
      link.echo(at(mono));
      scene.tick(at(mono));
      if (digests() === 0) continue;
      rounds++;
      link.receive({ kind: 'differ', buckets }, at(mono));
      const host = { address: addressOf(rounds), nodeId: 'n', dialect: 'native' } as const;
      const seen = { firstSeen: wall, lastSeen: wall };
      const version = { ms: wall, counter: rounds, server: 'there' };
      link.receive(
        { kind: 'repair', changes: [{ ...host, ...seen, state: 'live', version }] },
        at(mono),
      );
    }
    return rounds;
  };
  t.is(roundsWithin([3]), 5, 'at 6, 7, 9, 13 and 21 s');
  t.true(roundsWithin(Array.from({ length: 32 }, (_, bucket) => bucket)) > 20);
});

const times = membershipTimes(3_600_000);
const { settledMs } = times;

test('catching up › lasts until a comparison has brought all hosts of the peer, whoever registered them', (t) => {
  const { scene, link, digests } = opened();
  const { engine } = scene;
  t.true(engine.isCatchingUp(0), 'nothing was compared yet');
  scene.accept().receive({ kind: 'changes', entry: 2, changes: [] });
  t.true(engine.isCatchingUp(settledMs), 'its log says nothing of the hosts of others');
  scene.tick(start);
  t.is(digests(), 1, 'now that its log is here, and not when it is due');
  link.receive({ kind: 'differ', buckets: [] });
  t.false(engine.isCatchingUp(settledMs));
});

test('catching up › a server whose peer does not name it catches up by comparing alone', (t) => {
  const { scene, link, digests } = opened();
  const answers = [Array.from({ length: 32 }, (_, bucket) => bucket), [40, 41], [1], [2]];
  const states = answers.map((buckets, round) => {
    const now = { mono: start.mono + settledMs + round * 30_000, wall };
    link.echo(now);
    scene.tick(now);
    t.is(digests(), 1);
    link.receive({ kind: 'differ', buckets }, now);
    return scene.engine.isCatchingUp(now.mono);
  });
  t.deepEqual(states, [true, true, true, false]);
});

test('catching up › a server that cannot dial its peer catches up when the peer compares', (t) => {
  const scene = new EngineScene();
  const inbound = scene.accept();
  inbound.receive({ kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 });
  inbound.receive({ kind: 'changes', entry: 2, changes: [] });
  t.true(scene.engine.isCatchingUp(start.mono));
  inbound.receive({ kind: 'digest', buckets: scene.registry.digest.buckets() });
  t.false(scene.engine.isCatchingUp(start.mono));
});

const addresses = ['10.0.0.2:4524', '10.0.0.3:4524'];
const startedAt = 5_000;

function startedServer(peers = addresses) {
  const membership = new Membership('here', peers, times);
  const catchingUp = new CatchingUp(membership);
  const [first, second] = membership.peers as [Peer, Peer];
  return { catchingUp, first, second };
}

test('catching up › a server without peers never catches up', (t) => {
  t.false(startedServer([]).catchingUp.isUnderWay(startedAt, false));
});

test('catching up › ends once, when the server has everything that its peers had', (t) => {
  const { catchingUp, first, second } = startedServer();
  t.true(catchingUp.isUnderWay(startedAt, false));
  first.isLogHere = true;
  second.isLogHere = true;
  t.true(catchingUp.isUnderWay(startedAt + 10, false), 'logs do not tell of hosts of others');
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt + 20, false));
  second.isCompared = true;
  t.false(catchingUp.isUnderWay(startedAt + 30, false));
  second.isCompared = false;
  t.false(catchingUp.isUnderWay(startedAt + 40, true));
});

test('catching up › the server waits for a silent peer as long as a peer takes to settle', (t) => {
  const { catchingUp, first } = startedServer();
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt, false));
  t.true(catchingUp.isUnderWay(startedAt + times.settledMs - 1, false));
  t.false(catchingUp.isUnderWay(startedAt + times.settledMs, false));
});

test('catching up › lasts until the lists of every connected peer were compared', (t) => {
  const { catchingUp, first, second } = startedServer();
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt, false));
  const late = startedAt + 10 * times.settledMs;
  second.noteMessage({ mono: late, wall: 0 });
  t.true(catchingUp.isUnderWay(late, false));
  second.isCompared = true;
  t.false(catchingUp.isUnderWay(late + 1, false));
});

test('catching up › lasts while no peer answers', (t) => {
  const { catchingUp, first } = startedServer();
  t.true(catchingUp.isUnderWay(startedAt, false));
  t.true(catchingUp.isUnderWay(startedAt + 100 * times.settledMs, false));
  first.isCompared = true;
  t.false(catchingUp.isUnderWay(startedAt + 100 * times.settledMs, false));
});

test('catching up › there is a source while a peer is there, or may be about to come', (t) => {
  const { catchingUp, first } = startedServer();
  t.true(catchingUp.hasSource(startedAt));
  const late = startedAt + times.settledMs;
  t.false(catchingUp.hasSource(late));
  first.noteMessage({ mono: late, wall: 0 });
  t.true(catchingUp.hasSource(late));
  t.false(startedServer([]).catchingUp.hasSource(startedAt));
});

test('catching up › lasts until a peer has sent everything it began to send', (t) => {
  const { catchingUp, first } = startedServer();
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt, true));
  t.true(catchingUp.isUnderWay(startedAt + 10 * times.settledMs, true));
  t.false(catchingUp.isUnderWay(startedAt + 10 * times.settledMs + 1, false));
});

test('comparisons › one is answered after an hour in which nothing but heartbeats came', (t) => {
  const { scene, inbound, beat, own } = paired();
  const hour = 3_600_000;
  for (let mono = 0; mono < hour; mono += 1_000) {
    beat(mono, own);
    inbound.echo(at(mono));
    scene.tick(at(mono));
  }
  inbound.sent = [];
  inbound.receive({ kind: 'digest', buckets: scene.registry.digest.buckets() }, at(hour));
  // The echoes of an hour fill the line as far as is known, until the peer has echoed what is behind them.
  inbound.echo(at(hour));
  t.is(inbound.take('differ').length, 1);
});
