import test from 'ava';
import fc from 'fast-check';
import { NodeIds } from '../../../../daemon/core/registry/node-ids.ts';

const uuid = '01234567-89ab-4cde-8f01-23456789abcd';

/** Every kind of id: UUIDs, UUIDs with one character off, and all the others. */
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

test('node ids › a UUID, its capital form and any other text come back as they were', (t) => {
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

test('node ids › the capital form of a UUID is another id', (t) => {
  const ids = new NodeIds(1);
  ids.set(0, uuid);
  t.true(ids.equals(0, uuid));
  t.false(ids.equals(0, uuid.toUpperCase()));
  ids.set(0, uuid.toUpperCase());
  t.false(ids.equals(0, uuid));
});

test('node ids › a row holds what was set last, whatever it held before', (t) => {
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

test('node ids › two rows are ordered as their texts are', (t) => {
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
