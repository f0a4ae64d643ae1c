import test from 'ava';
import fc from 'fast-check';
import { NumberColumn } from '../../../../daemon/core/registry/columns.ts';

const rows = 4;

test('number column › holds what an array holds, up to 2^48 - 1', (t) => {
  const anyNumber = fc.oneof(
    fc.nat(2 ** 32),
    fc.maxSafeNat().map((number) => number % 2 ** 48),
    fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(rows - 1), anyNumber)), (steps) => {
      const column = new NumberColumn(rows);
      const array = new Array(rows).fill(0);
      for (const [row, number] of steps) {
        column.set(row, number);
        array[row] = number;
      }
      t.deepEqual(
        array.map((_, row) => column.at(row)),
        array,
      );
    }),
  );
});

test('number column › what is larger is kept as the largest', (t) => {
  const column = new NumberColumn(1);
  for (const number of [2 ** 48, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    column.set(0, number);
    t.is(column.at(0), 2 ** 48 - 1);
  }
});
