// What stored values are checked by: checksums (MurmurHash3), because SQLite has none and a damaged address may still
// look like an address, and their range.
import { finished, mixed } from '../core/registry/address-hash.ts';

const wordValues = 2 ** 32;

/** The checksum of what was added, in that order. */
export class Checksum {
  private hash = 0;

  /** 32 bits, unsigned; begins again. */
  take(): number {
    const value = finished(this.hash);
    this.hash = 0;
    return value;
  }

  /** Adds a whole number up to `Number.MAX_SAFE_INTEGER`. */
  addNumber(value: number): void {
    this.hash = mixed(mixed(this.hash, value | 0), Math.floor(value / wordValues));
  }

  addWords(words: Uint32Array): void {
    for (let i = 0; i < words.length; i++) this.hash = mixed(this.hash, words[i] as number);
  }

  addText(text: string): void {
    this.hash = mixed(this.hash, text.length);
    for (let i = 0; i < text.length; i++) this.hash = mixed(this.hash, text.charCodeAt(i));
  }
}

/** Whether a number is a count: a whole number that JavaScript represents exactly, not negative. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
