// Collects the text of a reply into chunks of at most 64 KiB. The text is written into a scratch
// buffer and copied once, when its size is known: a small reply costs one small allocation, a list
// of a million costs one chunk at a time.
import { type AddressBatch, addressWords, maxAddressText, writeAddress } from './address.ts';

/** What a kernel takes in one turn, and no more than a longest line. */
export const chunkBytes = 65_536;

const space = 0x20;

/** One scratch buffer is kept for whoever writes next; a chunk is never half written across turns. */
let spare: Buffer | null = null;

export class ChunkWriter {
  length = 0;
  private out: Buffer | null = null;

  /** Whether `bytes` more fit into this chunk. */
  fits(bytes: number): boolean {
    return this.length + bytes <= chunkBytes;
  }

  /** Whether one more address and `bytes` around it fit into this chunk. */
  fitsAddress(bytes: number): boolean {
    return this.fits(maxAddressText + bytes);
  }

  text(text: string): void {
    this.length += this.buffer().write(text, this.length, 'latin1');
  }

  utf8(text: string): void {
    this.length += this.buffer().write(text, this.length, 'utf8');
  }

  byte(value: number): void {
    this.buffer()[this.length++] = value;
  }

  address(words: Uint32Array, at: number): void {
    this.length = writeAddress(words, at, this.buffer(), this.length);
  }

  /**
   * Writes the addresses of `list` from `index` on, a space before each, as many as fit with
   * `bytes` after them; returns the index of the first that did not.
   */
  addresses(list: AddressBatch, index: number, bytes: number): number {
    const out = this.buffer();
    const last = chunkBytes - bytes - maxAddressText - 1;
    const { words, length } = list;
    let offset = this.length;
    let next = index;
    for (; next < length && offset <= last; next++) {
      out[offset] = space;
      offset = writeAddress(words, next * addressWords, out, offset + 1);
    }
    this.length = offset;
    return next;
  }

  /** The chunk so far, as bytes of its own; the next one begins empty. */
  take(): Uint8Array {
    const out = this.buffer();
    const chunk = Buffer.allocUnsafe(this.length);
    out.copy(chunk, 0, 0, this.length);
    this.length = 0;
    spare = out;
    this.out = null;
    return chunk;
  }

  private buffer(): Buffer {
    if (this.out === null) {
      this.out = spare ?? Buffer.allocUnsafeSlow(chunkBytes);
      spare = null;
    }
    return this.out;
  }
}
