import test from 'ava';
import fc from 'fast-check';
import {
  createIpv4Search,
  createUuidSearch,
} from '../../../../daemon/core/hosts-page/packed-search.ts';
import { packNodeId } from '../../../../daemon/core/registry/node-ids.ts';
import { packed } from '../../../fixture/registry.ts';

function inIpv4(text: string, address: string): boolean {
  const padded = Uint32Array.of(7, ...packed(address), 7);
  return createIpv4Search(text)?.(padded, 1) ?? false;
}

const anyOctet = fc.oneof(fc.constantFrom(0, 1, 7, 10, 77, 100, 255), fc.nat(255));
const anyPort = fc.oneof(
  fc.constantFrom(1, 7, 77, 4524, 65_535),
  fc.integer({ min: 1, max: 65_535 }),
);
const anyAddress = fc
  .tuple(fc.tuple(anyOctet, anyOctet, anyOctet, anyOctet), anyPort)
  .map(([ip, port]) => `${ip.join('.')}:${port}`);

test('ipv4 search › every part of an address is found', (t) => {
  fc.assert(
    fc.property(
      anyAddress,
      fc.nat(20),
      fc.integer({ min: 1, max: 21 }),
      (address, from, length) => {
        const text = address.slice(from % address.length, (from % address.length) + length);
        return inIpv4(text, address);
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

test('ipv4 search › it finds exactly what a search in the text finds', (t) => {
  const anyText = fc
    .array(fc.constantFrom('0', '1', '7', '77', '10', '.', ':', '255'), {
      minLength: 1,
      maxLength: 7,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      anyAddress,
      anyText,
      (address, text) => inIpv4(text, address) === address.includes(text),
    ),
    { numRuns: 500 },
  );
  for (const [text, address, isFound] of [
    ['.', '1.2.3.4:5', true],
    ['4:5', '1.2.3.4:5', true],
    ['4:5', '4.5.3.2:1', false],
    ['.2.', '1.2.3.4:5', true],
    ['.2.', '1.23.42.4:5', false],
    ['1.2.3.4:5', '1.2.3.4:5', true],
    ['1.2.3.4:5', '11.2.3.4:56', true],
    ['1.2.3.4.5', '1.2.3.4:5', false],
    ['1.2.3.4:5:', '1.2.3.4:5', false],
    ['07', '7.7.7.7:7', false],
    ['', '1.2.3.4:5', false],
    ['a', '1.2.3.4:5', false],
  ] as const)
    t.is(inIpv4(text, address), isFound, `${text} in ${address}`);
});

function inUuid(text: string, uuid: string): boolean {
  const words = packNodeId(uuid);
  if (typeof words === 'string') throw new Error(`${uuid} is no UUID`);
  const padded = Uint32Array.of(0xffffffff, ...words, 0xffffffff);
  return createUuidSearch(text)?.(padded, 1) ?? false;
}

test('uuid search › every run of digits in a group is found', (t) => {
  const anySearch = fc.tuple(fc.uuid(), fc.nat(35), fc.integer({ min: 1, max: 14 }));
  fc.assert(
    fc.property(anySearch, ([uuid, from, length]) => {
      const text = uuid.slice(from, from + length);
      const isDigits = /^[0-9a-f]+$/.test(text);
      return isDigits ? inUuid(text, uuid) : createUuidSearch(text) === null;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('uuid search › it finds exactly what a search in the text finds, also across dashes', (t) => {
  // Two digits only, so that near misses are frequent.
  const anyDigit = fc.constantFrom('0', '1');
  const anyDigits = (length: number) =>
    fc.array(anyDigit, { minLength: length, maxLength: length }).map((digits) => digits.join(''));
  const anyUuid = fc
    .tuple(anyDigits(8), anyDigits(4), anyDigits(4), anyDigits(4), anyDigits(12))
    .map((groups) => groups.join('-'));
  const anyText = fc.integer({ min: 1, max: 14 }).chain(anyDigits);
  fc.assert(
    fc.property(anyUuid, anyText, (uuid, text) => inUuid(text, uuid) === uuid.includes(text)),
    { numRuns: 5_000 },
  );
  t.pass();
});

test('uuid search › each digit is found at each position', (t) => {
  for (let digit = 0; digit < 16; digit++)
    for (let place = 0; place < 32; place++) {
      const other = digit === 0 ? '1' : '0';
      const digits = [...other.repeat(32)];
      digits[place] = digit.toString(16);
      const uuid = digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      t.true(inUuid(digit.toString(16), uuid), uuid);
      t.false(inUuid(((digit + 7) % 16).toString(16).replace(other, '2'), uuid), uuid);
    }
});

test('uuid search › there is no search for anything but lower-case hex digits', (t) => {
  for (const text of ['', '-', '0-1', 'g', 'A', 'node']) t.is(createUuidSearch(text), null, text);
});
