// Splits a byte stream into lines that end with `\n` or `\r\n`. A line that is complete in one chunk is
// passed on in place, without a copy. A line in pieces is collected in a buffer that doubles, so that a
// byte at a time costs linear work, and never exceeds the longest line.
import { maxLineBytes } from './limits.ts';

/** Receives the lines. */
export interface LineSink {
  /** `bytes[start, end)` is a line without its end; valid during the call only. */
  line(bytes: Buffer, start: number, end: number): void;
  /** A line is longer than `maxLineBytes`, ended or not. No call follows. */
  tooLong(): void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Bytes of the longest line and a `\r` that may turn out to be part of its end. */
const maxHeld = maxLineBytes + 1;

/** Bytes of the first buffer for a line in pieces. */
const firstHeld = 256;

/** From this length on, a line gets a buffer for the longest line, which is reused afterwards. */
const longHeld = 8_192;

const nothing = Buffer.alloc(0);

/** The buffer kept for the next long line of any connection: long lines are short-lived and come in a row. */
let spare: Buffer<ArrayBuffer> | null = null;

/** Splits the stream of one connection. */
export class LineSplitter {
  /** whether a line has begun and not ended */
  get pending(): boolean {
    return this.length > 0;
  }

  private readonly sink: LineSink;
  private held = nothing;
  private length = 0;
  private stopped = false;

  constructor(sink: LineSink) {
    this.sink = sink;
  }

  /** Consumes `chunk` and calls the sink for each line that ends in it. */
  push(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    let at = 0;
    while (at < bytes.length && !this.stopped) {
      const lineEnd = bytes.indexOf(lineFeed, at);
      const end = lineEnd === -1 ? bytes.length : lineEnd;
      if (lineEnd !== -1 && this.length === 0) this.emit(bytes, at, end);
      else if (this.hold(bytes, at, end) && lineEnd !== -1) this.emitHeld();
      at = end + 1;
    }
  }

  /** Drops the line in progress and ignores everything from now on. */
  stop(): void {
    this.stopped = true;
    this.held = nothing;
    this.length = 0;
  }

  private emit(bytes: Buffer, start: number, end: number): void {
    const lineEnd = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
    if (lineEnd - start > maxLineBytes) this.overflow();
    else this.sink.line(bytes, start, lineEnd);
  }

  private emitHeld(): void {
    const { held, length } = this;
    // Released at once: thousands of idle connections must not keep a buffer each.
    this.held = nothing;
    this.length = 0;
    this.emit(held, 0, length);
    if (held.length === maxHeld) spare = held;
  }

  private hold(bytes: Buffer, start: number, end: number): boolean {
    const length = this.length + end - start;
    const isTooLong =
      length > maxHeld || (length === maxHeld && end > start && bytes[end - 1] !== carriageReturn);
    if (isTooLong) {
      this.overflow();
      return false;
    }
    if (length > this.held.length) {
      const grown =
        length < longHeld ? Buffer.allocUnsafeSlow(Math.max(firstHeld, 2 * length)) : takeLong();
      this.held.copy(grown, 0, 0, this.length);
      this.held = grown;
    }
    bytes.copy(this.held, this.length, start, end);
    this.length = length;
    return true;
  }

  private overflow(): void {
    this.stop();
    this.sink.tooLong();
  }
}

function takeLong(): Buffer<ArrayBuffer> {
  const long = spare ?? Buffer.allocUnsafeSlow(maxHeld);
  spare = null;
  return long;
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk)
    ? chunk
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
