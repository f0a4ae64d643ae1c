// Claims to the address of a live host, decided by the answer to a ping.
import test from 'ava';
import {
  type ClaimAnswer,
  maxClaims,
  Takeovers,
} from '../../../../daemon/core/expiry/takeovers.ts';
import { Registrar } from '../../../../daemon/core/query/registrar.ts';
import { type HostDialect, Registry } from '../../../../daemon/core/registry/registry.ts';
import { createCounters } from '../../../../shared/counters.ts';
import { packed, rowOf } from '../../../fixture/registry.ts';

const hour = 3_600_000;
const address = '192.0.2.1:4000';

class World {
  readonly registry = new Registry({ maxHosts: 1_000 });
  readonly takeovers = new Takeovers({ registry: this.registry, ttlMs: hour });
  readonly counters = createCounters();
  readonly registrar = new Registrar(this.registry, this.counters, this.takeovers);
  mono = 0;

  get now() {
    return { mono: this.mono, wall: 1_000 * hour + this.mono };
  }

  say(
    nodeId: string,
    dialect: HostDialect = 'native',
    from = address,
    verb: 'alive' | 'leave' = 'alive',
  ) {
    const words = packed(from);
    const origin = { ip: words.subarray(0, 4), dialect };
    return this.registrar.carryOut(
      { verb, nodeId, port: words[4] as number },
      origin,
      this.now.wall,
    );
  }

  prove(): void {
    this.registry.prove(rowOf(this.registry, address), this.now.wall);
  }

  /** Pings every waiting claim, with this answer. */
  answer(answeredBy: string | null, isAccepted = answeredBy !== null) {
    const answer: ClaimAnswer = { answeredBy, isAccepted };
    return this.takeovers.take().map((claim) => this.takeovers.ended(claim, answer, this.now));
  }

  get host(): string {
    const { nodeId, dialect } = this.registry.record(rowOf(this.registry, address));
    return `${nodeId} ${dialect}`;
  }
}

test('takeovers › `alive` with another id takes nobody over who answers with his own', (t) => {
  const world = new World();
  world.say('victim');
  t.is(world.say('evil'), 'unchanged', 'older nodes know no other answer than ok');
  t.is(world.host, 'victim native');
  t.like(world.say('evil', 'native', address, 'leave'), { code: 'wrong-node-id' });
  t.like(world.answer('victim')[0], { isTakenOver: false });
  t.is(world.host, 'victim native');
  t.true(world.registry.isProved(rowOf(world.registry, address)), 'and its answer is a contact');
});

test('takeovers › a node that asks over UDP and over TCP is one node, which keeps its transport', (t) => {
  for (const [first, other] of [
    ['native', 'udp'],
    ['udp', 'native'],
  ] as const) {
    const world = new World();
    world.say('node', first);
    world.prove();
    world.say('node', other);
    t.deepEqual(world.takeovers.take(), []);
    t.is(world.host, `node ${first}`);
    t.true(world.registry.isProved(rowOf(world.registry, address)));
    world.say('node', other, address, 'leave');
    world.say('node', other);
    t.is(world.host, `node ${other}`, 'a node that left chooses anew');
  }
});

test('takeovers › over another transport, the host that has the address is asked before the claimant', (t) => {
  const world = new World();
  world.say('victim', 'native');
  world.say('evil', 'udp');
  const [claim] = world.takeovers.take();
  t.deepEqual(claim?.transports, ['native', 'udp']);
  const answer = { answeredBy: 'evil', isAccepted: false };
  t.like(claim && world.takeovers.ended(claim, answer, world.now), { isTakenOver: true });
  t.is(world.host, 'evil udp');
  world.say('old', 'legacy');
  t.deepEqual(
    world.takeovers.take().map(({ transports }) => transports),
    [['udp', 'native']],
  );
});

test('takeovers › a restarted node gets its address when it answers with its new id', (t) => {
  const world = new World();
  world.say('before');
  world.prove();
  world.mono += 1_000;
  world.say('after');
  t.deepEqual(world.answer('after'), [{ isTakenOver: true, contest: null }]);
  t.is(world.host, 'after native');
  t.true(world.registry.isProved(rowOf(world.registry, address)));
  t.is(world.say('after', 'native', address, 'leave'), 'left');
});

