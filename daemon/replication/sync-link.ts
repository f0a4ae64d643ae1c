// A socket that carries sync messages, whichever side opened it. Bytes that are no message close it, and so
// does a peer that reads too little of what is sent to it.
import type { Socket } from 'node:net';
import { SyncDecoder } from '../../shared/protocol/sync-decoder.ts';
import { encodeSync, type SyncMessage } from '../../shared/protocol/sync-message.ts';

/**
 * Bytes held for a peer that does not read. Changes wait for acknowledgements and stay far below it; a peer
 * that keeps asking and reads no answer reaches it.
 */
const maxUnsentBytes = 16_777_216;

/** Receives what comes over a link. */
export interface LinkOwner {
  message(message: SyncMessage): void;
  /** The peer sent an invalid message, or does not read; `text` says so to operators. The link closes. */
  refused(text: string, reason: 'malformed' | 'stuck'): void;
  /** Once, whichever side closed it. */
  closed(): void;
}

/** One connection, as messages. */
export class SyncLink {
  private readonly socket: Socket;
  private readonly owner: LinkOwner;
  /** sent in this round of the event loop; ASCII only */
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
        owner.refused(
          `sent ${text}; run the same version of ddnsd on both, and nothing else on its port`,
          'malformed',
        );
        this.close();
      },
    });
    socket.on('data', (chunk: Buffer) => decoder.push(chunk));
    socket.on('end', () => this.close());
    // 'close' follows; without a listener an error would end the process.
    socket.on('error', () => this.close());
    socket.on('close', () => {
      this.isClosed = true;
      owner.closed();
    });
  }

  /**
   * All messages of one round of the event loop go out in one write: a write for each short message would
   * cost many times its bytes in memory while the peer does not read.
   */
  send(message: SyncMessage): void {
    if (this.isClosed) return;
    if (this.unsent === '') queueMicrotask(() => this.flush());
    this.unsent += encodeSync(message);
    const bytes = this.socket.writableLength + this.unsent.length;
    if (bytes <= maxUnsentBytes) return;
    this.close();
    this.owner.refused(
      `takes nothing of what is sent to it: ${bytes >> 20} MiB wait, so the connection was closed; look at its load and the network between`,
      'stuck',
    );
  }

  /** Closes once everything is written. */
  finish(): void {
    this.flush();
    this.socket.end();
  }

  close(): void {
    this.isClosed = true;
    this.socket.destroy();
  }

  private flush(): void {
    const text = this.unsent;
    this.unsent = '';
    if (text !== '' && !this.isClosed) this.socket.write(text, 'latin1');
  }
}
