// "Expiry" of the design's "Name servers together", sentence by sentence: a test's title quotes the
// sentence it proves. What freezes deletions is in self-preservation.test.ts.
import test from 'ava';
import { maxDeletesPerTick } from '../../../../daemon/core/expiry/expiry.ts';
import type { OpinionRequest, Ping } from '../../../../daemon/core/expiry/expiry-effects.ts';
import { participant, rank } from '../../../../daemon/core/expiry/rendezvous.ts';
import { maxPinging } from '../../../../daemon/core/expiry/suspects.ts';
import { ExpiryWorld, type WorldOptions } from '../../../fixture/expiry-world.ts';
import { addresses, addressOf, packed, register, rowOf } from '../../../fixture/registry.ts';

const minute = 60_000;
const hour = 60 * minute;

const friend = '10.9.9.9:4000';
const dead = '10.0.0.1:4000';

/** A world with one host that keeps in touch every minute, from a minute before `dead` dies. */
function worldWithFriend(options: WorldOptions = {}): ExpiryWorld {
  const world = new ExpiryWorld(options);
  world.contact(friend);
  world.every(world.ttlMs / 60, () => world.contact(friend));
  world.run(world.ttlMs / 20);
  return world;
}

/** The same, at the moment when the first ping of `dead` goes out. */
function worldAtFirstPing(options: WorldOptions = {}): ExpiryWorld {
  const world = worldWithFriend(options);
  world.contact(dead);
  world.manners.set(dead, 'silent');
  world.runUntil(() => world.lines(`ping ${dead}`).length > 0, 1.1 * world.ttlMs);
  world.transcript = world.lines(dead);
  return world;
}

const firstPing = (world: ExpiryWorld) =>
  world.effects.find((effect) => effect.kind === 'ping' && effect.address === dead) as Ping;

/** The lines of the transcript about `dead`, without times. */
const story = (world: ExpiryWorld) =>
  world.lines(dead).map((line) => line.replace(/^\S+ /, '').replace(` ${dead}`, ''));

test('expiry › "A host without interaction for TTL (60 min) is pinged by its owner"', (t) => {
  const world = worldWithFriend();
  const hosts = addresses(200);
  for (const host of hosts) world.contact(host);
  const seenAt = world.mono;
  world.run(0.94 * hour);
  t.deepEqual(world.lines('ping 10.0.'), []);
  world.run(0.14 * hour);
  const times = hosts.map((host) => Number.parseFloat(world.lines(`ping ${host}`)[0] ?? 'NaN'));
  const ages = times.map((time) => time - seenAt / minute);
  t.true(Math.min(...ages) >= 57, `${Math.min(...ages)}`);
  t.true(Math.max(...ages) <= 63 + 1 + 2 / 60, `${Math.max(...ages)}`);
  t.is(world.live.length, 201);
});

test('expiry › a host that keeps in touch is pinged only as a canary', (t) => {
  const world = worldWithFriend();
  world.contact(dead);
  world.every(50 * minute, () => world.contact(dead));
  world.run(10 * hour);
  t.deepEqual(world.lines('ping'), []);
});

test('expiry › "No answer: 3 attempts spread over TTL/25 (2.4 min)", then a delete', (t) => {
  const world = worldAtFirstPing();
  const [first = ''] = world.transcript;
  const at = Number.parseFloat(first);
  world.run(5 * minute);
  const told = world.lines(dead).map((line) => {
    const [time = '', ...words] = line.split(' ');
    return [Number((Number.parseFloat(time) - at).toFixed(2)), words.join(' ')];
  });
  t.deepEqual(told.slice(0, 3), [
    [0, `ping ${dead}`],
    [1.2, `ping ${dead}`],
    [2.4, `ping ${dead}`],
  ]);
  const [when, what] = told[3] as [number, string];
  t.is(what, `expired ${dead}`);
  t.true(when > 2.4 && when <= 2.4 + 1 + 0.2, `${when}`);
  t.is(told.length, 4);
  t.deepEqual(world.live, [friend]);
});

