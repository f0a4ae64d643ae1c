// Replication of a whole fleet in virtual time: whatever the network and the crashes did, once they
// stop, every server holds the same list, and nothing that was answered is missing from it. Nobody
// dies here; what expiry adds is in random.test.ts.
import test from 'ava';
import { seed } from '../fixture/random.ts';
import { Fleet, recordsOf } from './fleet.ts';
import { growthOf } from './growth.ts';

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
  what: 'query' | 'leave';
  isAnswered: boolean;
}

function runScenario(size: number, from: number): { fleet: Fleet; wishes: Map<string, Wish> } {
  const fleet = new Fleet({ servers: size, seed: from });
  const { world } = fleet;
  const wishes = new Map<string, Wish>();
  fleet.start();
  const operate = (address: string) => {
    if (world.now > troubleMs) return;
    const server = world.below(size);
    const wish: Wish = { what: world.random() < 0.7 ? 'query' : 'leave', isAnswered: false };
    const host = fleet.host(address);
    const answered = () => {
      wish.isAnswered = true;
    };
    if (fleet.at(server).isAwake) {
      wishes.set(address, wish);
      if (wish.what === 'query') host.register(server, answered);
      else host.ask('leave', server, answered);
    }
    world.after(betweenMs + world.random() * 20_000, () => operate(address));
  };
  for (let index = 0; index < hosts; index++)
    world.after(world.random() * 10_000, () => operate(hostAt(index)));
  const disturb = () => {
    if (world.now > troubleMs) return;
    const [a, b] = [world.below(size), world.below(size)];
    const dice = world.random();
    if (dice < 0.3) fleet.reset(a, b);
    else if (dice < 0.6) {
      fleet.cut(a, b);
      if (world.random() < 0.5) fleet.reset(a, b);
    } else if (dice < 0.8) fleet.heal();
    else {
      fleet.at(a).crash(world.random() < 0.5 ? 'process' : 'machine');
      world.after(world.random() * 20_000, () => fleet.at(a).start());
    }
    world.after(world.random() * 6_000, disturb);
  };
  disturb();
  fleet.run(troubleMs + 25_000);
  fleet.heal();
  fleet.run(calmMs);
  return { fleet, wishes };
}

test('fleet in virtual time › after cuts, resets and crashes all servers hold the same hosts, and every answered one', (t) => {
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
      if (isAnswered && what === 'query') t.true(live.has(host), `${host}, SEED=${from}`);
    const lags = fleet.servers.flatMap((each) => each.view());
    t.true(
      lags.every((peer) => peer.state === 'alive' && peer.lag === 0),
      `SEED=${from}`,
    );
  }
});

test('fleet in virtual time › the same seed gives the same history', (t) => {
  const [a, b] = [runScenario(3, 7), runScenario(3, 7)];
  t.deepEqual(a.fleet.at(1).live(), b.fleet.at(1).live());
  t.is(a.fleet.network.bytes, b.fleet.network.bytes);
});

test('fleet in virtual time › a server restored from a backup begins a new epoch and gets back from its peers what it lost', (t) => {
  const fleet = new Fleet({ servers: 3, seed });
  const first = fleet.at(0);
  fleet.start();
  fleet.run(1_000);
  const register = (...indexes: number[]) => {
    for (const index of indexes) fleet.host(hostAt(index)).register(0);
    fleet.run(1_000);
  };
  register(0, 1, 2);
  const backup = first.backup();
  register(3, 4, 5);
  first.crash();
  fleet.run(1_000);
  first.restore(backup);
  first.start();
  register(6);
  fleet.run(calmMs);
  for (const server of fleet.servers)
    t.deepEqual(
      server.live().map(({ address }) => address),
      [0, 1, 2, 3, 4, 5, 6].map(hostAt),
      server.id,
    );
  t.is(first.events.filter(({ kind }) => kind === 'renumbered').length, 1);
});

test('fleet in virtual time › a partition of ten minutes heals within seconds, for less than three times the difference', (t) => {
  const fleet = new Fleet({ servers: 2, seed });
  const [a, b] = [fleet.at(0), fleet.at(1)];
  fleet.start();
  fleet.run(5_000);
  fleet.cut(0, 1);
  for (let index = 0; index < 200; index++)
    fleet.host(`10.0.1.${index + 1}:4000`).register(index % 2);
  fleet.run(600_000);
  t.is(a.live().length, 100);
  fleet.heal();
  const { bytes } = fleet.network;
  const healedAt = fleet.world.now;
  t.true(
    fleet.world.runUntil(() => b.live().length === 200 && a.live().length === 200, 3_000),
    'a dial after the longest pause',
  );
  const difference = JSON.stringify(a.live().map((each) => Object.values(each))).length;
  const sent = fleet.network.bytes - bytes;
  t.log(`${fleet.world.now - healedAt} ms, ${sent} bytes for ${difference}`);
  t.true(sent < 3 * difference);
});

test('fleet in virtual time › a fleet whose bus was away for a minute has everything seconds later, without a link for each gap of each', (t) => {
  const servers = 16;
  const fleet = new Fleet({ servers, seed, transport: 'nats' });
  const { world, network } = fleet;
  fleet.start();
  fleet.run(calmMs);
  const links = () => network.counts.get('hello') ?? 0;
  const before = links();
  fleet.bus?.restart(60_000);
  for (let index = 0; index < 4 * servers; index++)
    world.after(index * 900, () => fleet.host(hostAt(index)).register(index % servers));
  fleet.run(60_000);
  t.false(fleet.isOneList());
  t.true(world.runUntil(() => fleet.isOneList(), 6_000));
  fleet.run(calmMs);
  t.is(fleet.at(0).live().length, 4 * servers);
  t.log(`${links() - before} links of ${servers * (servers - 1)}`);
  t.true(links() - before <= servers);
});

test('fleet in virtual time › in a mesh in which hosts come all the time, servers that lack nothing are not compared', (t) => {
  const { idleBytesPerSecond, bytesPerChange, everywhereMs } = growthOf(12, 'mesh');
  t.log(`${Math.round(idleBytesPerSecond)} bytes a second, ${Math.round(bytesPerChange)} a change`);
  t.not(everywhereMs, null);
  // A digest of all buckets is 4,103 bytes; a record in a batch of its own, acknowledged, some 200.
  t.true(bytesPerChange < 260);
});
