// A link that carries sync messages, whichever side opened it. Bytes that are no message close it, and so
// does a peer that reads too little of what is sent to it.
import { SyncDecoder } from '../../shared/protocol/sync-decoder.ts';
import { encodeSync, type SyncMessage } from '../../shared/protocol/sync-message.ts';
import type { Link } from './transport.ts';

/**
 * Bytes held for a peer that does not read. Changes wait for acknowledgements and stay far below it; a peer
 * that keeps asking and reads no answer reaches it.
 */
const maxUnsentBytes = 16_777_216;

/** Receives what comes over a link. */
export interface LinkOwner {
  /** Bytes have come, if only a part of a message. */
  heard(): void;
  message(message: SyncMessage): void;
  /** The peer sent an invalid message, or does not read; `text` says so to operators. The link closes. */
  refused(text: string, reason: 'malformed' | 'stuck'): void;
  /** Once, whichever side closed it. */
  closed(): void;
}

/** One link, as messages. */
export class SyncLink {
  readonly link: Link;
  private readonly owner: LinkOwner;
  /** sent in this round of the event loop; ASCII only */
  private unsent = '';
  private isClosed = false;

  constructor(link: Link, owner: LinkOwner) {
    this.link = link;
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
    link.on('data', (chunk: Buffer) => {
      owner.heard();
      decoder.push(chunk);
    });
    link.on('end', () => this.close());
    // 'close' follows; without a listener an error would end the process.
    link.on('error', () => this.close());
    link.on('close', () => {
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
    const bytes = this.link.writableLength + this.unsent.length;
    if (bytes <= maxUnsentBytes) return;
    this.close();
    this.owner.refused(
      `takes nothing of what is sent to it: ${bytes >> 20} MiB wait, so the connection was closed; look at its load and the network between`,
      'stuck',
    );
  }

  /** Closes once everything is written, the last message too. */
  finish(last: SyncMessage): void {
    this.send(last);
    this.flush();
    this.link.end();
  }

  close(): void {
    this.isClosed = true;
    this.link.destroy();
  }

  private flush(): void {
    const text = this.unsent;
    this.unsent = '';
    if (text !== '' && !this.isClosed) this.link.write(text, 'latin1');
  }
}
