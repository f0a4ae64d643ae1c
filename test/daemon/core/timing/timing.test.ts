import test from 'ava';
import { backoffMs, Deadlines, SourceBudget } from '../../../../daemon/core/timing/timing.ts';

interface Item {
  name: string;
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name })) as [Item, Item, Item];

test('deadlines › an item is due once its deadline has passed, and is taken once', (t) => {
  const deadlines = new Deadlines<Item>(100);
  deadlines.start(a, 0);
  t.deepEqual(deadlines.takeDue(99), []);
  t.deepEqual(deadlines.takeDue(100), [a]);
  t.deepEqual(deadlines.takeDue(1_000), []);
});

test('deadlines › starting a deadline that runs does not move it', (t) => {
  const deadlines = new Deadlines<Item>(100);
  for (let now = 0; now < 100; now += 10) deadlines.start(a, now);
  t.deepEqual(deadlines.takeDue(100), [a]);
});

test('deadlines › a stopped deadline is never due, and can be started again', (t) => {
  const deadlines = new Deadlines<Item>(100);
  deadlines.start(a, 0);
  deadlines.stop(a);
  deadlines.stop(c);
  t.deepEqual(deadlines.takeDue(100), []);
  deadlines.start(a, 100);
  t.deepEqual(deadlines.takeDue(199), []);
  t.deepEqual(deadlines.takeDue(200), [a]);
});

test('deadlines › the oldest deadline comes first, and items that are not due stay', (t) => {
  const deadlines = new Deadlines<Item>(100);
  deadlines.start(a, 0);
  deadlines.start(b, 10);
  deadlines.start(c, 20);
  deadlines.stop(a);
  deadlines.start(a, 30);
  t.deepEqual(deadlines.takeDue(120), [b, c]);
  t.deepEqual(deadlines.takeDue(130), [a]);
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

test('source budget › a token comes back after its time, to the source that took it', (t) => {
  const budget = new SourceBudget(2, 100);
  const takes = (source: string, now: number) => budget.take(source, now);
  t.deepEqual(
    [takes('a', 0), takes('a', 0), takes('a', 50), takes('b', 50)],
    [true, true, false, true],
  );
  t.deepEqual([takes('a', 99), takes('a', 100), takes('a', 100)], [false, true, false]);
});

test('source budget › a source is remembered through 4,095 others, and forgotten after many more', (t) => {
  const budget = new SourceBudget(1, 1e9);
  let others = 0;
  const fill = (count: number) => {
    for (const end = others + count; others < end; others++) budget.take(`other ${others}`, 0);
  };
  // Wherever it comes among the others.
  for (let times = 0; times < 5; times++) {
    fill(1_234);
    t.true(budget.take(`a ${times}`, 0));
    fill(4_095);
    t.false(budget.take(`a ${times}`, 0), 'it has none left');
  }
  fill(2 * 4_096);
  t.true(budget.take('a 4', 0), 'memory has an end');
});