for (const attempts of [1, 2, 5])
  test(`expiry › PingAttempts=${attempts} makes as many attempts, over the same time`, (t) => {
    const world = worldAtFirstPing({ attempts });
    const from = world.mono;
    world.runUntil(() => world.live.length === 1, 0.2 * hour);
    t.deepEqual(story(world), [...Array(attempts).fill('ping'), 'expired']);
    const last =
      Number.parseFloat(world.lines(`ping ${dead}`)[attempts - 1] as string) * minute - from;
    t.true(Math.abs(last - (attempts === 1 ? 0 : hour / 25)) < 0.02 * minute * attempts, `${last}`);
  });

test('expiry › a deletion names the host, and "carries the version it judged"', (t) => {
  const world = worldAtFirstPing();
  const lastSeen = world.lastSeen(dead);
  const version = world.registry.versions.get(rowOf(world.registry, dead));
  world.effects = [];
  world.runUntil(() => world.live.length === 1, 0.2 * hour);
  const expired = world.effects.filter(({ kind }) => kind === 'expired');
  t.deepEqual(expired, [{ kind: 'expired', address: dead, nodeId: `node ${dead}`, lastSeen }]);
  const record = world.registry.record(rowOf(world.registry, dead));
  t.like(record, { state: 'gone', lastSeen, changedAt: world.now.wall });
  t.deepEqual(world.registry.versions.get(rowOf(world.registry, dead)), version);
});

for (const [moment, after] of [
  ['after the first attempt', 0.2],
  ['between the second and the third', 1.5],
  ['while the third is in flight', 2.43],
  ['once condemned', 2.51],
] as const)
  test(`expiry › a contact ${moment} clears the suspicion`, (t) => {
    const world = worldAtFirstPing();
    world.after(after * minute, () => world.contact(dead));
    world.run(50 * minute);
    t.deepEqual(
      story(world).filter((line) => line !== 'ping'),
      [],
    );
    t.is(world.live.length, 2);
    t.is(world.expiry.status().suspects, 0);
  });

test('expiry › "An answer resets the clock": the next ping comes a TTL later', (t) => {
  const world = worldAtFirstPing();
  world.manners.set(dead, 'answers');
  world.run(1.3 * minute);
  t.deepEqual(story(world), ['ping', 'ping']);
  t.true(world.now.wall - world.lastSeen(dead) < 0.2 * minute);
  t.like(world.expiry.status(), { due: 0, suspects: 0, condemned: 0, pinging: 0 });
  world.transcript = [];
  world.run(55 * minute);
  t.deepEqual(story(world), []);
  world.run(10 * minute);
  t.deepEqual(story(world), ['ping']);
});

test('expiry › a late answer is an interaction too', (t) => {
  const world = worldAtFirstPing();
  const first = firstPing(world);
  world.runUntil(() => world.expiry.status().condemned === 1, 1.2 * hour);
  world.expiry.pingEnded(first, true, world.now);
  t.is(world.lastSeen(dead), world.now.wall);
  world.run(5 * minute);
  t.is(world.live.length, 2);
});

test('expiry › a late result does not count for a later attempt', (t) => {
  const world = worldAtFirstPing();
  const { expiry } = world;
  const first = firstPing(world);
  world.run(2 * minute);
  for (let i = 0; i < 5; i++) expiry.pingEnded(first, false, world.now);
  t.like(expiry.status(), { suspects: 1, condemned: 0 });
  world.run(minute);
  t.deepEqual(story(world).slice(0, 3), ['ping', 'ping', 'ping']);
});

test('expiry › a ping that this machine could not send does not count against the host', (t) => {
  const world = worldAtFirstPing();
  world.manners.set(dead, 'unaskable');
  world.run(20 * minute);
  t.is(world.live.length, 2);
  t.is(world.lines(`ping ${dead}`).length, 17, 'it is asked again at the same pace');
  world.manners.set(dead, 'refuses');
  world.run(5 * minute);
  t.deepEqual(world.live, [friend]);
});

