import test from 'ava';
import { RecentHosts } from '../../../../daemon/core/expiry/canaries.ts';
import { dueAfterMs, expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { ExpiryScan } from '../../../../daemon/core/expiry/expiry-scan.ts';
import { hashAddress } from '../../../../daemon/core/registry/address-hash.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import {
  addresses,
  addressOf,
  packed,
  register,
  registryOf,
  rowOf,
} from '../../../fixture/registry.ts';

const hour = 3_600_000;
const minute = 60_000;
const intervals = expiryIntervals(hour);

/** Rows found due in each of `ticks` ticks of one second, with the wall clock at `wall`. */
function dueIn(scan: ExpiryScan, from: number, ticks: number, wall: number): number[][] {
  return Array.from({ length: ticks }, (_, tick) => {
    const due: number[] = [];
    scan.advance({ mono: from + (tick + 1) * 1_000, wall }, intervals, (row) => due.push(row) > 0);
    return due;
  });
}

test('expiry scan › every row is scanned once per TTL/60, a slice per tick', (t) => {
  const registry = registryOf(addresses(120));
  const scan = new ExpiryScan(registry, 20, 0);
  const expected = Array.from({ length: 60 }, (_, tick) => [2 * tick, 2 * tick + 1]);
  t.deepEqual(dueIn(scan, 0, 60, 10 * hour), expected);
  t.deepEqual(dueIn(scan, 60_000, 60, 10 * hour), expected);
});

test('expiry scan › a small registry is scanned at the same rate', (t) => {
  const scan = new ExpiryScan(registryOf(addresses(3)), 20, 0);
  t.deepEqual(dueIn(scan, 0, 120, 10 * hour).flat(), [0, 1, 2, 0, 1, 2]);
});

test('expiry scan › due hosts without room are counted, as of the last full scan', (t) => {
  const scan = new ExpiryScan(registryOf(addresses(120)), 20, 0);
  const look = (from: number, ticks: number, room: (row: number) => boolean) => {
    for (let mono = from + 1_000; mono <= from + ticks * 1_000; mono += 1_000)
      scan.advance({ mono, wall: 10 * hour }, intervals, room);
  };
  look(0, 60, (row) => row < 50);
  t.is(scan.waiting, 0, 'not every row was looked at before the next scan began');
  look(60_000, 60, () => true);
  t.is(scan.waiting, 70);
  look(120_000, 1, () => true);
  t.is(scan.waiting, 0);
});

