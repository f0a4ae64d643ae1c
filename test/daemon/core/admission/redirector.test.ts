// The policy of redirects: what becomes of which request, and which peer is the target.
import test from 'ava';
import { Redirector } from '../../../../daemon/core/admission/redirector.ts';
import type { Origin, Verdict } from '../../../../daemon/core/query/verdict.ts';
import { Membership } from '../../../../daemon/core/sync/membership.ts';
import { membershipTimes, type Peer } from '../../../../daemon/core/sync/peer.ts';
import { AddressList, packAddress } from '../../../../shared/protocol/address.ts';
import type { Request } from '../../../../shared/protocol/message.ts';
import { createRandom, seed } from '../../../fixture/random.ts';

const now = 100_000;
const names = ['b', 'c', 'd', 'e', 'f'];

const node = { nodeId: 'n', port: 4000 };
const options = { limit: null, since: null, hop: 0, have: null };
const query = { verb: 'query', ...node, ...options } as const satisfies Request;
const sample = { ...query, limit: 10 };
const delta = { ...query, since: 'abc.1' };
const knowing = { ...query, have: AddressList.of('10.0.0.1:1') };
const alive = { verb: 'alive', ...node } as const;
const leave = { verb: 'leave', ...node } as const;
const ping = { verb: 'ping' } as const;

function from(ip: string, dialect: Origin['dialect'] = 'native'): Origin {
  return { ip: packAddress(ip, 1) as Uint32Array, dialect };
}
const asker = from('10.9.9.1');

function addressOfPeer(index: number): string {
  return `10.0.0.${index + 2}:4524`;
}

/** A server with Backlog=100 and `peers` others, each of which has just reported an empty backlog. */
class Scene {
  readonly peers: readonly Peer[];
  readonly redirector: Redirector;
  own = { backlog: 85, limit: 100 };

  constructor(peers: number, random = createRandom()) {
    const addresses = Array.from({ length: peers }, (_, index) => addressOfPeer(index));
    const membership = new Membership('a', addresses, membershipTimes(3_600_000));
    this.peers = membership.peers;
    for (const [index, peer] of this.peers.entries()) {
      peer.id = names[index] as string;
      this.report(index, 0);
    }
    this.redirector = new Redirector({ membership, load: () => this.own, random, wall: 0 });
  }

  report(index: number, backlog: number, limit = 100, at = now): void {
    const peer = this.peers[index] as Peer;
    peer.noteMessage({ mono: at, wall: 0 });
    peer.load = { backlog, limit, live: 0 };
    peer.loadAt = at;
  }

  drain(address: string | null = null) {
    return this.redirector.drain(address, { mono: now, wall: 7 });
  }

  decide(request: Request, origin = asker, mono = now): string {
    return worded(this.redirector.decide({ request, origin, isTurnedAway: false }, mono));
  }

  turnAway(request: Request | null, origin = asker): string {
    return worded(this.redirector.decide({ request, origin, isTurnedAway: true }, now));
  }
}

function worded(verdict: Verdict): string {
  return verdict.kind === 'redirect' ? `${verdict.why} ${verdict.address}` : verdict.kind;
}

const toB = `load ${addressOfPeer(0)}`;

test('redirector › full lists are shed before deltas, deltas before registrations', (t) => {
  const scene = new Scene(1);
  const at = (backlog: number) => {
    scene.own.backlog = backlog;
    return [query, sample, delta, knowing, alive, leave, ping].map((each) => scene.decide(each));
  };
  const all = ['serve', 'serve', 'serve', 'serve', 'serve', 'serve', 'serve'];
  t.deepEqual(at(79), all);
  t.deepEqual(at(80), [toB, toB, ...all.slice(2)]);
  t.deepEqual(at(90), [toB, toB, toB, toB, ...all.slice(4)]);
  const full = `full ${addressOfPeer(0)}`;
  t.deepEqual(
    [query, sample, delta, knowing, alive, leave, ping, null].map((each) => scene.turnAway(each)),
    [full, full, full, full, full, 'busy', 'busy', 'busy'],
  );
});

