import test from 'ava';
import { Deadlines } from '../../../../daemon/core/timing/timing.ts';

test('deadlines › one is due when its length has passed, and taken once', (t) => {
  const deadlines = new Deadlines<string>(100);
  deadlines.start('a', 0);
  t.deepEqual(deadlines.takeDue(99), []);
  t.deepEqual(deadlines.takeDue(100), ['a']);
  t.deepEqual(deadlines.takeDue(1_000), []);
});

test('deadlines › starting one that runs does not move it', (t) => {
  const deadlines = new Deadlines<string>(100);
  for (let now = 0; now < 100; now += 10) deadlines.start('a', now);
  t.deepEqual(deadlines.takeDue(100), ['a']);
});

test('deadlines › one that is stopped is never due, and may start anew', (t) => {
  const deadlines = new Deadlines<string>(100);
  deadlines.start('a', 0);
  deadlines.stop('a');
  deadlines.stop('never started');
  t.deepEqual(deadlines.takeDue(100), []);
  deadlines.start('a', 100);
  t.deepEqual(deadlines.takeDue(199), []);
  t.deepEqual(deadlines.takeDue(200), ['a']);
});

test('deadlines › the longest due comes first, and what is not due stays', (t) => {
  const deadlines = new Deadlines<string>(100);
  deadlines.start('a', 0);
  deadlines.start('b', 10);
  deadlines.start('c', 20);
  deadlines.stop('a');
  deadlines.start('a', 30);
  t.deepEqual(deadlines.takeDue(120), ['b', 'c']);
  t.deepEqual(deadlines.takeDue(130), ['a']);
});
