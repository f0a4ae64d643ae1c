// Writes replies in chunks of at most 64 KiB. A chunk is written into one buffer, and copied once when its size is
// known: small replies that are sent together cost one allocation, a list of a million one for each chunk.
import { type AddressBatch, addressWords, maxAddressBytes, writeAddress } from './address.ts';

/** Bytes per chunk: what a kernel takes at once, and no more than the longest line. */
export const chunkBytes = 65_536;

const space = 0x20;
const lastAscii = 0x7f;

/** Writes one chunk after the other. The caller asks whether a part fits before it writes the part. */
export class ChunkWriter {
  /** bytes in the chunk so far */
  length = 0;
  private readonly out = Buffer.allocUnsafeSlow(chunkBytes);
  private readonly view = new DataView(this.out.buffer);

  /** Whether `bytes` more fit into this chunk. */
  fits(bytes: number): boolean {
    return this.length + bytes <= chunkBytes;
  }

  /** Whether one more address and `bytes` around it fit into this chunk. */
  fitsAddress(bytes: number): boolean {
    return this.fits(maxAddressBytes + bytes);
  }

  /** Writes text, mostly a few words of ASCII: for them a call of `Buffer.write` takes longer than this. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > lastAscii) {
        this.length += this.out.write(text.slice(i), this.length);
        return;
      }
      this.out[this.length++] = code;
    }
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.out[this.length++] = value;
  }

  bytes(bytes: Uint8Array): void {
    this.out.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes the address packed at `words[at]`. */
  address(words: Uint32Array, at: number): void {
    this.length = writeAddress(words, at, this.view, this.length);
  }

  /**
   * Writes the addresses of `list` from `index` on, each after a space, as many as leave room for `bytes`
   * behind them; returns the index of the first that did not fit.
   */
  addresses(list: AddressBatch, index: number, bytes: number): number {
    const { view } = this;
    const last = chunkBytes - bytes - maxAddressBytes - 1;
    const { words, length } = list;
    let offset = this.length;
    let next = index;
    for (; next < length && offset <= last; next++) {
      view.setUint8(offset, space);
      offset = writeAddress(words, next * addressWords, view, offset + 1);
    }
    this.length = offset;
    return next;
  }

  /** Ends the chunk: returns a copy of its bytes. */
  take(): Uint8Array {
    const chunk = Buffer.allocUnsafe(this.length);
    this.out.copy(chunk, 0, 0, this.length);
    this.length = 0;
    return chunk;
  }
}