test('redirector › a loaded server redirects newcomers until it is below 60 %', (t) => {
  const scene = new Scene(1);
  const said = [79, 80, 60, 59, 79].map((backlog) => {
    scene.own.backlog = backlog;
    return [scene.redirector.status.isLoaded, scene.decide(query)];
  });
  t.deepEqual(said, [
    [false, 'serve'],
    [true, toB],
    [true, toB],
    [false, 'serve'],
    [false, 'serve'],
  ]);
});

test('redirector › a request that was redirected twice stays: a sample while there is room, else busy', (t) => {
  const scene = new Scene(3);
  const [once, twice, thrice] = [1, 2, 3].map((hop) => ({ ...query, hop }));
  for (const [request, isSentOn] of [
    [once, true],
    [twice, false],
    [thrice, false],
  ] as const) {
    const said = [scene.decide(request as Request), scene.turnAway(request as Request)];
    t.deepEqual(
      said.map((each) => each.split(' ')[0]),
      isSentOn ? ['load', 'full'] : ['sample', 'busy'],
    );
  }
  t.is(scene.decide({ ...delta, hop: 2 }), 'serve', 'deltas are not shed yet');
  scene.own.backlog = 90;
  t.is(scene.decide({ ...delta, hop: 2 }), 'sample');
  scene.own.backlog = 10;
  t.is(scene.decide({ ...query, hop: 2 }), 'serve', 'the server is not loaded');
});

test('redirector › with a single peer, a redirected node came from there and is not sent back', (t) => {
  const scene = new Scene(1);
  t.deepEqual(
    [scene.decide({ ...query, hop: 1 }), scene.turnAway({ ...query, hop: 1 })],
    ['sample', 'busy'],
  );
  scene.drain();
  t.deepEqual(
    [scene.decide({ ...query, hop: 1 }), scene.turnAway({ ...query, hop: 1 })],
    ['sample', 'busy'],
  );
});

test('redirector › a redirected node is redirected again only to a peer that certainly has room', (t) => {
  const scene = new Scene(2);
  scene.report(1, 99);
  for (const [backlog, isSent] of [
    [58, true],
    [59, false],
  ] as const) {
    scene.report(0, backlog, 100, now + backlog);
    t.is(scene.decide({ ...query, hop: 1 }), isSent ? toB : 'serve');
    t.is(scene.decide(query), toB);
  }
});

test('redirector › without a peer to redirect to, the server answers while there is room', (t) => {
  const alone = new Scene(0);
  t.deepEqual(
    [alone.decide(query), alone.decide({ ...query, hop: 1 }), alone.turnAway(query)],
    ['serve', 'sample', 'busy'],
  );
  const scene = new Scene(2);
  for (const index of [0, 1]) scene.report(index, 80);
  t.deepEqual([scene.decide(query), scene.turnAway(query)], ['serve', 'busy']);
});

test('redirector › targets are alive, take nodes, are less loaded, and reported that lately', (t) => {
  const reportedAt =
    (loadAt: number | null) =>
    ({ peers: [peer] }: Scene) =>
      void Object.assign(peer ?? {}, { loadAt });
  const cases: [string, (scene: Scene) => void, boolean][] = [
    ['an empty one', () => {}, true],
    ['one that never reported', reportedAt(null), false],
    ['a report of 9.999 s ago', reportedAt(now - 9_999), true],
    ['a report of 10 s ago', reportedAt(now - 10_000), false],
    ['a suspect', (scene) => scene.peers[0]?.noteMessage({ mono: now - 5_000, wall: 0 }), false],
    ['one that drains', (scene) => scene.report(0, 0, 0), false],
    ['one that stays below its mark', (scene) => scene.report(0, 78), true],
    ['one that would reach its mark', (scene) => scene.report(0, 79), false],
    ['a smaller one that would reach its mark', (scene) => scene.report(0, 7, 10), false],
  ];
  for (const [title, prepare, isSent] of cases) {
    const scene = new Scene(1);
    prepare(scene);
    t.is(scene.decide(query), isSent ? toB : 'serve', title);
  }
  const scene = new Scene(1);
  scene.own.backlog = 80;
  scene.decide(query);
  scene.own.backlog = 62;
  scene.report(0, 60, 100, now + 1);
  t.is(scene.decide(query), toB);
  scene.report(0, 61, 100, now + 2);
  t.is(scene.decide(query), 'serve', 'not less loaded with the asker than this server');
});

