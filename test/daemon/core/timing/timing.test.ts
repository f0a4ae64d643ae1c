import test from 'ava';
import { backoffMs, Deadlines } from '../../../../daemon/core/timing/timing.ts';

test('deadlines › an item is due once its deadline has passed, and is taken once', (t) => {
  const deadlines = new Deadlines<string>(100);
  deadlines.start('a', 0);
  t.deepEqual(deadlines.takeDue(99), []);
  t.deepEqual(deadlines.takeDue(100), ['a']);
  t.deepEqual(deadlines.takeDue(1_000), []);
});

test('deadlines › starting a deadline that runs does not move it', (t) => {
  const deadlines = new Deadlines<string>(100);
  for (let now = 0; now < 100; now += 10) deadlines.start('a', now);
  t.deepEqual(deadlines.takeDue(100), ['a']);
});

test('deadlines › a stopped deadline is never due, and can be started again', (t) => {
  const deadlines = new Deadlines<string>(100);
  deadlines.start('a', 0);
  deadlines.stop('a');
  deadlines.stop('never started');
  t.deepEqual(deadlines.takeDue(100), []);
  deadlines.start('a', 100);
  t.deepEqual(deadlines.takeDue(199), []);
  t.deepEqual(deadlines.takeDue(200), ['a']);
});

test('deadlines › the oldest deadline comes first, and items that are not due stay', (t) => {
  const deadlines = new Deadlines<string>(100);
  deadlines.start('a', 0);
  deadlines.start('b', 10);
  deadlines.start('c', 20);
  deadlines.stop('a');
  deadlines.start('a', 30);
  t.deepEqual(deadlines.takeDue(120), ['b', 'c']);
  t.deepEqual(deadlines.takeDue(130), ['a']);
});

test('backoff › it doubles from 250 ms to 2 s, random over the upper half', (t) => {
  t.deepEqual(
    [0, 1, 3, 4, 50].map((attempt) => backoffMs(attempt, () => 0)),
    [125, 250, 1_000, 1_000, 1_000],
  );
  t.is(
    backoffMs(50, () => 1),
    2_000,
  );
});
