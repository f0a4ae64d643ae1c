// Writes a reply in chunks of at most 64 KiB. A chunk is written into a shared buffer and copied once,
// when its size is known: a small reply costs one small allocation, a list of a million one chunk at a
// time.
import { type AddressBatch, addressWords, maxAddressText, writeAddress } from './address.ts';

/** Bytes per chunk: what a kernel takes at once, and no more than the longest line. */
export const chunkBytes = 65_536;

const space = 0x20;

/** The buffer kept for the next writer. A chunk is always finished within one turn of the event loop. */
let spare: Buffer | null = null;

/** Writes one chunk after the other. The caller asks whether a part fits before it writes the part. */
export class ChunkWriter {
  /** bytes in the chunk so far */
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

  /** Writes ASCII text. */
  text(text: string): void {
    this.length += this.buffer().write(text, this.length, 'latin1');
  }

  /** Writes any text. */
  utf8(text: string): void {
    this.length += this.buffer().write(text, this.length, 'utf8');
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.buffer()[this.length++] = value;
  }

  /** Writes the address packed at `words[at]`. */
  address(words: Uint32Array, at: number): void {
    this.length = writeAddress(words, at, this.buffer(), this.length);
  }

  /**
   * Writes the addresses of `list` from `index` on, each after a space, as many as leave room for `bytes`
   * behind them; returns the index of the first that did not fit.
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

  /** Ends the chunk: returns a copy of its bytes. */
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
