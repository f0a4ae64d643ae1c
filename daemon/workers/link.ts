// One end of the pipe between the main process and a worker. It carries frames: a length, a type and a body
// (messages.ts). What is sent in one round of the event loop is one write.
import type { Socket } from 'node:net';
import { encodeJson } from './messages.ts';

/** File descriptor of a worker's end: after the standard streams and the channel of node:cluster. */
export const linkFd = 4;

/** Length and type. */
const headBytes = 4 + 1;

/** Longer than any frame that is sent: a slice of the roster has some 130 KB. */
const maxFrameBytes = 64 * 1_048_576;

const nothing = Buffer.alloc(0);

/** A frame; `type` is one of `toWorker` or `fromWorker`. */
export function encodeFrame(type: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt8(type, 4);
  frame.set(body, headBytes);
  return frame;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private readonly take: (type: number, body: Buffer) => void;
  private rest: Buffer[] = [];
  private length = 0;

  /** The reader does not reuse `body`. */
  constructor(take: (type: number, body: Buffer) => void) {
    this.take = take;
  }

  push(chunk: Buffer): void {
    this.rest.push(chunk);
    this.length += chunk.length;
    if (this.length < this.wanted()) return;
    const bytes = this.rest.length === 1 ? chunk : Buffer.concat(this.rest);
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const end = at + headBytes + lengthAt(bytes, at);
      if (end > bytes.length) break;
      this.take(bytes.readUInt8(at + 4), bytes.subarray(at + headBytes, end));
      at = end;
    }
    this.rest = at === bytes.length ? [] : [bytes.subarray(at)];
    this.length = bytes.length - at;
  }

  /** Bytes that are needed to read on. */
  private wanted(): number {
    const [first] = this.rest;
    if (first === undefined || first.length < headBytes) return headBytes;
    return headBytes + lengthAt(first, 0);
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32LE(at);
  if (length > maxFrameBytes)
    throw new RangeError(`a frame of ${length} bytes, more than ${maxFrameBytes}`);
  return length;
}

/** One end of the pipe. */
export class Link {
  private readonly socket: Socket;
  private unsent: Buffer[] = [];

  /** `closed` is called once, whichever end closed the pipe. */
  constructor(socket: Socket, take: (type: number, body: Buffer) => void, closed: () => void) {
    this.socket = socket;
    const reader = new FrameReader(take);
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    // The failure shows in 'close'; without a listener an 'error' would end the process.
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.once('close', closed);
  }

  send(type: number, body: Uint8Array = nothing): void {
    if (this.unsent.length === 0) queueMicrotask(() => this.flush());
    this.unsent.push(encodeFrame(type, body));
  }

  sendJson(type: number, value: unknown): void {
    this.send(type, encodeJson(value));
  }

  /** Bytes that the other end has not read. */
  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  /** Whether messages that are not urgent should wait until the other end has read. */
  get isFull(): boolean {
    return this.socket.writableNeedDrain;
  }

  /** Calls `go` when the other end has read everything that waits. */
  whenDrained(go: () => void): void {
    this.socket.once('drain', go);
  }

  close(): void {
    this.flush();
    this.socket.end();
  }

  /** Sends now, not at the end of this round. */
  flush(): void {
    const { unsent } = this;
    if (unsent.length === 0) return;
    this.unsent = [];
    if (this.socket.writable)
      this.socket.write(unsent.length === 1 ? (unsent[0] as Buffer) : Buffer.concat(unsent));
  }
}