test('expiry › the result of an unknown ping is ignored', (t) => {
  const world = worldWithFriend();
  const named = { address: dead, nodeId: `node ${dead}` };
  const ping: Ping = { kind: 'ping', ...named, dialect: 'native', timeoutMs: 5_000 };
  world.expiry.pingEnded(ping, true, world.now);
  t.deepEqual(world.live, [friend]);
  const request: OpinionRequest = { kind: 'opinion', server: 'x', address: dead, timeoutMs: 1 };
  world.expiry.opinionGiven(request, 'dead', world.now);
  t.is(world.expiry.status().condemned, 0);
});

test('expiry › another host at the same address and in the same row is judged anew', (t) => {
  const world = worldAtFirstPing({ maxHosts: 4 });
  world.run(2 * minute);
  // It left, and came back at the very time of the contact that is judged.
  const row = rowOf(world.registry, dead);
  const lastSeen = world.lastSeen(dead);
  world.registry.remove(row, world.now.wall);
  register(world.registry, dead, { now: lastSeen });
  t.is(rowOf(world.registry, dead), row);
  world.run(1.2 * minute);
  t.is(world.live.length, 2, 'three attempts have failed, but not three at this one');
  world.run(6 * minute);
  t.is(world.live.length, 1);
});

test('expiry › a host that left is not pinged any more', (t) => {
  const world = worldAtFirstPing();
  world.registry.remove(rowOf(world.registry, dead), world.now.wall);
  world.run(10 * minute);
  t.deepEqual(story(world), ['ping']);
  t.like(world.expiry.status(), { due: 0, suspects: 0 });
});

test('expiry › a legacy host is pinged in its dialect', (t) => {
  const world = new ExpiryWorld();
  world.registry.register(packed(dead), 'old', 'legacy', world.now.wall - 2 * hour);
  const pings: unknown[] = [];
  for (let second = 1; second <= 61; second++)
    pings.push(
      ...world.expiry.tick(
        { mono: second * 1_000, wall: world.now.wall + second * 1_000 },
        world.participants,
      ),
    );
  t.deepEqual(pings, [
    { kind: 'ping', address: dead, nodeId: 'old', dialect: 'legacy', timeoutMs: 1_000 },
  ]);
});

test('expiry › a new TTL is in force at once, for suspects too', (t) => {
  const world = worldAtFirstPing();
  world.run(2 * minute);
  world.expiry.configure({ ttlMs: 2 * hour, attempts: 3 });
  t.like(world.expiry.status(), { due: 0, suspects: 0, condemned: 0, pinging: 0 });
  world.run(30 * minute);
  t.is(world.live.length, 2);
  world.expiry.configure({ ttlMs: hour, attempts: 3 });
  world.run(10 * minute);
  t.is(world.live.length, 1);
});

test('expiry › at most 512 pings are in flight, and every due host is counted', (t) => {
  const world = new ExpiryWorld({ maxHosts: 30_000 });
  for (let index = 0; index < 25_000; index++) {
    world.knew(addressOf(index), 2 * hour);
    world.manners.set(addressOf(index), 'silent');
  }
  let most = { pinging: 0, counted: 0 };
  world.run(3 * minute, () => {
    const { due, suspects, pinging } = world.expiry.status();
    most = {
      pinging: Math.max(most.pinging, pinging),
      counted: Math.max(most.counted, due + suspects),
    };
  });
  t.deepEqual(most, { pinging: maxPinging, counted: 25_000 });
});

test('expiry › a pass is spread over ticks, so that every commit is short', (t) => {
  const world = new ExpiryWorld({ maxHosts: 12_000 });
  for (let index = 0; index < 10_000; index++) world.knew(addressOf(index), 0);
  for (let index = 0; index < 2_000; index++) world.manners.set(addressOf(index), 'refuses');
  let most = 0;
  let before = world.live.length;
  world.run(1.3 * hour, () => {
    most = Math.max(most, before - world.registry.live.length);
    before = world.registry.live.length;
  });
  t.is(before, 8_000);
  t.true(most <= maxDeletesPerTick);
});

