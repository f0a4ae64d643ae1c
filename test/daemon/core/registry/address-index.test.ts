import test from 'ava';
import fc from 'fast-check';
import { hashAddress } from '../../../../daemon/core/registry/address-hash.ts';
import { AddressIndex } from '../../../../daemon/core/registry/address-index.ts';
import { AddressList, addressWords, formatAddress } from '../../../../shared/protocol/address.ts';
import { packed } from '../../../fixture/registry.ts';

const rows = 12;

/** Addresses close together, as in a data centre, and similar IPv6 addresses. */
const anyAddress = fc.oneof(
  fc.tuple(fc.nat(3), fc.integer({ min: 4000, max: 4005 })).map(([i, p]) => `10.0.0.${i}:${p}`),
  fc.nat(7).map((i) => `[2001:db8::${i}]:4000`),
  fc.integer({ min: 1, max: 8 }).map((i) => `[2001:db8:${i}::]:4000`),
);

/** Adds an address, or deletes it if it is there. */
class Toggled {
  readonly addresses = new Uint32Array(rows * addressWords);
  readonly index = new AddressIndex(this.addresses);
  readonly model = new Map<string, number>();
  private readonly free = Array.from({ length: rows }, (_, row) => row);

  toggle(address: string): void {
    const row = this.model.get(address);
    if (row !== undefined) {
      this.index.delete(row);
      // As in a roster, a free row has no address.
      this.addresses.fill(0, row * addressWords, (row + 1) * addressWords);
      this.model.delete(address);
      this.free.push(row);
      return;
    }
    const taken = this.free.pop();
    // Full: a roster never adds more rows than it has.
    if (taken === undefined) return;
    this.addresses.set(packed(address), taken * addressWords);
    this.index.add(taken);
    this.model.set(address, taken);
  }

  find(address: string): number {
    return this.index.find(packed(address), 0);
  }
}

test('address index › finds what a Map finds, after any additions and deletions', (t) => {
  fc.assert(
    fc.property(fc.array(anyAddress, { maxLength: 120 }), (toggles) => {
      const toggled = new Toggled();
      for (const address of toggles) {
        toggled.toggle(address);
        for (const each of new Set(toggles))
          if (toggled.find(each) !== (toggled.model.get(each) ?? -1)) return false;
      }
      const all = AddressList.of('192.0.2.1:1', ...toggles);
      const found = new Int32Array(toggles.length);
      toggled.index.findAll(all.words, addressWords, toggles.length, found);
      return toggles.every((each, at) => found[at] === (toggled.model.get(each) ?? -1));
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('address index › the rows of a range of hashes are found, displaced entries included', (t) => {
  const anyHash = fc.nat(2 ** 32 - 1);
  fc.assert(
    fc.property(fc.array(anyAddress, { maxLength: 40 }), anyHash, anyHash, (toggles, a, b) => {
      const toggled = new Toggled();
      for (const address of toggles) toggled.toggle(address);
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const hashed = [...toggled.model].filter(([address]) => {
        const hash = hashAddress(packed(address), 0);
        return hash >= first && hash <= last;
      });
      const found = [...toggled.index.rowsHashed(first, last)];
      return (
        found.sort().join() ===
        hashed
          .map(([, row]) => row)
          .sort()
          .join()
      );
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('address index › an unknown address is not found even when every row is in use', (t) => {
  const toggled = new Toggled();
  for (let i = 0; i < rows; i++) toggled.toggle(`10.0.0.${i}:4000`);
  t.is(toggled.model.size, rows);
  for (const [address, row] of toggled.model) t.is(toggled.find(address), row);
  t.is(toggled.find('10.0.0.99:4000'), -1);
});

test('address index › an address is read at its offset', (t) => {
  const toggled = new Toggled();
  toggled.toggle('10.0.0.1:4000');
  toggled.toggle('10.0.0.2:4000');
  const words = new Uint32Array(3 * addressWords);
  words.set(packed('10.0.0.2:4000'), addressWords);
  const row = toggled.index.find(words, addressWords);
  t.is(formatAddress(toggled.addresses, row * addressWords), '10.0.0.2:4000');
  t.is(toggled.index.find(words, 0), -1);
});
