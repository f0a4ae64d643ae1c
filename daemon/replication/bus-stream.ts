// A link over the bus as a stream, which is what replication reads and writes (transport.ts), and its greeting.
import { Duplex } from 'node:stream';
import { decodeMessage } from '../../shared/protocol/sync-decoder.ts';
import type { SyncHello } from '../../shared/protocol/sync-message.ts';
import type { BusLink } from '../core/bus/bus-link.ts';
import type { Link } from './transport.ts';

/** Bytes that came and are not read yet before the other side is held back. */
const unreadBytes = 65_536;

/** For the greeting on a link that another server opened, and how long it may be. */
const greetingMs = 10_000;
const greetingBytes = 1_024;

/** A link as a stream. Reading and writing change the link; `acted` is called after each such change. */
export class BusStream extends Duplex {
  private readonly link: BusLink;
  private readonly act: (change: () => void) => void;
  private readonly seal: { readonly isSealing: boolean };
  /** bytes that came while too many were unread */
  private held = 0;
  private written: (() => void) | null = null;

  /**
   * @param act performs a change of the link, and what follows from it
   * @param ended the link is not wanted any more
   * @param seal of the messages that carry it
   */
  constructor(
    link: BusLink,
    act: (change: () => void) => void,
    ended: () => void,
    seal: { readonly isSealing: boolean },
  ) {
    super({ allowHalfOpen: false, readableHighWaterMark: unreadBytes });
    this.link = link;
    this.act = act;
    this.seal = seal;
    this.once('close', ended);
    link.events = {
      data: (bytes) => {
        if (this.destroyed) return;
        if (this.push(bytes)) this.act(() => link.taken(bytes.length));
        else this.held += bytes.length;
      },
      drained: () => this.wasWritten(),
      ended: () => this.finish(),
      broken: () => this.finish(),
    };
  }

  get encrypted(): boolean {
    return this.seal.isSealing;
  }

  override _read(): void {
    const { held } = this;
    if (held === 0) return;
    this.held = 0;
    this.act(() => this.link.taken(held));
  }

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    this.transmit(chunk, written);
  }

  /** Short messages that waited go out together. */
  override _writev(chunks: { chunk: Buffer }[], written: () => void): void {
    this.transmit(Buffer.concat(chunks.map(({ chunk }) => chunk)), written);
  }

  override _final(finished: () => void): void {
    this.act(() => this.link.end());
    finished();
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.written = null;
    destroyed(error);
  }

  private transmit(bytes: Buffer, written: () => void): void {
    // Nobody reads it: the stream closes once what had come before is read.
    if (this.link.isBroken) {
      written();
      return;
    }
    this.written = written;
    this.act(() => this.link.write(bytes));
  }

  private wasWritten(): void {
    const { written } = this;
    this.written = null;
    written?.();
  }

  private finish(): void {
    this.wasWritten();
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }
}

/** Reads what a server that has opened a link begins with; closes a link that begins with anything but a hello. */
export function readGreeting(
  stream: Link,
  greeted: (hello: SyncHello, stream: Link) => void,
): void {
  const timer = setTimeout(() => stream.destroy(), greetingMs);
  let text = '';
  const read = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const end = text.indexOf('\n');
    if (end === -1 && text.length < greetingBytes) return;
    stream.off('data', read);
    stream.pause();
    clearTimeout(timer);
    const hello = decodeMessage(text.slice(0, end));
    if (hello?.kind !== 'hello') {
      stream.destroy();
      return;
    }
    if (end + 1 < text.length) stream.unshift(Buffer.from(text.slice(end + 1), 'latin1'));
    greeted(hello, stream);
    stream.resume();
  };
  stream.on('error', () => {});
  stream.once('close', () => clearTimeout(timer));
  stream.on('data', read);
}
