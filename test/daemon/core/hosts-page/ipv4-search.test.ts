import test from 'ava';
import fc from 'fast-check';
import { createIpv4Search } from '../../../../daemon/core/hosts-page/packed-search.ts';
import { packed } from '../../../fixture/registry.ts';

function finds(text: string, address: string): boolean {
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

test('ipv4 search › finds every part of the text of an address', (t) => {
  fc.assert(
    fc.property(
      anyAddress,
      fc.nat(20),
      fc.integer({ min: 1, max: 21 }),
      (address, from, length) => {
        const text = address.slice(from % address.length, (from % address.length) + length);
        return finds(text, address);
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});

test('ipv4 search › finds nothing else: as the text itself says', (t) => {
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
      (address, text) => finds(text, address) === address.includes(text),
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
    t.is(finds(text, address), isFound, `${text} in ${address}`);
});
