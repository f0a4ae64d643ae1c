import test from 'ava';
import fc from 'fast-check';
import { createUuidSearch } from '../../../../daemon/core/hosts-page/packed-search.ts';
import { packNodeId } from '../../../../daemon/core/registry/node-ids.ts';

function finds(text: string, uuid: string): boolean {
  const words = packNodeId(uuid);
  if (typeof words === 'string') throw new Error(`${uuid} is no UUID`);
  const padded = Uint32Array.of(0xffffffff, ...words, 0xffffffff);
  return createUuidSearch(text)?.(padded, 1) ?? false;
}

test('uuid search › finds what the text has, wherever it is and however long', (t) => {
  const anySearch = fc.tuple(fc.uuid(), fc.nat(35), fc.integer({ min: 1, max: 14 }));
  fc.assert(
    fc.property(anySearch, ([uuid, from, length]) => {
      const text = uuid.slice(from, from + length);
      const isDigits = /^[0-9a-f]+$/.test(text);
      return isDigits ? finds(text, uuid) : createUuidSearch(text) === null;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('uuid search › finds nothing else: as the text itself says, also across dashes', (t) => {
  // Few digits, so that runs of them are often nearly there.
  const anyDigit = fc.constantFrom('0', '1');
  const anyDigits = (length: number) =>
    fc.array(anyDigit, { minLength: length, maxLength: length }).map((digits) => digits.join(''));
  const anyUuid = fc
    .tuple(anyDigits(8), anyDigits(4), anyDigits(4), anyDigits(4), anyDigits(12))
    .map((groups) => groups.join('-'));
  const anyText = fc.integer({ min: 1, max: 14 }).chain(anyDigits);
  fc.assert(
    fc.property(anyUuid, anyText, (uuid, text) => finds(text, uuid) === uuid.includes(text)),
    { numRuns: 5_000 },
  );
  t.pass();
});

test('uuid search › each digit at each place', (t) => {
  for (let digit = 0; digit < 16; digit++)
    for (let place = 0; place < 32; place++) {
      const other = digit === 0 ? '1' : '0';
      const digits = [...other.repeat(32)];
      digits[place] = digit.toString(16);
      const uuid = digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      t.true(finds(digit.toString(16), uuid), uuid);
      t.false(finds(((digit + 7) % 16).toString(16).replace(other, '2'), uuid), uuid);
    }
});

test('uuid search › what is no run of hex digits is not for it', (t) => {
  for (const text of ['', '-', '0-1', 'g', 'A', 'node']) t.is(createUuidSearch(text), null, text);
});
