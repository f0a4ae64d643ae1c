// A socket that carries sync messages, whichever side opened it. What cannot be read closes it, and
// so does a reader that falls too far behind.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SyncDecoder } from '../../shared/protocol/sync-decoder.ts';
import { encodeSync, type SyncMessage } from '../../shared/protocol/sync-message.ts';
import type { Link } from '../core/sync/peer-session.ts';

/** With this much unsent no further batch is made. */
const fullBytes = 1_048_576;

/** A peer that takes nothing, while we answer its questions: it is cut off. */
const mostBytes = 16_777_216;

export interface LinkOwner {
  message(message: SyncMessage): void;
  /** What came is no message; the link closes. */
  refused(text: string): void;
  /** It takes nothing of what is sent; the link closes. */
  stuck(unsentBytes: number): void;
  /** Once, whoever closed it. */
  closed(): void;
}

export class SyncLink implements Link {
  private readonly socket: Socket;
  private readonly owner: LinkOwner;
  /** said in this turn; all of it ASCII */
  private unsent = '';
  private isClosed = false;

  constructor(socket: Socket, owner: LinkOwner) {
    this.socket = socket;
    this.owner = owner;
    const decoder = new SyncDecoder({
      message: (message) => {
        if (!this.isClosed) owner.message(message);
      },
      refuse: (text) => {
        if (this.isClosed) return;
        owner.refused(text);
        this.close();
      },
    });
    socket.on('data', (chunk: Buffer) => decoder.push(chunk));
    socket.on('end', () => this.close());
    // What went wrong shows in 'close'; without a listener it would end the process.
    socket.on('error', () => this.close());
    socket.on('close', () => {
      this.isClosed = true;
      owner.closed();
    });
  }

  get isEncrypted(): boolean {
    return this.socket instanceof TLSSocket;
  }

  get isFull(): boolean {
    return this.unsentBytes >= fullBytes;
  }

  /**
   * Goes out with all else that is said in this turn, in one write: one for each short message would
   * cost many times its bytes in memory while the peer does not read.
   */
  send(message: SyncMessage): void {
    if (this.isClosed) return;
    if (this.unsent === '') queueMicrotask(() => this.flush());
    this.unsent += encodeSync(message);
    const { unsentBytes } = this;
    if (unsentBytes <= mostBytes) return;
    this.close();
    this.owner.stuck(unsentBytes);
  }

  /** Closes when all that was sent is on its way. */
  finish(): void {
    this.flush();
    this.socket.end();
  }

  close(): void {
    this.isClosed = true;
    this.socket.destroy();
  }

  private get unsentBytes(): number {
    return this.socket.writableLength + this.unsent.length;
  }

  private flush(): void {
    const text = this.unsent;
    this.unsent = '';
    if (text !== '' && !this.isClosed) this.socket.write(text, 'latin1');
  }
}
