// Cuts a byte stream into lines that end with `\n` or `\r\n`. A line that lies whole in one chunk is
// handed on in place, without a copy; one that comes in pieces is collected in a buffer that
// doubles, so that even a byte at a time costs linear work, and never grows past a longest line.
import { maxLineBytes } from './limits.ts';

export interface LineSink {
  /** `bytes[start, end)` is a line without its end, valid during the call only. */
  line(bytes: Buffer, start: number, end: number): void;
  /** A line is longer than `maxLineBytes`; it may not have ended yet. Nothing follows. */
  tooLong(): void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Room for the longest line and the `\r` that may turn out to belong to its end. */
const maxHeld = maxLineBytes + 1;

const firstHeld = 256;

/** From here on a line is held in a buffer for the longest, which is kept for the next such line. */
const longHeld = 8_192;

const nothing = Buffer.alloc(0);

/** One for all: a long line is mostly over within a moment, and many of them come one after another. */
let spare: Buffer<ArrayBuffer> | null = null;

export class LineSplitter {
  /** Whether a line has begun that has not ended. */
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

  /** Gives up what it holds and ignores everything from now on. */
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
    // Not kept for the next line: thousands of connections that pause must not each keep a buffer.
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
