import test from 'ava';
import fc from 'fast-check';
import { BoundedHeap } from '../../../../daemon/core/hosts-page/bounded-heap.ts';

test('bounded heap › it keeps the smallest rows of those offered, by any order', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(10_000)),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 1_000 }),
      (offered, limit, isReversed, perKey) => {
        const sign = isReversed ? -1 : 1;
        const key = (row: number) => sign * Math.floor(row / perKey);
        const compare = (a: number, b: number) => sign * (a - b);
        const heap = new BoundedHeap(limit, compare);
        for (const row of offered) heap.offer(row, key(row));
        const kept = heap.rows().sort(compare);
        return kept.join() === [...offered].sort(compare).slice(0, limit).join();
      },
    ),
  );
  t.pass();
});

test('bounded heap › a row that is turned away by its key is not compared', (t) => {
  let comparisons = 0;
  const key = (row: number) => Math.floor(row / 10);
  const compare = (a: number, b: number) => {
    comparisons++;
    return a - b;
  };
  const heap = new BoundedHeap(100, compare);
  for (let row = 0; row < 100; row++) heap.offer(row, key(row));
  comparisons = 0;
  for (let row = 100; row < 1_100; row++) heap.offer(row, key(row));
  t.is(comparisons, 0);
  heap.offer(95, key(95));
  t.true(comparisons > 0);
});
