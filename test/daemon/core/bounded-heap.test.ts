import test from 'ava';
import fc from 'fast-check';
import { BoundedHeap } from '../../../daemon/core/bounded-heap.ts';

test('bounded heap › it keeps the smallest rows of those offered, by any order', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(10_000)),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      (offered, limit, isReversed) => {
        const order = isReversed
          ? (a: number, b: number) => b - a
          : (a: number, b: number) => a - b;
        const heap = new BoundedHeap(limit, order);
        for (const row of offered) heap.offer(row);
        const kept = heap.rows().sort(order);
        return kept.join() === [...offered].sort(order).slice(0, limit).join();
      },
    ),
  );
  t.pass();
});

test('bounded heap › a row that is turned away costs one comparison', (t) => {
  let comparisons = 0;
  const heap = new BoundedHeap(100, (a, b) => {
    comparisons++;
    return a - b;
  });
  for (let row = 0; row < 100; row++) heap.offer(row);
  comparisons = 0;
  for (let row = 100; row < 1_100; row++) heap.offer(row);
  t.is(comparisons, 1_000);
});
