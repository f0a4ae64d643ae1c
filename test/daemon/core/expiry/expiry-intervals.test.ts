import test from 'ava';
import { dueAfterMs, expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

test('expiry intervals › are those of the design for a TTL of an hour', (t) => {
  t.deepEqual(expiryIntervals(hour), {
    ttlMs: hour,
    tickMs: second,
    scanMs: minute,
    cycleMs: 2.4 * minute,
    retryMs: 1.2 * minute,
    passMs: minute,
    quietMs: 2 * minute,
    pingMs: 5 * second,
    opinionMs: 10 * second,
    stallMs: 5 * second,
  });
});

test('expiry intervals › of two seconds leave a ping what a network takes', (t) => {
  t.deepEqual(expiryIntervals(2 * second), {
    ttlMs: 2 * second,
    tickMs: 10,
    scanMs: (2 * second) / 60,
    cycleMs: 500,
    retryMs: 250,
    passMs: 250,
    quietMs: 500 * (25 / 30),
    pingMs: 250,
    opinionMs: 500,
    stallMs: 250,
  });
});

for (const ttlMs of [second, 2 * second, minute, hour, 30 * 24 * hour])
  for (const attempts of [1, 2, 3, 10])
    test(`expiry intervals › fit one another with a TTL of ${ttlMs / second} s and ${attempts} attempts`, (t) => {
      const intervals = expiryIntervals(ttlMs, attempts);
      t.true(intervals.pingMs <= intervals.retryMs, 'attempts do not overlap');
      t.true(Math.abs(intervals.retryMs * Math.max(1, attempts - 1) - intervals.cycleMs) < 1e-6);
      t.true(intervals.cycleMs >= ttlMs / 25);
      t.true(intervals.quietMs < intervals.cycleMs, 'silence shows before a verdict');
      t.true(intervals.scanMs < intervals.cycleMs, 'a start has canaries at its end');
      t.true(intervals.tickMs < intervals.stallMs, 'a tick is no stall');
      t.true(intervals.tickMs < intervals.scanMs);
    });

test('expiry intervals › due times spread by 5 % to both sides', (t) => {
  t.is(dueAfterMs(hour, 0), 57 * minute);
  t.is(dueAfterMs(hour, 0xffff_ffff), 63 * minute);
  t.true(Math.abs(dueAfterMs(hour, 0x8000_0000) - hour) < 1);
});