test('takeovers › a native host stays native, unless only the connection is accepted there', (t) => {
  const world = new World();
  world.say('node');
  world.say('node', 'legacy');
  world.answer('node');
  t.is(world.host, 'node native');
  world.say('other', 'legacy');
  world.answer(null);
  world.prove();
  world.say('other', 'legacy');
  world.answer(null);
  t.is(world.host, 'node native');
  world.say('other', 'legacy');
  world.answer(null, true);
  t.is(world.host, 'other legacy');
});

test('takeovers › a legacy host does not become native without an answer to a ping', (t) => {
  const world = new World();
  world.say('old', 'legacy');
  for (const nodeId of ['old', 'evil']) {
    world.say(nodeId, 'native');
    world.answer(null, true);
    t.is(world.host, 'old legacy');
  }
  world.say('new');
  world.answer('new');
  t.is(world.host, 'new native');
});

test('takeovers › without an answer a proved host stays, and of two unproved nodes the latest claim wins', (t) => {
  const world = new World();
  world.say('first');
  world.say('second');
  t.like(world.answer(null)[0], { isTakenOver: true });
  t.is(world.host, 'second native');
  world.prove();
  world.say('third');
  t.like(world.answer(null)[0], { isTakenOver: false, contest: null });
  t.is(world.host, 'second native');
  const seen = world.registry.lastSeen.at(rowOf(world.registry, address));
  world.mono += 1_000;
  world.say('third');
  t.is(
    world.registry.lastSeen.at(rowOf(world.registry, address)),
    seen,
    'words refresh nobody else',
  );
});

test('takeovers › a ping that this machine could not send decides nothing', (t) => {
  const world = new World();
  world.say('first');
  world.say('second');
  const [claim] = world.takeovers.take();
  if (claim === undefined) throw new Error('no claim');
  t.deepEqual(world.takeovers.ended(claim, null, world.now), { isTakenOver: null, contest: null });
  t.is(world.host, 'first native');
});

test('takeovers › a host that left during the check does not come back', (t) => {
  const world = new World();
  world.say('first');
  world.say('second');
  world.say('first', 'native', address, 'leave');
  t.like(world.answer('second')[0], { isTakenOver: null });
  t.false(world.registry.isLive(rowOf(world.registry, address)));
});

test('takeovers › two nodes that alternate at one address are reported once', (t) => {
  const world = new World();
  const told: unknown[] = [];
  for (const nodeId of ['a', 'b', 'a', 'b', 'a']) {
    world.say(nodeId);
    for (const { contest } of world.answer(nodeId)) if (contest !== null) told.push(contest);
    world.mono += 60_000;
  }
  t.deepEqual(told, [{ address, nodeIds: ['b', 'a'] }]);
  t.deepEqual(
    world.takeovers.contests(world.mono).map((each) => each.address),
    [address],
  );
  t.deepEqual(world.takeovers.contests(world.mono + 2 * hour), []);
});

test('takeovers › a claim to an address at which another node answers is reported', (t) => {
  const world = new World();
  world.say('proxied');
  world.say('hidden');
  t.deepEqual(world.answer('proxied'), [
    { isTakenOver: false, contest: { address, nodeIds: ['proxied', 'hidden'] } },
  ]);
  world.say('hidden');
  t.like(world.answer('proxied')[0], { contest: null });
});

test('takeovers › a node that restarted twice is not reported as two nodes', (t) => {
  const world = new World();
  for (const nodeId of ['a', 'b', 'c']) {
    world.say(nodeId);
    for (const { contest } of world.answer(nodeId)) t.is(contest, null);
  }
  world.mono += 3 * hour;
  world.say('a');
  t.like(world.answer('a')[0], { isTakenOver: true, contest: null });
});

test('takeovers › claims checked at once are bounded, per source more tightly, each address once', (t) => {
  const world = new World();
  const claims = (from: (index: number) => string) => {
    for (let index = 0; index < 100; index++) {
      world.say('node', 'native', from(index));
      for (const other of ['x', 'y']) world.say(other, 'native', from(index));
    }
    return world.takeovers.take().length;
  };
  t.is(
    claims((index) => `192.0.2.7:${1_000 + index}`),
    4,
  );
  t.is(
    claims((index) => `[2001:db8::${(index + 1).toString(16)}]:4000`),
    4,
    'a /64 is one source',
  );
  t.is(
    claims((index) => `198.51.100.${index}:4000`),
    maxClaims - 8,
  );
});