test('redirector › nodes are redirected to the address that the peer reports, in their address family', (t) => {
  const scene = new Scene(1);
  const [peer] = scene.peers;
  const decided = (origin: Origin) => scene.decide(query, origin);
  const [ipv4, ipv6] = [asker, from('2001:db8::1')];
  const [old, oldIpv6] = [from('10.9.9.1', 'legacy'), from('2001:db8::1', 'legacy')];
  t.deepEqual([ipv4, ipv6, old, oldIpv6].map(decided), [toB, 'serve', toB, 'serve']);
  if (peer !== undefined) peer.listen = '203.0.113.5:99';
  t.deepEqual([ipv4, ipv6, old, from('::ffff:10.9.9.1')].map(decided), [
    'load 203.0.113.5:99',
    'serve',
    'load 203.0.113.5:99',
    'load 203.0.113.5:99',
  ]);
  if (peer !== undefined) peer.listen = '[2001:db8::5]:99';
  t.deepEqual([ipv4, ipv6, old, oldIpv6].map(decided), [
    toB,
    'load [2001:db8::5]:99',
    toB,
    'serve',
  ]);
});

test('redirector › no node is redirected to an address less public than its own, or behind the peer’s router', (t) => {
  const scene = new Scene(1);
  const [peer] = scene.peers as [Scene['peers'][number]];
  const publicAsker = from('192.0.2.1');
  const privateAsker = from('10.9.9.9');
  const decided = () =>
    [publicAsker, privateAsker].map((origin) => scene.decide(query, origin).replace('load ', ''));
  const outer = '203.0.113.5:4524';
  const inner = '10.0.0.5:4524';
  // It advertises what nodes can reach, and is dialled on the network that the servers share.
  Object.assign(peer, { addresses: [inner], listen: outer });
  t.deepEqual(decided(), [outer, outer]);
  // It listens behind a router, and is dialled through it.
  Object.assign(peer, { addresses: [outer], listen: inner });
  t.deepEqual(decided(), [outer, outer]);
  Object.assign(peer, { addresses: [inner], listen: null });
  t.deepEqual(decided(), ['serve', inner]);
});

test('redirector › the target is the less loaded of two random peers, so that the least loaded of all does not get every node', (t) => {
  const random = createRandom();
  const counts = [0, 0, 0, 0, 0];
  for (let round = 0; round < 5_000; round++) {
    const scene = new Scene(5, random);
    scene.peers.forEach((_, index) => {
      scene.report(index, 10 * index);
    });
    const to = scene.decide(query).split(' ')[1];
    counts[scene.peers.findIndex(({ address }) => address === to)]++;
  }
  // Of the 20 ordered pairs the emptiest wins 8, the next 6, 4 and 2; the fullest never does.
  t.log(counts.join(' '));
  for (const [index, share] of [0.4, 0.3, 0.2, 0.1, 0].entries())
    t.true(
      Math.abs((counts[index] as number) / 5_000 - share) < 0.03,
      `${index}: ${counts[index]}`,
    );
});

test('redirector › between two reports a peer gets no more nodes than it has room for', (t) => {
  const scene = new Scene(2);
  scene.report(1, 50);
  const sent = () => {
    const counts = [0, 0];
    for (;;) {
      const [, to] = scene.decide(query).split(' ');
      if (to === undefined) return counts;
      counts[scene.peers.findIndex(({ address }) => address === to)]++;
    }
  };
  t.deepEqual(sent(), [79, 29]);
  scene.report(0, 79, 100, now + 1);
  scene.report(1, 79, 100, now + 1);
  t.deepEqual(sent(), [0, 0], 'all nodes sent before are still there');
  scene.report(0, 40, 100, now + 2);
  t.deepEqual(
    sent(),
    [39, 0],
    'after a second without redirects each node counts as a whole one again',
  );
});

