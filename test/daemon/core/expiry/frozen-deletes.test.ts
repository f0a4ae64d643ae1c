// "Self-preservation" of the design's "Name servers together", sentence by sentence, and what other
// systems' users suffered for want of it: expiry as a whole, with hosts and outages.
import test from 'ava';
import { expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { ExpiryWorld } from '../../../fixture/expiry-world.ts';
import { createRandom } from '../../../fixture/random.ts';
import { addresses, addressOf } from '../../../fixture/registry.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const intervals = expiryIntervals(hour);

/**
 * A registry of hosts that answer pings; those from `regularFrom` on are in contact every quarter of an hour, each
 * at its own times.
 */
function worldOf(hosts: number, regularFrom = hosts): ExpiryWorld {
  const random = createRandom();
  const world = new ExpiryWorld({ random });
  for (let index = 0; index < hosts; index++) {
    const address = addressOf(index);
    world.knew(address, random() * 0.9 * hour);
    if (index >= regularFrom)
      world.after(random() * 15 * minute, () => {
        const contact = () => {
          const isAlive = (world.manners.get(address) ?? 'answers') === 'answers';
          if (world.isConnected && isAlive) world.contact(address);
        };
        contact();
        world.every(15 * minute, contact);
      });
  }
  return world;
}

const freezes = (world: ExpiryWorld) =>
  world.lines('deletes').map((line) => line.replace(/^\S+ deletes /, ''));

test('self-preservation › "A name server that lost its own network must not empty the registry"', (t) => {
  // ethereum/go-ethereum#20630: a node that is itself offline empties its table.
  const world = worldOf(200, 100);
  world.run(30 * minute);
  world.outage(24 * hour);
  t.is(world.live.length, 200);
  t.is(world.frozenBy, 'isolated');
  world.run(2 * hour);
  t.is(world.live.length, 200);
  t.is(world.frozenBy, null);
  t.deepEqual(world.lines('expired'), []);
});

test('self-preservation › outages of any length, at any moment, delete no host', (t) => {
  for (const minutes of [1, 2, 2.3, 2.5, 3, 4, 7, 61]) {
    const world = worldOf(60);
    for (let times = 0; times < 4; times++) {
      world.run((43 + 3 * times) * minute);
      world.outage(minutes * minute);
    }
    world.run(2 * hour);
    t.is(world.live.length, 60, `${minutes} minutes`);
  }
});

test('self-preservation › pings that failed during an outage do not count', (t) => {
  const world = worldOf(60);
  world.run(45 * minute);
  world.isConnected = false;
  world.runUntil(() => world.expiry.status().selfPreservation.active, hour);
  world.run(5 * minute);
  t.true(world.expiry.status().suspects > 0);
  world.isConnected = true;
  // Half of the hosts die in the outage: they get three attempts again, like all others.
  world.silence(addresses(30));
  world.runUntil(() => !world.expiry.status().selfPreservation.active, 10 * minute);
  const end = world.transcript.findLastIndex((line) => line.includes('deletes allowed'));
  world.transcript = world.transcript.slice(end);
  world.runUntil(() => world.lines('expired').length > 0, 2 * hour);
  const address = world.lines('expired')[0]?.split(' ')[2] as string;
  t.is(world.lines(`ping ${address}`).length, 3);
});

test('self-preservation › a contact clears a suspect, while deletions are frozen too', (t) => {
  const world = worldOf(60);
  world.run(45 * minute);
  world.isConnected = false;
  world.runUntil(() => world.expiry.status().selfPreservation.active, hour);
  world.runUntil(() => world.expiry.status().condemned >= 3, hour);
  const { condemned } = world.expiry.status();
  for (let index = 0; index < 60; index++) world.knew(addressOf(index), 0);
  world.run(1.1 * minute);
  t.like(world.expiry.status(), { due: 0, suspects: 0, condemned: 0 }, `of ${condemned}`);
});

test('self-preservation › "The share of failed pings says nothing here": all that come due are dead', (t) => {
  const world = worldOf(100, 40);
  world.silence(addresses(40));
  world.run(1.3 * hour);
  t.is(world.live.length, 60);
  t.deepEqual(freezes(world), ['allowed']);
});

test('self-preservation › "fewer than half of the canaries answer" while others are heard: deletes freeze', (t) => {
  // Packets arrive here, but none from this server arrives.
  const world = worldOf(100, 50);
  world.every(second, () => world.expiry.traffic(world.mono));
  world.run(30 * minute);
  world.silence(addresses(100));
  for (let index = 50; index < 100; index++)
    world.every(10 * minute, () => world.knew(addressOf(index), 0));
  world.run(10 * hour);
  t.is(world.live.length, 100);
  t.is(world.frozenBy, 'canaries');
  for (let index = 50; index < 100; index++) world.manners.set(addressOf(index), 'answers');
  world.run(hour);
  t.is(world.live.length, 50);
  t.is(world.frozenBy, null);
});

test('self-preservation › up to 20 canaries, the hosts most recently in contact, not the suspects', (t) => {
  const world = new ExpiryWorld();
  for (let index = 0; index < 100; index++) world.knew(addressOf(index), index * 10 * second);
  world.knew('10.1.0.0:4000', 70 * minute);
  world.manners.set('10.1.0.0:4000', 'silent');
  world.run(3 * minute);
  const canaries = world.lines('ping').filter((line) => !line.includes('10.1.0.0'));
  const round = canaries.filter((line) => line.startsWith(canaries.at(-1)?.split(' ')[0] ?? '-'));
  t.deepEqual(round.map((line) => line.split(' ')[2] as string).sort(), addresses(20).sort());
});

test('self-preservation › "before one ping cycle since start" nothing is deleted', (t) => {
  const world = new ExpiryWorld();
  world.knew('10.9.9.9:4000', 0);
  for (const address of addresses(10)) {
    world.knew(address, 1_000 * hour);
    world.manners.set(address, 'refuses');
  }
  world.runUntil(() => world.lines('expired').length > 0, hour);
  t.true(world.mono >= intervals.cycleMs, `${world.mono}`);
  world.run(hour);
  t.deepEqual(world.live, ['10.9.9.9:4000']);
});

test('self-preservation › a server whose network comes up later deletes no host', (t) => {
  for (const minutes of [1, 2, 2.39, 2.4, 2.45, 2.5, 3, 10]) {
    const world = new ExpiryWorld();
    for (let index = 0; index < 50; index++) world.knew(addressOf(index), 5 * hour);
    world.outage(minutes * minute);
    world.run(2 * hour);
    t.is(world.live.length, 50, `${minutes} minutes`);
  }
});

test('self-preservation › "when the event loop stalled": a pause of two minutes deletes no host', (t) => {
  // alibaba/nacos#8090: a 2-minute pause made everything look expired.
  const world = worldOf(200, 100);
  world.run(50 * minute);
  for (let times = 0; times < 50; times++) {
    world.run((20 + times) * second);
    world.isConnected = false;
    world.stall(2 * minute);
    world.isConnected = true;
    t.is(world.frozenBy, 'stalled');
  }
  t.is(world.live.length, 200);
  t.deepEqual(world.lines('expired'), []);
});

test('self-preservation › "or the machine slept": everything is due, nothing is deleted', (t) => {
  const world = worldOf(200);
  world.run(10 * minute);
  world.wallOffset += 30 * 24 * hour;
  world.run(second);
  t.is(world.frozenBy, 'stalled');
  world.run(3 * hour);
  t.is(world.live.length, 200);
});

test('self-preservation › a clock that is set back does not make hosts immortal', (t) => {
  const world = worldOf(20, 10);
  world.run(10 * minute);
  world.wallOffset -= 30 * 24 * hour;
  world.run(10 * minute);
  world.silence(addresses(10));
  world.run(2 * hour);
  t.is(world.live.length, 10);
});

test('self-preservation › a clock set forward during an outage that spares one host deletes no host', (t) => {
  const world = worldOf(60, 30);
  world.run(30 * minute);
  world.silence(addresses(59, 1));
  // By the wall clock no host was in contact for a day, so all are due, and no suspect is a canary.
  for (const step of [-hour, 26 * hour, -25 * hour]) {
    world.run(3 * minute);
    world.wallOffset += step;
  }
  world.run(20 * minute);
  t.deepEqual(world.lines('expired'), []);
  world.manners.clear();
  world.run(2 * hour);
  t.deepEqual([world.lines('expired'), world.live.length], [[], 60]);
  t.is(world.frozenBy, null);
});

test('self-preservation › "A pass deletes at most 15 % of the registry"', (t) => {
  const world = worldOf(400, 300);
  world.silence(addresses(300));
  for (let row = 0; row < 300; row++) world.registry.lastSeen.set(row, world.now.wall - 2 * hour);
  const passes: { at: number; deleted: number; of: number }[] = [];
  let before = 400;
  world.run(40 * minute, () => {
    const { length } = world.registry.live;
    if (length < before) passes.push({ at: world.mono, deleted: before - length, of: before });
    before = length;
  });
  t.is(before, 100);
  t.true(passes.length >= 9);
  t.like(passes[0], { deleted: 60, of: 400 });
  for (const [index, { at, deleted, of }] of passes.entries()) {
    t.true(deleted <= Math.floor(of * 0.15), `${deleted} of ${of}`);
    if (index > 0) t.true(at - (passes[index - 1]?.at as number) >= minute);
  }
});

test('self-preservation › a pass may always delete one host', (t) => {
  const world = worldOf(3, 1);
  world.silence([addressOf(0)]);
  world.run(1.2 * hour);
  t.is(world.live.length, 2);
});

test('self-preservation › "in random order": another seed, another order', (t) => {
  const orderOf = (from: number) => {
    const world = new ExpiryWorld({ random: createRandom(from) });
    for (let index = 0; index < 40; index++)
      world.knew(addressOf(index), index < 20 ? 2 * hour : 0);
    world.silence(addresses(20));
    world.run(20 * minute);
    return world.lines('expired').map((line) => line.split(' ')[2] as string);
  };
  const [one, same, other] = [orderOf(1), orderOf(1), orderOf(2)];
  t.deepEqual(one, same);
  t.notDeepEqual(one, other);
  t.deepEqual([...one].sort(), [...other].sort());
  t.is(one.length, 20);
});

test('self-preservation › "leaves the state by itself": a real shrink does not freeze it for ever', (t) => {
  // Netflix/eureka#1073, #1267: preservation sticks after most instances really went.
  const world = worldOf(200, 0);
  world.run(30 * minute);
  world.silence(addresses(180));
  world.run(2 * hour);
  t.is(world.live.length, 20);
  t.is(world.frozenBy, null);
});

test('self-preservation › canaries that died together freeze deletions until others are pinged', (t) => {
  const world = worldOf(100);
  const site = addresses(20, 1_000);
  world.run(10 * minute);
  for (const address of site) world.contact(address);
  world.knew('10.3.0.0:4000', 2 * hour);
  world.silence([...site, '10.3.0.0:4000']);
  world.run(10 * minute);
  t.is(world.live.length, 120);
  world.run(3 * hour);
  t.true(freezes(world).includes('canaries'), freezes(world).join());
  t.is(world.frozenBy, null);
  t.is(world.live.length, 100);
});

test('self-preservation › in a quiet network the answers of canaries prove that pings arrive', (t) => {
  // No host sends anything unless pinged.
  const world = worldOf(5);
  world.silence([addressOf(2)]);
  world.run(1.5 * hour);
  t.is(world.live.length, 4);
  t.deepEqual(freezes(world), ['allowed']);
});

test('self-preservation › the last host stays until another one proves that the network works', (t) => {
  const world = worldOf(1);
  world.silence([addressOf(0)]);
  world.run(10 * hour);
  t.is(world.live.length, 1);
  t.is(world.frozenBy, 'isolated');
  world.contact('10.9.9.9:4000');
  world.run(10 * minute);
  t.deepEqual(world.live, ['10.9.9.9:4000']);
});

test('self-preservation › messages of a peer end a freeze by silence, and the last proved hosts are deleted after a day', (t) => {
  for (const isProved of [false, true]) {
    const world = new ExpiryWorld();
    if (!isProved) world.unproved.add(addressOf(0));
    world.knew(addressOf(0), 0);
    world.silence([addressOf(0)]);
    world.every(second, () => world.expiry.traffic(world.mono));
    world.run(1.2 * hour);
    t.is(world.live.length, isProved ? 1 : 0);
    world.run(24 * hour);
    t.deepEqual(world.live, []);
  }
});

/** Hosts that send `alive` every minute and answer no ping: behind a NAT, or an attacker's. */
function addSilent(world: ExpiryWorld, addresses: readonly string[], isProved = false): void {
  for (const address of addresses) {
    if (!isProved) world.unproved.add(address);
    world.manners.set(address, 'silent');
    world.contact(address);
    world.every(minute, () => world.contact(address));
  }
}

test('self-preservation › of hosts that keep in touch but answer no ping, only many proved sources freeze deletions, once', (t) => {
  const ports = Array.from({ length: 20 }, (_, index) => 4_000 + index);
  const [nat, manySources] = [addresses(30, 1_000), addresses(40, 1_000)];
  for (const [title, hosts, silent, isProved, expected] of [
    ['hosts behind NAT', 40, nat, false, ['allowed']],
    ['an IPv4 address', 40, ports.map((port) => `192.0.2.66:${port}`), true, ['allowed']],
    ['an IPv6 /64', 40, ports.map((port) => `[2001:db8:66::${port}]:4000`), true, ['allowed']],
    ['many sources', 100, manySources, true, ['allowed', 'canaries', 'allowed']],
  ] as const) {
    const world = worldOf(hosts, 20);
    addSilent(world, silent, isProved);
    world.run(10 * minute);
    world.silence(addresses(10));
    world.run(2 * hour);
    t.is(world.live.length, hosts + silent.length - 10, title);
    t.deepEqual(freezes(world), expected, title);
  }
});

test('self-preservation › where no host can be pinged, dead hosts are deleted all the same, and the status says so', (t) => {
  const world = new ExpiryWorld();
  t.false(world.expiry.status().nobodyAnswers);
  addSilent(world, addresses(30, 1_000));
  for (const address of addresses(5)) {
    world.unproved.add(address);
    world.knew(address, 0);
  }
  world.silence(addresses(5));
  world.run(1.5 * hour);
  t.is(world.live.length, 30);
  t.deepEqual(freezes(world), ['allowed']);
  t.true(world.expiry.status().nobodyAnswers);
  world.contact(addressOf(9));
  t.false(world.expiry.status().nobodyAnswers);
});

test('self-preservation › a server whose pings reach no host keeps quiet hosts, though it gets inbound traffic', (t) => {
  // Hosts that answer pings send nothing; hosts that send are behind a NAT.
  const world = worldOf(40);
  addSilent(world, ['10.2.0.1:4000']);
  world.run(30 * minute);
  world.outage(20 * hour);
  world.run(2 * hour);
  t.is(world.live.length, 41);
});

test('self-preservation › an override allows deletions, and the status shows it', (t) => {
  const world = worldOf(2);
  world.silence(addresses(2));
  world.run(3 * hour);
  const { selfPreservation } = world.expiry.status();
  t.like(selfPreservation, { active: true, reason: 'isolated', overridden: false });
  t.true(selfPreservation.since > 0 && selfPreservation.since < world.now.wall);
  world.expiry.override(world.mono);
  world.run(second);
  const lifted = { active: false, reason: null, since: world.now.wall, overridden: true };
  t.deepEqual(world.expiry.status().selfPreservation, lifted);
  world.run(2.2 * minute);
  t.deepEqual(world.live, [], 'two passes, without new pings');
});

test('self-preservation › it ends by itself after an outage of hours, with every host suspected', (t) => {
  const world = worldOf(50);
  world.run(10 * minute);
  world.outage(5 * hour);
  t.not(world.frozenBy, null);
  world.silence(addresses(10));
  world.run(10 * minute);
  t.is(world.frozenBy, null);
  world.run(1 * hour);
  t.is(world.live.length, 40);
});
