// One end of the pipe between the main process and a worker: frames out, frames in. What is sent in
// one go of the event loop is one write.
import type { Socket } from 'node:net';
import { encodeFrame, encodeJson, FrameReader } from './frames.ts';

/** Where a worker finds its end: behind the standard streams and the channel of node:cluster. */
export const linkFd = 4;

const nothing = Buffer.alloc(0);

export class Link {
  private readonly socket: Socket;
  private unsent: Buffer[] = [];

  /** `closed` is called once, whoever closed it. */
  constructor(socket: Socket, take: (type: number, body: Buffer) => void, closed: () => void) {
    this.socket = socket;
    const reader = new FrameReader(take);
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    // What went wrong shows in 'close'; without a listener it would end the process.
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

  /** Bytes that the other end has not taken. */
  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  /** Whether the other end should take something before more is sent that can wait. */
  get isFull(): boolean {
    return this.socket.writableNeedDrain;
  }

  /** Calls `go` when the other end has taken what waits. */
  whenDrained(go: () => void): void {
    this.socket.once('drain', go);
  }

  close(): void {
    this.flush();
    this.socket.end();
  }

  /** Sends at once what would go at the end of this round. */
  flush(): void {
    const { unsent } = this;
    if (unsent.length === 0) return;
    this.unsent = [];
    if (this.socket.writable)
      this.socket.write(unsent.length === 1 ? (unsent[0] as Buffer) : Buffer.concat(unsent));
  }
}
