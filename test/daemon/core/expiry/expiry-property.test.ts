// Expiry over many random worlds, over scales of time, and what it costs. A failing world prints the
// seed that repeats it.
import test from 'ava';
import { Expiry } from '../../../../daemon/core/expiry/expiry.ts';
import { participant } from '../../../../daemon/core/expiry/rendezvous.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { ExpiryWorld } from '../../../fixture/expiry-world.ts';
import { createRandom, seed } from '../../../fixture/random.ts';
import { addresses, addressOf, packed } from '../../../fixture/registry.ts';

const hour = 3_600_000;
const worlds = Number(process.env.WORLDS ?? 16);

/**
 * Hosts answer or not, keep in touch or not, die and come back; servers come and go; with
 * `outages`, networks fail and processes pause. Returns what is wrong at the end.
 */
function live(from: number, hasOutages: boolean): string[] {
  const random = createRandom(from);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const ttlMs = [hour, 200_000, 60_000][upTo(3)] as number;
  const ids = ['a', 'b', 'c'].slice(0, 1 + upTo(3));
  const world = new ExpiryWorld({
    ttlMs,
    servers: ids,
    random,
    // A single ping may fall into an outage that is too short to be noticed.
    attempts: (hasOutages ? 2 : 1) + upTo(3),
    ticksPerTtl: 1_200,
  });
  const wrong: string[] = [];
  const diedAt = new Map<string, number>();
  const count = 20 + upTo(60);
  for (let index = 0; index < count; index++) {
    const address = addressOf(index);
    const isAlive = () => !world.manners.has(address);
    world.knew(address, random() * 1.5 * ttlMs);
    const contact = () => {
      if (!isAlive() || !world.isConnected) return;
      world.contact(address, [...world.servers.keys()][upTo(world.servers.size)]);
    };
    if (index === 0 || random() < 0.3) world.every((0.05 + random() * 0.5) * ttlMs, contact);
    // The first hosts never die, so that some prove that the network works.
    if (index > 4 && random() < 0.5)
      world.after(random() * 3 * ttlMs, () => {
        world.manners.set(address, random() < 0.5 ? 'silent' : 'refuses');
        diedAt.set(address, world.mono);
        if (random() < 0.2)
          world.after(random() * 2 * ttlMs, () => {
            world.manners.delete(address);
            diedAt.delete(address);
            world.contact(address);
          });
      });
  }
  if (ids.length > 1)
    world.after(random() * 3 * ttlMs, () => {
      const gone = ids[upTo(ids.length)] as string;
      world.servers.delete(gone);
      world.after(random() * ttlMs, () => world.startServer(gone));
    });
  if (hasOutages)
    for (let times = 0; times < 3; times++)
      world.after(random() * 4 * ttlMs, () => {
        world.isConnected = false;
        world.after(random() ** 2 * ttlMs, () => {
          world.isConnected = true;
        });
      });
  const alive = () => addresses(count).filter((address) => !world.manners.has(address));
  let isPausing = hasOutages;
  const check = () => {
    const here = new Set(world.live);
    for (const address of alive()) if (!here.has(address)) wrong.push(`${address} was deleted`);
    if (!hasOutages)
      for (const [address, at] of diedAt)
        if (here.has(address) && world.mono - at > 3 * ttlMs)
          wrong.push(`${address} is served ${(world.mono - at) / ttlMs} TTL after its death`);
  };
  while (world.mono < 8 * ttlMs && wrong.length === 0) {
    world.run(ttlMs / 20);
    check();
    if (isPausing && random() < 0.05) world.stall(random() * 0.2 * ttlMs);
    if (world.mono > 5 * ttlMs) isPausing = false;
  }
  for (const [address, at] of diedAt)
    if (world.mono - at > 4 * ttlMs && world.live.includes(address))
      wrong.push(`${address} is still served at the end`);
  return wrong;
}

for (const hasOutages of [false, true])
  test(`expiry › no host that answers is ever deleted, a dead one is gone ${
    hasOutages ? 'after outages and pauses' : 'within 3 TTL'
  }: ${worlds} random worlds`, (t) => {
    for (let from = seed; from < seed + worlds; from++)
      t.deepEqual(live(from, hasOutages), [], `SEED=${from} WORLDS=1 repeats it`);
  });