test('redirector › a peer that served its nodes fast gets more of them', (t) => {
  const scene = new Scene(1);
  const sent = (at: number, backlog: number) => {
    scene.report(0, backlog, 100, at);
    let count = 0;
    while (scene.decide(query, asker, at) === toB) count++;
    return count;
  };
  t.is(sent(now, 0), 79);
  t.is(sent(now + 1, 2), (77 * 79) / 2 + 0.5, 'each counts as a fortieth');
  t.is(sent(now + 2, 0), 7_900, 'never as less than a hundredth');
  t.is(sent(now + 3, 70), 900);
});

test('redirector › a drain redirects every registration to a peer, or to the least loaded ones', (t) => {
  const scene = new Scene(3);
  scene.own.backlog = 1;
  t.is(scene.drain(addressOfPeer(2)), null);
  t.deepEqual(scene.redirector.status, {
    mode: 'chosen',
    to: addressOfPeer(2),
    since: 7,
    isLoaded: false,
  });
  scene.report(2, 99);
  const chosen = `chosen ${addressOfPeer(2)}`;
  t.deepEqual(
    [query, delta, knowing, alive, { ...query, hop: 1 }, { ...query, hop: 2 }, leave, ping].map(
      (each) => scene.decide(each),
    ),
    [chosen, chosen, chosen, chosen, chosen, 'serve', 'serve', 'serve'],
  );
  t.is(scene.turnAway(query), chosen);
  t.is(scene.drain(), null);
  scene.report(0, 90);
  scene.report(1, 20);
  for (let round = 0; round < 50; round++) t.is(scene.decide(query), `drain ${addressOfPeer(1)}`);
  scene.report(1, 85);
  t.regex(scene.decide(alive), /^drain /, 'a loaded peer is better than staying');
  t.true(scene.redirector.undrain(9));
  t.false(scene.redirector.undrain(10), 'there is no drain any more');
  t.is(scene.decide(query), 'serve');
  t.deepEqual(scene.redirector.status, { mode: 'load', to: null, since: 9, isLoaded: false });
});

test('redirector › a draining server without a target still serves', (t) => {
  const scene = new Scene(2);
  scene.own.backlog = 1;
  scene.drain(addressOfPeer(0));
  scene.report(0, 0, 0);
  t.deepEqual([scene.decide(query), scene.turnAway(query)], ['serve', 'busy']);
  t.is(scene.redirector.status.mode, 'chosen');
  t.true(scene.redirector.takesNobody);
  scene.drain();
  scene.report(1, 0, 0);
  t.is(scene.decide(query), 'serve');
  scene.own.backlog = 85;
  t.deepEqual([scene.decide(query), scene.decide({ ...query, hop: 2 })], ['serve', 'sample']);
});

test('redirector › a drain without a target is refused, with the reason', (t) => {
  t.is(new Scene(0).drain(), 'no-peers');
  const scene = new Scene(1);
  t.is(scene.drain('10.9.9.9:1'), 'unknown');
  scene.report(0, 0, 0);
  t.deepEqual([scene.drain(), scene.drain(addressOfPeer(0))], ['away', 'away']);
  t.false(scene.redirector.hasTakers(now));
  t.is(scene.redirector.status.mode, 'load');
  scene.report(0, 0);
  scene.redirector.stop(8);
  t.is(scene.drain(), 'stopping');
  t.false(scene.redirector.undrain(9));
  t.is(scene.redirector.status.mode, 'stopping');
  t.is(scene.decide(alive), `stopping ${addressOfPeer(0)}`);
});

test('redirector › full servers never redirect to each other, whatever their peers report', (t) => {
  t.log(`seed ${seed}`);
  const random = createRandom();
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 2_000; round++) {
    const scene = new Scene(1 + below(5), random);
    const full = new Set<string>();
    for (const index of scene.peers.keys()) {
      const limit = 1 + below(200);
      const backlog = below(limit + 1);
      scene.report(index, backlog, limit);
      if (backlog + 1 >= 0.8 * limit && backlog > 0) full.add(addressOfPeer(index));
    }
    scene.own = { limit: 100, backlog: 80 + below(21) };
    for (const each of [query, delta, alive])
      for (const said of [scene.decide(each), scene.turnAway(each)])
        t.false(full.has(said.split(' ')[1] ?? ''), said);
  }
});