test('expiry › the second in rendezvous order is asked for its opinion', (t) => {
  const servers = ['a', 'b', 'c'];
  const [first, second] = rank(packed(dead), 0, servers.map(participant));
  const world = worldAtFirstPing({ servers });
  world.runUntil(() => world.live.length === 1, 0.2 * hour);
  t.deepEqual(story(world), [
    `${first} ping`,
    `${first} ping`,
    `${first} ping`,
    `${first} opinion of ${second}`,
    `${first} expired`,
  ]);
});

test('expiry › another server gets the result of a ping; silence counts for nothing while deletions are frozen', (t) => {
  const world = new ExpiryWorld();
  const { expiry } = world;
  world.contact('10.0.0.1:1');
  t.is(expiry.opinionAsked('10.0.0.9:1'), 'unknown', 'it has not come here yet');
  world.contact('10.0.0.8:1');
  world.registry.remove(rowOf(world.registry, '10.0.0.8:1'), world.now.wall);
  t.is(expiry.opinionAsked('10.0.0.8:1'), 'dead', 'it left');
  const ping = expiry.opinionAsked('10.0.0.1:1');
  if (typeof ping === 'string') throw new Error(ping);
  t.is(ping.address, '10.0.0.1:1');
  const opinions = () =>
    [true, false, null].map((answered) => expiry.opinionOf(ping, answered, world.mono));
  t.deepEqual(opinions(), ['alive', 'unknown', 'unknown'], 'it has just started');
  world.run(world.ttlMs / 20);
  const before = world.lastSeen('10.0.0.1:1');
  expiry.pingEnded(ping, true, world.now);
  t.true(world.lastSeen('10.0.0.1:1') > before, 'it is an interaction');
  t.deepEqual(opinions(), ['alive', 'dead', 'unknown']);
  world.stall(world.ttlMs);
  t.deepEqual(opinions(), ['alive', 'unknown', 'unknown'], 'this server may be the reason');
});

test('expiry › silence counts for nothing without a recent answer of any host; the network is proved first', (t) => {
  const world = worldWithFriend();
  world.run(world.ttlMs / 20);
  const { expiry } = world;
  world.contact(dead);
  const ping = expiry.opinionAsked(dead) as Ping;
  t.is(expiry.opinionOf(ping, false, world.mono), 'unknown');
  world.run(world.tickMs * 2);
  t.deepEqual(
    world.lines('ping').map((line) => line.split(' ')[2]),
    [friend],
  );
  t.is(expiry.opinionOf(ping, false, world.mono), 'dead');
});

test('expiry › a server with a full registry has no opinion of a host that it does not know', (t) => {
  const world = worldWithFriend({ maxHosts: 1 });
  t.is(world.expiry.opinionAsked(dead), 'unknown');
});

test('expiry › a wall clock set forward does not expire hosts that cannot be pinged', (t) => {
  const world = worldWithFriend();
  const proved = addressOf(2);
  for (const host of [dead, proved]) world.manners.set(host, 'silent');
  world.unproved.add(dead);
  world.contact(proved);
  let isInTouch = true;
  const keepInTouch = () => {
    if (isInTouch) world.contact(dead);
  };
  keepInTouch();
  world.every(hour / 3, keepInTouch);
  world.run(hour / 2);
  world.wallOffset += 24 * hour;
  world.run(hour / 5);
  t.is(world.lines(`expired ${proved}`).length, 1, 'whoever answered before is asked at once');
  world.run(2 * hour);
  t.deepEqual(world.lines(`expired ${dead}`), []);
  isInTouch = false;
  world.run(1.3 * hour);
  t.is(world.lines(`expired ${dead}`).length, 1);
});

test('expiry › a wall clock set forward and back does not keep such hosts longer', (t) => {
  const world = worldWithFriend();
  world.manners.set(dead, 'silent');
  world.unproved.add(dead);
  world.contact(dead);
  world.run(hour / 2);
  world.wallOffset += 24 * hour;
  world.run(minute);
  world.wallOffset -= 24 * hour;
  world.run(0.7 * hour);
  t.is(world.lines(`expired ${dead}`).length, 1);
});
