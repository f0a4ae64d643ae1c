import test from 'ava';
import fc from 'fast-check';
import { createLinks, noRow, RowList } from '../../../../daemon/core/registry/row-list.ts';

function forward(list: RowList): number[] {
  const rows: number[] = [];
  for (let row = list.first; row !== noRow; row = list.nextOf(row)) rows.push(row);
  return rows;
}

function backward(list: RowList): number[] {
  const rows: number[] = [];
  for (let row = list.last; row !== noRow; row = list.previousOf(row)) rows.push(row);
  return rows;
}

test('row list › an empty list has no rows', (t) => {
  const list = new RowList(createLinks(3));
  t.deepEqual([list.first, list.last, list.length], [noRow, noRow, 0]);
});

test('row list › two lists share their links, and each keeps its order', (t) => {
  const rows = 8;
  const moves = fc.array(fc.tuple(fc.nat(rows - 1), fc.nat(2)), { maxLength: 100 });
  fc.assert(
    fc.property(moves, (steps) => {
      const links = createLinks(rows);
      const lists = [new RowList(links), new RowList(links)] as const;
      const models: [number[], number[]] = [[], []];
      for (const [row, to] of steps) {
        // Out of the list it is in, then to the end of list `to`; 2 is neither.
        for (const side of [0, 1] as const)
          if (models[side].includes(row)) {
            lists[side].remove(row);
            models[side] = models[side].filter((each) => each !== row);
          }
        if (to !== 2) {
          lists[to as 0 | 1].append(row);
          models[to as 0 | 1].push(row);
        }
        for (const side of [0, 1] as const) {
          const expected = models[side].join();
          if (forward(lists[side]).join() !== expected) return false;
          if (backward(lists[side]).reverse().join() !== expected) return false;
          if (lists[side].length !== models[side].length) return false;
        }
      }
      return true;
    }),
  );
  t.pass();
});
