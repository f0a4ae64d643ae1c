// From a packed address to the row that holds it: open addressing with linear probing over the
// registry's address column, so that an entry costs one 32-bit slot and no object.
import { addressWords } from '../../shared/protocol/address.ts';
import { hashAddress } from './address-hash.ts';

const empty = -1;

export class AddressIndex {
  private readonly slots: Int32Array;
  private readonly mask: number;
  private readonly addresses: Uint32Array;

  /** `addresses` is the column to compare with; it is read, never written. */
  constructor(addresses: Uint32Array) {
    this.addresses = addresses;
    // At most three quarters full, so that a probe stays short.
    const rows = addresses.length / addressWords;
    let size = 16;
    while (size * 0.75 < rows) size *= 2;
    this.slots = new Int32Array(size).fill(empty);
    this.mask = size - 1;
  }

  /** The row that holds the address packed at `words[at]`, or -1. */
  find(words: Uint32Array, at: number): number {
    for (let slot = hashAddress(words, at) & this.mask; ; slot = (slot + 1) & this.mask) {
      const row = this.slots[slot] as number;
      if (row === empty || this.holds(row, words, at)) return row;
    }
  }

  /** Enters `row`, whose address is in the column. False: another row has that address. */
  add(row: number): boolean {
    const at = row * addressWords;
    let slot = hashAddress(this.addresses, at) & this.mask;
    for (; this.slots[slot] !== empty; slot = (slot + 1) & this.mask)
      if (this.holds(this.slots[slot] as number, this.addresses, at)) return false;
    this.slots[slot] = row;
    return true;
  }

  /** Takes `row` out, and moves up what was pushed behind it (Knuth 6.4, algorithm R). */
  delete(row: number): void {
    let hole = hashAddress(this.addresses, row * addressWords) & this.mask;
    while (this.slots[hole] !== row) hole = (hole + 1) & this.mask;
    for (let slot = (hole + 1) & this.mask; ; slot = (slot + 1) & this.mask) {
      const candidate = this.slots[slot] as number;
      if (candidate === empty) break;
      const home = hashAddress(this.addresses, candidate * addressWords) & this.mask;
      const isBetween = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
      if (isBetween) continue;
      this.slots[hole] = candidate;
      hole = slot;
    }
    this.slots[hole] = empty;
  }

  private holds(row: number, words: Uint32Array, at: number): boolean {
    const from = row * addressWords;
    // The words that differ most between hosts come first.
    return (
      this.addresses[from + 3] === words[at + 3] &&
      this.addresses[from + 4] === words[at + 4] &&
      this.addresses[from] === words[at] &&
      this.addresses[from + 1] === words[at + 1] &&
      this.addresses[from + 2] === words[at + 2]
    );
  }
}
