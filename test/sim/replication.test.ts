// Replication of a whole fleet in virtual time: whatever the network and the crashes did, once they
// stop, every server holds the same list, and nothing that was answered is missing from it.
import test from 'ava';
import { seed } from '../fixture/random.ts';
import { Fleet, type Server } from './fleet.ts';

const hosts = 40;

/** Of trouble, in which every host asks for something every now and then. */
const troubleMs = 120_000;

/** Two operations of one host are further apart than clocks differ and commits take. */
const betweenMs = 5_000;

/** Backoff, then the round of repairs: 2 s and 30 s at most, and some room. */
const calmMs = 60_000;

function hostAt(index: number): string {
  return `10.0.0.${index + 1}:4000`;
}

/** What the last operation of a host was, and whether it was answered. */
interface Wish {
  what: 'register' | 'leave';
  isAnswered: boolean;
}

function runScenario(size: number, from: number): { fleet: Fleet; wishes: Map<string, Wish> } {
  const fleet = new Fleet(size, from);
  const { world, network } = fleet;
  const wishes = new Map<string, Wish>();
  for (const server of fleet.servers) server.start();
  const operate = (host: string) => {
    if (world.now > troubleMs) return;
    const server = fleet.at(world.below(size));
    const wish: Wish = { what: world.random() < 0.7 ? 'register' : 'leave', isAnswered: false };
    if (server.running !== null) {
      wishes.set(host, wish);
      server.ask(host, wish.what, () => {
        wish.isAnswered = true;
      });
    }
    world.after(betweenMs + world.random() * 20_000, () => operate(host));
  };
  for (let index = 0; index < hosts; index++)
    world.after(world.random() * 10_000, () => operate(hostAt(index)));
  const disturb = () => {
    if (world.now > troubleMs) return;
    const [a, b] = [world.below(size), world.below(size)];
    const dice = world.random();
    if (dice < 0.3) network.reset(a, b);
    else if (dice < 0.6) network.cut(a, b);
    else if (dice < 0.8) network.heal();
    else {
      const server = fleet.at(a);
      if (server.running !== null) {
        server.crash();
        world.after(world.random() * 20_000, () => server.start());
      }
    }
    world.after(world.random() * 6_000, disturb);
  };
  disturb();
  world.run(troubleMs + 25_000);
  network.heal();
  world.run(calmMs);
  return { fleet, wishes };
}

/** But for `lastSeen`, of which small steps are not told. */
function recordsOf(server: Server) {
  return server.live().map(({ lastSeen, ...record }) => record);
}

test('fleet in virtual time › after cuts, resets and crashes all hold the same, and what was answered', (t) => {
  t.log(`SEED=${seed}`);
  const runs = 40;
  for (let run = 0; run < runs; run++) {
    const from = seed + run;
    const { fleet, wishes } = runScenario(3 + (run % 3), from);
    const first = recordsOf(fleet.at(0));
    for (const server of fleet.servers)
      t.deepEqual(recordsOf(server), first, `${server.id}, SEED=${from}`);
    const live = new Set(first.map(({ address }) => address));
    for (const [host, { what, isAnswered }] of wishes)
      if (isAnswered && what === 'register') t.true(live.has(host), `${host}, SEED=${from}`);
    const lags = fleet.servers.flatMap((each) => each.running?.peering.view(fleet.world.now));
    t.true(
      lags.every((peer) => peer?.state === 'alive' && peer.lag === 0),
      `SEED=${from}`,
    );
  }
});

test('fleet in virtual time › the same seed gives the same history', (t) => {
  const [a, b] = [runScenario(3, 7), runScenario(3, 7)];
  t.deepEqual(a.fleet.at(1).live(), b.fleet.at(1).live());
  t.is(a.fleet.network.bytes, b.fleet.network.bytes);
});

test('fleet in virtual time › a server restored from a backup numbers anew, loses nothing and gets back what it forgot', (t) => {
  const fleet = new Fleet(3, seed);
  const [first] = fleet.servers;
  for (const server of fleet.servers) server.start();
  fleet.world.run(1_000);
  const register = (...indexes: number[]) => {
    for (const index of indexes) first?.ask(hostAt(index), 'register', () => {});
    fleet.world.run(1_000);
  };
  register(0, 1, 2);
  const backup = first?.backup();
  register(3, 4, 5);
  first?.crash();
  fleet.world.run(1_000);
  if (first !== undefined && backup !== undefined) first.disk = backup;
  first?.start();
  register(6);
  fleet.world.run(calmMs);
  for (const server of fleet.servers)
    t.deepEqual(
      server.live().map(({ address }) => address),
      [0, 1, 2, 3, 4, 5, 6].map(hostAt),
      server.id,
    );
  t.is(first?.events.filter(({ kind }) => kind === 'renumbered').length, 1);
});

test('fleet in virtual time › a partition of ten minutes heals within seconds, for less than three times the difference', (t) => {
  const fleet = new Fleet(2, seed);
  const [a, b] = [fleet.at(0), fleet.at(1)];
  a.start();
  b.start();
  fleet.world.run(5_000);
  fleet.network.cut(0, 1);
  for (let index = 0; index < 200; index++)
    (index % 2 === 0 ? a : b).ask(`10.0.1.${index + 1}:4000`, 'register', () => {});
  fleet.world.run(600_000);
  t.is(a.live().length, 100);
  fleet.network.heal();
  const bytes = fleet.network.bytes;
  let healedAfter = 0;
  for (; b.live().length < 200 || a.live().length < 200; healedAfter += 50) fleet.world.run(50);
  const difference = JSON.stringify(a.live().map((each) => Object.values(each))).length;
  t.log(`${healedAfter} ms, ${fleet.network.bytes - bytes} bytes for ${difference}`);
  t.true(healedAfter <= 3_000, 'a dial after the longest pause');
  t.true(fleet.network.bytes - bytes < 3 * difference);
});