/** The story of one evening, in shares of a TTL. */
function transcriptOf(ttlMs: number, hasTrouble: boolean): string[] {
  const world = new ExpiryWorld({
    ttlMs,
    servers: ['a', 'b'],
    random: createRandom(1),
    // Multiples of a power of two keep the arithmetic exact.
    wall: 1_024 * ttlMs,
  });
  const random = createRandom(2);
  for (let index = 0; index < 100; index++) {
    world.knew(addressOf(index), Math.floor(random() * 64) * (ttlMs / 64));
    if (index % 3 === 0)
      world.every(ttlMs / 8, () => {
        if (world.isConnected) world.contact(addressOf(index), index % 2 ? 'a' : 'b');
      });
    else if (index % 3 === 1)
      world.manners.set(addressOf(index), hasTrouble ? 'silent' : 'refuses');
  }
  world.run(ttlMs);
  world.servers.delete('b');
  world.run(ttlMs / 2);
  if (hasTrouble) world.stall(ttlMs / 32);
  world.run(ttlMs / 2);
  world.isConnected = !hasTrouble;
  world.run(ttlMs / 4);
  world.isConnected = true;
  world.run(ttlMs);
  return [...world.transcript, ...world.live];
}

test('expiry › "a test configuration of seconds behaves as the real one of an hour": TTL=200s and 53m', (t) => {
  const real = transcriptOf(16 * 200_000, false);
  t.true(real.length > 400);
  t.true(real.some((line) => line.includes('expired')));
  t.is(transcriptOf(200_000, false).join('\n'), real.join('\n'));
});

// Patience with hosts that do not answer follows the network and not the TTL, so what happens to whom is the same, and
// when is not.
test('expiry › the same hosts are deleted with silent hosts, stalls and an outage: TTL=200s and 53m', (t) => {
  const real = transcriptOf(16 * 200_000, true);
  t.true(real.some((line) => line.includes('deletes stalled')));
  t.true(real.some((line) => line.includes('deletes isolated')));
  const fates = (transcript: readonly string[]) =>
    transcript
      .filter((line) => !/ (ping|opinion|deletes) /.test(line))
      .map((line) => line.replace(/^\S+m (. )?(?=expired)/, ''))
      .toSorted();
  t.deepEqual(fates(transcriptOf(200_000, true)), fates(real));
});

test('expiry › a tick with 100,000 hosts costs next to nothing', (t) => {
  const count = 100_000;
  const registry = new Registry({ maxHosts: count });
  const start = 1_000 * hour;
  for (let index = 0; index < count; index++)
    registry.register(packed(addressOf(index)), 'node', 'native', start - (index / count) * hour);
  const ids = ['a', 'b', 'c'];
  const participants = ids.map(participant);
  const servers = ids.map(
    (self) =>
      new Expiry({
        registry,
        self,
        settings: { ttlMs: hour, attempts: 3 },
        random: createRandom(),
        now: { mono: 0, wall: start },
      }),
  );
  let spent = 0;
  let worst = 0;
  let pings = 0;
  // A quarter of a TTL: as many are due in each.
  const seconds = 900;
  for (let second = 1; second <= seconds; second++) {
    const now = { mono: second * 1_000, wall: start + second * 1_000 };
    for (const expiry of servers) {
      const before = process.cpuUsage();
      const effects = expiry.tick(now, participants);
      const { user, system } = process.cpuUsage(before);
      const took = (user + system) / 1_000;
      spent += took;
      worst = Math.max(worst, took);
      for (const effect of effects)
        if (effect.kind === 'ping') {
          pings++;
          // One of ten is dead.
          expiry.pingEnded(effect, !effect.address.endsWith('0:4000'), now);
        } else if (effect.kind === 'opinion') expiry.opinionGiven(effect, 'dead', now);
    }
  }
  const average = spent / (servers.length * seconds);
  const deleted = count - registry.live.length;
  t.log(
    `${(1_000 * average).toFixed(0)} µs a tick on average, ${worst.toFixed(1)} ms at most, ` +
      `${(pings / servers.length / seconds).toFixed(1)} pings a second, ${deleted} deleted`,
  );
  t.true(pings > count / 4 && deleted > 1_800, `${pings} pings, ${deleted} deleted`);
  // Far above the usual time, for slow machines.
  t.true(average < 5, `${average} ms`);
});
