import test from 'ava';
import fc from 'fast-check';
import { NumberColumn } from '../../../../daemon/core/registry/columns.ts';
import { NodeIds } from '../../../../daemon/core/registry/node-ids.ts';
import { createLinks, noRow, RowList } from '../../../../daemon/core/registry/row-list.ts';
import { RowSet } from '../../../../daemon/core/registry/row-set.ts';
import { seed } from '../../../fixture/random.ts';
import { addresses, addressOf, packed, register, registryOf } from '../../../fixture/registry.ts';

test('number column › it holds what an array holds, up to 2^48 - 1', (t) => {
  const anyNumber = fc.oneof(
    fc.nat(2 ** 32),
    fc.maxSafeNat().map((number) => number % 2 ** 48),
    fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), anyNumber)), (steps) => {
      const column = new NumberColumn(4);
      const array = new Array(4).fill(0);
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

test('number column › a larger number is kept as 2^48 - 1', (t) => {
  const column = new NumberColumn(1);
  for (const number of [2 ** 48, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    column.set(0, number);
    t.is(column.at(0), 2 ** 48 - 1);
  }
});

const uuid = '01234567-89ab-4cde-8f01-23456789abcd';

/** Ids of every kind: UUIDs, almost-UUIDs with one wrong character, and others. */
const anyId = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc
    .tuple(fc.uuid(), fc.nat(35), fc.constantFrom('-', '0', 'f', 'g', 'F', '.'))
    .map(([id, at, other]) => id.slice(0, at) + other + id.slice(at + 1)),
  fc.stringMatching(/^[0-9A-Za-z._-]{1,64}$/),
);

function lowerCaseOf(ids: NodeIds, row: number): string {
  const out = new Uint8Array(70);
  const end = ids.writeLowerCase(row, out, 3);
  return Buffer.from(out.subarray(3, end)).toString('latin1');
}

test('node ids › a UUID, its upper-case form and any other text are returned unchanged', (t) => {
  const ids = new NodeIds(6);
  const texts = [
    uuid,
    uuid.toUpperCase(),
    'a',
    'x'.repeat(64),
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ];
  texts.forEach((id, row) => {
    ids.set(row, id);
  });
  t.deepEqual(
    texts.map((_, row) => ids.get(row)),
    texts,
  );
  t.deepEqual(
    texts.map((_, row) => ids.isUuid(row)),
    [true, false, false, false, true, true],
  );
});

test('node ids › the upper-case form of a UUID is another id', (t) => {
  const ids = new NodeIds(1);
  ids.set(0, uuid);
  t.true(ids.equals(0, uuid));
  t.false(ids.equals(0, uuid.toUpperCase()));
  ids.set(0, uuid.toUpperCase());
  t.false(ids.equals(0, uuid));
});

test('node ids › a row holds the id that was set last', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), anyId), { minLength: 1 }), (sets) => {
      const ids = new NodeIds(4);
      const model = new Map<number, string>();
      for (const [row, id] of sets) {
        ids.set(row, id);
        model.set(row, id);
        for (const [each, held] of model) {
          if (ids.get(each) !== held || !ids.equals(each, held)) return false;
          if (ids.equals(each, id) !== (held === id)) return false;
          if (lowerCaseOf(ids, each) !== held.toLowerCase()) return false;
        }
      }
      return true;
    }),
  );
  t.pass();
});

test('node ids › rows are ordered like their texts', (t) => {
  fc.assert(
    fc.property(anyId, anyId, (left, right) => {
      const ids = new NodeIds(2);
      ids.set(0, left);
      ids.set(1, right);
      const expected = left < right ? -1 : left > right ? 1 : 0;
      return Math.sign(ids.compare(0, 1)) === expected;
    }),
  );
  t.pass();
});

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

test('row list › two lists share their links and keep their orders', (t) => {
  const rows = 8;
  const moves = fc.array(fc.tuple(fc.nat(rows - 1), fc.nat(2)), { maxLength: 100 });
  fc.assert(
    fc.property(moves, (steps) => {
      const links = createLinks(rows);
      const lists = [new RowList(links), new RowList(links)] as const;
      const models: [number[], number[]] = [[], []];
      for (const [row, to] of steps) {
        // Moves the row to the end of list `to`; 2: to neither list.
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

test('row list › firstAfter finds the first later change, whatever was added and removed', (t) => {
  const anyStep = fc.tuple(fc.nat(499), fc.integer({ min: 1, max: 40 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const registry = registryOf(addresses(400), 600);
      for (const [from, count, isJoining] of steps)
        for (let index = from; index < Math.min(500, from + count); index++) {
          const row = registry.find(packed(addressOf(index)), 0);
          if (isJoining) register(registry, addressOf(index));
          else if (row !== noRow && registry.isLive(row)) registry.remove(row, 5_000);
        }
      for (const list of [registry.live, registry.gone]) {
        let expected = list.first;
        for (let change = 0; change <= registry.change; change++) {
          while (expected !== noRow && registry.changeOf(expected) <= change)
            expected = list.nextOf(expected);
          if (list.firstAfter(change) !== expected) return false;
        }
      }
      return true;
    }),
    { seed, numRuns: 100 },
  );
  t.pass();
});

test('row set › counts the rows that another set lacks, for small and large sets alike', (t) => {
  const anyRows = fc.array(fc.nat(9_000), { maxLength: 200 });
  fc.assert(
    fc.property(anyRows, anyRows, fc.boolean(), fc.boolean(), (rows, others, isMany, isReduced) => {
      const [set, except] = [new RowSet(), new RowSet()];
      for (const row of rows) set.add(row);
      for (const row of others) except.add(row);
      if (isMany) for (let row = 10_000; row < 15_000; row++) except.add(row);
      if (isReduced && others[0] !== undefined) except.delete(others[0]);
      const expected = [...new Set(rows)].filter((row) => !except.has(row)).length;
      return set.count(except) === expected && set.size === new Set(rows).size;
    }),
    { seed },
  );
  t.pass();
});
