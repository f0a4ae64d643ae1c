// The index from a packed address to its row: a hash table with open addressing and linear probing. An entry is
// one 32-bit slot; the addresses are compared in the registry's column. An entry's place is given by the top
// bits of its hash, so the index is in the order of the hashes, and the leaves of the digests need no lists of
// their own.
import { addressWords } from '../../../shared/protocol/address.ts';
import { hashAddress } from './address-hash.ts';
import { noRow } from './row-list.ts';

/** Finds the row of an address, and the rows of a range of hashes. */
export class AddressIndex {
  /** row + 1, or 0 in an empty slot: untouched memory is zero and not committed by the system */
  private readonly slots: Uint32Array;
  private readonly mask: number;
  private readonly shift: number;
  private readonly addresses: Uint32Array;

  /** `addresses`: the column of packed addresses, which the index only reads. */
  constructor(addresses: Uint32Array) {
    this.addresses = addresses;
    // At most three quarters full, so that a probe stays short.
    const rows = addresses.length / addressWords;
    let bits = 4;
    while (2 ** bits * 0.75 < rows) bits++;
    this.slots = new Uint32Array(2 ** bits);
    this.mask = 2 ** bits - 1;
    this.shift = 32 - bits;
  }

  /** The row that holds the address packed at `words[at]`, or `noRow`. */
  find(words: Uint32Array, at: number): number {
    for (let slot = hashAddress(words, at) >>> this.shift; ; slot = (slot + 1) & this.mask) {
      const row = (this.slots[slot] as number) - 1;
      if (row === noRow || this.holds(row, words, at)) return row;
    }
  }

  /**
   * Writes the rows of the `count` addresses packed from `words[at]` on to `rows`, `noRow` for unknown ones. An
   * asker usually names hosts in the order in which it got them, which is that of consecutive rows, so this is
   * tried first. For the others all slots are read before any address, so that the processor waits for many
   * cache misses at once.
   */
  findAll(words: Uint32Array, at: number, count: number, rows: Int32Array): void {
    const { slots, shift } = this;
    const first = this.find(words, at);
    let inOrder = 0;
    for (; inOrder < count && first !== noRow; inOrder++) {
      if (!this.holds(first + inOrder, words, at + inOrder * addressWords)) break;
      rows[inOrder] = first + inOrder;
    }
    for (let i = inOrder; i < count; i++)
      rows[i] = hashAddress(words, at + i * addressWords) >>> shift;
    for (let i = inOrder; i < count; i++) rows[i] = (slots[rows[i] as number] as number) - 1;
    for (let i = inOrder; i < count; i++) {
      const row = rows[i] as number;
      const from = at + i * addressWords;
      if (row !== noRow && !this.holds(row, words, from)) rows[i] = this.find(words, from);
    }
  }

  /** Adds `row`, whose address is in the column. @returns false if another row has that address */
  add(row: number): boolean {
    const at = row * addressWords;
    let slot = hashAddress(this.addresses, at) >>> this.shift;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & this.mask)
      if (this.holds((this.slots[slot] as number) - 1, this.addresses, at)) return false;
    this.slots[slot] = row + 1;
    return true;
  }

  /** Deletes `row` and closes the gap in its run of slots (Knuth 6.4, algorithm R). */
  delete(row: number): void {
    let hole = hashAddress(this.addresses, row * addressWords) >>> this.shift;
    while (this.slots[hole] !== row + 1) hole = (hole + 1) & this.mask;
    for (let slot = (hole + 1) & this.mask; ; slot = (slot + 1) & this.mask) {
      const candidate = this.slots[slot] as number;
      if (candidate === 0) break;
      const home = hashAddress(this.addresses, (candidate - 1) * addressWords) >>> this.shift;
      const isBetween = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
      if (isBetween) continue;
      this.slots[hole] = candidate;
      hole = slot;
    }
    this.slots[hole] = 0;
  }

  /** The rows whose addresses have hashes from `first` to `last`, in time proportional to their number. */
  *rowsHashed(first: number, last: number): Generator<number, void> {
    const lastHome = last >>> this.shift;
    // The slots of these hashes, and the displaced entries after them, up to the next empty slot.
    for (let slot = first >>> this.shift, steps = 0; steps <= this.mask; slot++, steps++) {
      const row = (this.slots[slot & this.mask] as number) - 1;
      if (row === noRow) {
        if (slot >= lastHome) return;
        continue;
      }
      const hash = hashAddress(this.addresses, row * addressWords);
      if (hash >= first && hash <= last) yield row;
    }
  }

  private holds(row: number, words: Uint32Array, at: number): boolean {
    const from = row * addressWords;
    // The words that differ most between hosts are compared first.
    return (
      this.addresses[from + 3] === words[at + 3] &&
      this.addresses[from + 4] === words[at + 4] &&
      this.addresses[from] === words[at] &&
      this.addresses[from + 1] === words[at + 1] &&
      this.addresses[from + 2] === words[at + 2]
    );
  }
}
