import test from 'ava';
import {
  compareVersions,
  HybridClock,
  maxAheadMs,
} from '../../../../daemon/core/registry/version.ts';

test('version › versions are ordered by ms, then counter, then server', (t) => {
  const versions = [
    { ms: 1, counter: 9, server: 'z' },
    { ms: 2, counter: 0, server: 'b' },
    { ms: 2, counter: 1, server: 'a' },
    { ms: 2, counter: 1, server: 'b' },
  ];
  for (const [i, a] of versions.entries())
    for (const [j, b] of versions.entries())
      t.is(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${i} ${j}`);
});

test('hybrid clock › each version is larger than the one before, even if the clock stands still or is set back', (t) => {
  const clock = new HybridClock('a');
  t.deepEqual(
    [1_000, 1_000, 500, 1_001].map((now) => clock.next(now)),
    [
      { ms: 1_000, counter: 0, server: 'a' },
      { ms: 1_000, counter: 1, server: 'a' },
      { ms: 1_000, counter: 2, server: 'a' },
      { ms: 1_001, counter: 0, server: 'a' },
    ],
  );
});

test('hybrid clock › the next version is larger than any observed one', (t) => {
  const clock = new HybridClock('a');
  t.true(clock.observe({ ms: 1_500, counter: 7, server: 'b' }, 1_000));
  t.deepEqual(clock.next(1_000), { ms: 1_500, counter: 8, server: 'a' });
  t.true(clock.observe({ ms: 1_500, counter: 3, server: 'b' }, 1_000));
  t.deepEqual(clock.next(1_000), { ms: 1_500, counter: 9, server: 'a' });
});

test('hybrid clock › a version more than a minute ahead is refused and does not move the clock', (t) => {
  const clock = new HybridClock('a');
  t.true(clock.observe({ ms: 1_000 + maxAheadMs, counter: 0, server: 'b' }, 1_000));
  t.false(clock.observe({ ms: 1_001 + maxAheadMs, counter: 0, server: 'b' }, 1_000));
  t.deepEqual(clock.next(1_000), { ms: 1_000 + maxAheadMs, counter: 1, server: 'a' });
});

test('hybrid clock › a version for an earlier contact is larger than the one that it must win over', (t) => {
  const clock = new HybridClock('a');
  clock.next(9_000);
  const after = { ms: 1_000, counter: 7, server: 'b' };
  t.deepEqual(clock.at(1_001, after), { ms: 1_001, counter: 0, server: 'a' });
  t.deepEqual(clock.at(1_000, after), { ms: 1_000, counter: 8, server: 'a' });
  t.deepEqual(clock.at(500, after), { ms: 1_000, counter: 8, server: 'a' });
  t.deepEqual(clock.next(9_000), { ms: 9_000, counter: 1, server: 'a' });
});

test('hybrid clock › set back, it continues after the latest version of another server', (t) => {
  const clock = new HybridClock('a');
  clock.observe({ ms: 5_000, counter: 10, server: 'b' }, 1_000);
  clock.observe({ ms: 5_000, counter: 3, server: 'c' }, 1_000);
  clock.next(200_000);
  clock.giveBack(2_000, 2_000 + maxAheadMs);
  t.deepEqual(clock.next(2_000), { ms: 5_000, counter: 11, server: 'a' });
});

test('hybrid clock › set back, it makes no version a second time', (t) => {
  const clock = new HybridClock('a');
  clock.observe({ ms: 5_000, counter: 10, server: 'b' }, 1_000);
  const made = clock.next(1_000);
  clock.next(200_000);
  clock.giveBack(2_000, 2_000 + maxAheadMs);
  t.true(compareVersions(clock.next(2_000), made) > 0);
});