test('expiry scan › a long pause is not caught up', (t) => {
  const scan = new ExpiryScan(registryOf(addresses(120)), 20, 0);
  const [first, second] = dueIn(scan, 10 * hour, 2, 20 * hour);
  t.deepEqual(first, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.deepEqual(second, [10, 11]);
});

test('expiry scan › an empty registry costs nothing', (t) => {
  const registry = registryOf([]);
  const scan = new ExpiryScan(registry, 20, 0);
  t.deepEqual(dueIn(scan, 0, 120, 10 * hour).flat(), []);
  t.deepEqual(scan.recent, []);
});

test('expiry scan › "Due times are jittered ±5 %": each by its own address', (t) => {
  const registry = registryOf(addresses(100));
  const offsets = addresses(100).map((address) => {
    const row = rowOf(registry, address);
    const due = registry.lastSeen.at(row) + dueAfterMs(hour, hashAddress(packed(address), 0));
    const isDueAt = (wall: number) => {
      const scan = new ExpiryScan(registry, 20, 0);
      return dueIn(scan, 0, 61, wall).flat().includes(row);
    };
    t.false(isDueAt(Math.ceil(due) - 1));
    t.true(isDueAt(Math.ceil(due)));
    return (due - registry.lastSeen.at(row)) / hour;
  });
  t.true(Math.min(...offsets) < 0.955 && Math.min(...offsets) >= 0.95);
  t.true(Math.max(...offsets) > 1.045 && Math.max(...offsets) <= 1.05);
});

test('expiry scan › a host that left is neither due nor recent', (t) => {
  const registry = registryOf(addresses(2));
  for (const row of [0, 1]) registry.prove(row, 1_000);
  registry.remove(0, 2_000);
  const scan = new ExpiryScan(registry, 20, 0);
  t.deepEqual(dueIn(scan, 0, 65, 10 * hour).flat(), [1]);
  const fresh = new ExpiryScan(registry, 20, 0);
  dueIn(fresh, 0, 120, 2_000);
  t.deepEqual(
    fresh.recent.map(({ row }) => row),
    [1],
  );
});

test('expiry scan › after one scan the proved hosts most recently in contact are known, without those that are due', (t) => {
  const registry = registryOf(addresses(60));
  const wall = 10 * hour;
  for (const [row, ago] of [
    [5, 3],
    [9, 1],
    [30, 2],
    [59, 4],
  ] as const)
    registry.prove(row, wall - ago * minute);
  // It never answered a ping.
  registry.seen(40, wall);
  const scan = new ExpiryScan(registry, 3, 0);
  dueIn(scan, 0, 60, wall);
  t.deepEqual(scan.recent, []);
  dueIn(scan, 60_000, 1, wall);
  t.deepEqual(
    scan.recent,
    [9, 30, 5].map((row) => ({
      row,
      change: registry.changeOf(row),
      lastSeen: registry.lastSeen.at(row),
    })),
  );
});

test('expiry scan › a contact from the future, from a clock that was ahead, counts as one of now', (t) => {
  const registry = registryOf(addresses(2));
  const wall = 10 * hour;
  registry.seen(0, wall + 365 * 24 * hour);
  registry.seen(1, wall + 59_000);
  dueIn(new ExpiryScan(registry, 20, 0), 0, 60, wall);
  t.is(registry.lastSeen.at(0), wall);
  t.is(registry.lastSeen.at(1), wall + 59_000, 'another server may be a little ahead');
});

test('expiry scan › a contact is not reduced to a clock that was just set back, or that peers find behind', (t) => {
  const registry = registryOf(addresses(1));
  const [wall, seen] = [10 * hour, 11 * hour];
  registry.seen(0, seen);
  const look = (isClockSure: boolean) => {
    const scan = new ExpiryScan(registry, 20, 0);
    for (let mono = 1_000; mono <= 65_000; mono += 1_000)
      scan.advance({ mono, wall }, intervals, () => true, isClockSure);
  };
  look(false);
  t.is(registry.lastSeen.at(0), seen);
  registry.clock.leadMs = hour;
  look(true);
  t.is(registry.lastSeen.at(0), seen);
  registry.clock.leadMs = 0;
  look(true);
  t.is(registry.lastSeen.at(0), wall);
});

test('expiry scan › a contact that counts as one of now still wins over a deletion that did not know of it', (t) => {
  const address = addressOf(0);
  const wall = 10 * hour;
  for (const aheadMs of [30_000, 3 * hour]) {
    const [here, there] = ['here', 'there'].map((server) => new Registry({ maxHosts: 9, server }));
    const [at, tell] = [
      (registry: Registry) => rowOf(registry, address),
      (from: Registry, to: Registry) =>
        to.merge(from.hostChange(rowOf(from, address)), packed(address), wall),
    ];
    register(here, address, { now: wall - 1_000 });
    tell(here, there);
    there.expire(at(there), wall);
    here.seen(at(here), wall + aheadMs);
    here.settle();
    // A host a minute ago, by a clock that is two minutes behind where it was.
    const scan = new ExpiryScan(here, 20, 0);
    for (let mono = 1_000; mono <= 60_000; mono += 1_000)
      scan.advance({ mono, wall: wall - minute }, expiryIntervals(minute), () => true);
    t.is(here.lastSeen.at(at(here)), wall - minute);
    t.deepEqual(here.pending().contacts, [at(here)]);
    t.is(tell(there, here), 'known');
    t.is(tell(here, there), 'applied');
    there.expire(at(there), wall);
    t.is(tell(there, here), 'applied', 'this deletion knew of it');
  }
});

const host = (row: number, lastSeen: number) => ({ row, change: row, lastSeen });

test('recent hosts › keeps the most recent hosts, the latest first', (t) => {
  const recent = new RecentHosts(3);
  for (const [row, lastSeen] of [50, 10, 70, 30, 90, 20].entries())
    recent.offer(host(row, lastSeen), `source ${row}`);
  t.deepEqual(recent.take(), [host(4, 90), host(2, 70), host(0, 50)]);
});

test('recent hosts › accepts only contacts later than the earliest it keeps', (t) => {
  const recent = new RecentHosts(2);
  recent.offer(host(1, 10), 'a');
  t.true(recent.wants(1));
  recent.offer(host(2, 20), 'b');
  t.false(recent.wants(10));
  t.true(recent.wants(11));
});

test('recent hosts › of hosts seen at the same time, the first ones stay', (t) => {
  const recent = new RecentHosts(2);
  for (const row of [1, 2, 3]) recent.offer(host(row, 10), `source ${row}`);
  t.deepEqual(recent.take(), [host(1, 10), host(2, 10)]);
});

test('recent hosts › is empty once taken', (t) => {
  const recent = new RecentHosts(2);
  recent.offer(host(1, 10), 'a');
  recent.take();
  t.deepEqual(recent.take(), []);
  recent.offer(host(2, 5), 'b');
  t.deepEqual(recent.take(), [host(2, 5)]);
});

test('recent hosts › keeps the two latest of a source, in any order of arrival', (t) => {
  const recent = new RecentHosts(4);
  for (const [row, lastSeen] of [50, 60, 10, 70].entries())
    recent.offer(host(row, lastSeen), 'crowd');
  recent.offer(host(4, 5), 'honest');
  t.deepEqual(recent.take(), [host(3, 70), host(1, 60), host(4, 5)]);
});

test('recent hosts › many hosts of one source displace no other', (t) => {
  const recent = new RecentHosts(3);
  recent.offer(host(0, 10), 'honest');
  for (let row = 1; row < 100; row++) recent.offer(host(row, 10 + row), 'crowd');
  t.deepEqual(recent.take(), [host(99, 109), host(98, 108), host(0, 10)]);
});

const second = 1_000;

test('expiry intervals › for a TTL of one hour are those of the design', (t) => {
  t.deepEqual(expiryIntervals(hour), {
    ttlMs: hour,
    tickMs: second,
    scanMs: minute,
    cycleMs: 2.4 * minute,
    retryMs: 1.2 * minute,
    passMs: minute,
    quietMs: 2 * minute,
    pingMs: 5 * second,
    leastPingMs: 250,
    opinionMs: 10 * second,
    stallMs: 5 * second,
  });
});

test('expiry intervals › for a TTL of 2 s leave a ping the time that a network takes', (t) => {
  t.deepEqual(expiryIntervals(2 * second), {
    ttlMs: 2 * second,
    tickMs: 10,
    scanMs: (2 * second) / 60,
    cycleMs: 500,
    retryMs: 250,
    passMs: 250,
    quietMs: 500 * (25 / 30),
    pingMs: 250,
    leastPingMs: 250,
    opinionMs: 500,
    stallMs: 250,
  });
});

for (const ttlMs of [second, 2 * second, minute, hour, 30 * 24 * hour])
  for (const attempts of [1, 2, 3, 10])
    test(`expiry intervals › are consistent with a TTL of ${ttlMs / second} s and ${attempts} attempts`, (t) => {
      const intervals = expiryIntervals(ttlMs, attempts);
      t.true(intervals.pingMs <= intervals.retryMs, 'attempts do not overlap');
      t.true(Math.abs(intervals.retryMs * Math.max(1, attempts - 1) - intervals.cycleMs) < 1e-6);
      t.true(intervals.cycleMs >= ttlMs / 25);
      t.true(intervals.quietMs < intervals.cycleMs, 'silence shows before a verdict');
      t.true(intervals.scanMs < intervals.cycleMs, 'a start has canaries at its end');
      t.true(intervals.tickMs < intervals.stallMs, 'a tick is no stall');
      t.true(intervals.tickMs < intervals.scanMs);
    });

test('expiry intervals › due times are spread by ±5 %', (t) => {
  t.is(dueAfterMs(hour, 0), 57 * minute);
  t.is(dueAfterMs(hour, 0xffff_ffff), 63 * minute);
  t.true(Math.abs(dueAfterMs(hour, 0x8000_0000) - hour) < 1);
});
