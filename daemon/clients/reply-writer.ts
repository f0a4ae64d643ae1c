// The replies of one connection: they wait in the order of the requests, each until it is known and committed; then
// they become bytes as fast as the client reads them. Connections share the time for
// writing, however much one of them asks for at once.
import type { Socket } from 'node:net';
import { ChunkWriter } from '../../shared/protocol/chunk-writer.ts';
import { maxRequestsPerConnection, requestDeadlineMs } from '../../shared/protocol/limits.ts';
import type { Dialect, Refusal, Reply } from '../../shared/protocol/message.ts';
import { unstored } from '../core/query/reply-maker.ts';

/**
 * Work of one connection before others write: 128 replies of a few bytes, or some 120 KB of a list, which takes less
 * than a millisecond. A reply, or a chunk of a long one, counts 1, and 1 more for each KB.
 */
const workPerSlice = 128;

/** The same when a reply is new and others are waiting to write: a few short replies, or a list's first lines. */
const workAtOnce = 16;
const bytesPerWork = 1_024;

/** A chunk without bytes stands for a batch of rows that were looked at: as much work as a full one. */
const workOfEmptyChunk = 32;

/** Longest chunk that is copied, so that it is sent together with what is before and behind it. */
const mostCopied = 4_096;

/** Connections that go on writing in one round of the event loop: a few milliseconds. */
const writersPerRound = 4;

/** The reply to a request, or null until it is known. */
export interface PendingReply {
  reply: Reply | null;
}

/** To a request that did not arrive in time. */
export const overdue: Reply = {
  kind: 'error',
  code: 'timeout',
  text: `the request was not complete after ${requestDeadlineMs / 1000} s; send it whole`,
};

/** After the last request that a connection may carry. */
export const tooMany: Reply = {
  kind: 'error',
  code: 'too-many',
  text: `${maxRequestsPerConnection} requests on one connection; open another`,
};

/** Those that give way get `busy` with so many seconds, in rotation. */
const maxBackSeconds = 5;

/** The seconds of `busy` for the client with that number. */
export function backSeconds(serial: number): number {
  return 1 + (serial % maxBackSeconds);
}

/** Whether the connection closes after this reply. */
export function isLast(reply: Reply): boolean {
  const { kind } = reply;
  if (kind === 'hosts') return reply.failure !== null;
  return kind === 'error' || kind === 'redirect' || kind === 'busy';
}

/** The connections of a process with more to write than one slice: a few of them go on in each round. */
export class WriteScheduler {
  /** Where all of them write. Empty when no connection is writing. */
  readonly writer = new ChunkWriter();
  private readonly waiting = new Set<() => void>();
  private round: NodeJS.Immediate | null = null;

  get isBusy(): boolean {
    return this.waiting.size > 0;
  }

  add(goOn: () => void): void {
    this.waiting.add(goOn);
    this.round ??= setImmediate(() => this.run());
  }

  delete(goOn: () => void): void {
    this.waiting.delete(goOn);
  }

  private run(): void {
    this.round = null;
    let left = writersPerRound;
    for (const goOn of this.waiting) {
      if (left-- === 0) break;
      this.waiting.delete(goOn);
      goOn();
    }
    if (this.waiting.size > 0) this.round ??= setImmediate(() => this.run());
  }
}

/** One for each connection. */
export class ReplyWriter {
  private readonly scheduler: WriteScheduler;
  /** not known or not committed, in the order of the requests */
  private pending: PendingReply[] = [];
  /** answers that go out as they are known, in any order */
  private expected = 0;
  /** the chunks of the replies to write; those before `next` are written */
  private chunks: Iterator<Uint8Array>[] = [];
  private next = 0;
  /** for the client to read, or for other connections */
  private isWaiting = false;
  private readonly writable: () => void;

  /** `writable`: there is something to write again, after a `write` that could not finish. */
  constructor(scheduler: WriteScheduler, writable: () => void) {
    this.scheduler = scheduler;
    this.writable = writable;
  }

  /** A field from the start: V8 puts a function that is assigned to a property into the old generation. */
  private readonly resume = (): void => {
    this.isWaiting = false;
    this.writable();
  };

  /** Whether replies are unknown or uncommitted. */
  get hasPending(): boolean {
    return this.pending.length > 0 || this.expected > 0;
  }

  /** Whether some reply is not fully written yet. */
  get isWriting(): boolean {
    return this.next < this.chunks.length || this.isWaiting;
  }

  /** A request was made: its reply comes after those before it. */
  add(pending: PendingReply): void {
    this.pending.push(pending);
  }

  /**
   * What is known of the pending replies, from the first on, is to be written; `failure`: but could not be stored.
   * How many those are, and whether the connection closes after them.
   */
  release(failure: Refusal | null, dialect: Dialect): 'none' | 'some' | 'last' {
    const { pending } = this;
    let known = 0;
    for (; known < pending.length; known++) {
      const { reply: made } = pending[known] as PendingReply;
      // Later replies may be known already; they wait for this one.
      if (made === null) break;
      const reply = failure ? unstored(made, failure) : made;
      this.addChunks(dialect.encodeReply(reply, this.scheduler.writer));
      // No reply follows an error, even one that only the commit brought.
      if (isLast(reply)) {
        this.pending = [];
        return 'last';
      }
    }
    if (known === 0) return 'none';
    this.pending = known === pending.length ? [] : pending.slice(known);
    return 'some';
  }

  /** An answer comes that waits for no other one. */
  expect(): void {
    this.expected++;
  }

  /** The expected answer is known: it is to be written. */
  deliver(bytes: Uint8Array): void {
    this.expected--;
    this.addChunks([bytes].values());
  }

  addChunks(chunks: Iterator<Uint8Array>): void {
    this.chunks.push(chunks);
  }

  /** Gives `socket` as much as it takes; if that is not all, `writable` is called later. `isFirst`: a reply is new. */
  write(socket: Socket, isFirst: boolean): void {
    if (this.isWaiting) return;
    const work = isFirst && this.scheduler.isBusy ? workAtOnce : workPerSlice;
    const isBlocked = this.writeSome(socket, work);
    if (!isBlocked && !this.isWriting) return;
    this.isWaiting = true;
    if (isBlocked) socket.once('drain', this.resume);
    else this.scheduler.add(this.resume);
  }

  discard(): void {
    this.scheduler.delete(this.resume);
    this.pending = [];
    this.expected = 0;
    this.chunks = [];
    this.next = 0;
    this.isWaiting = false;
  }

  /** Whether the socket takes nothing more for now. */
  private writeSome(socket: Socket, most: number): boolean {
    const { writer } = this.scheduler;
    let work = most;
    let isBlocked = false;
    while (this.next < this.chunks.length && work > 0 && !isBlocked) {
      const before = writer.length;
      const chunk = this.chunks[this.next]?.next();
      if (chunk === undefined || chunk.done === true) {
        this.next++;
        work -= 1 + (writer.length - before) / bytesPerWork;
      } else {
        const { length } = chunk.value;
        work -= length === 0 ? workOfEmptyChunk : 1 + length / bytesPerWork;
        if (length <= mostCopied && writer.fits(length)) writer.bytes(chunk.value);
        else isBlocked = !send(socket, writer, chunk.value);
      }
    }
    if (writer.length > 0) isBlocked = !socket.write(writer.take());
    // Removed all together: removing them one by one from a long queue would cost its square.
    if (this.next === this.chunks.length) {
      this.chunks = [];
      this.next = 0;
    }
    return isBlocked;
  }
}

/** Sends what `writer` has, and `bytes` behind it. Whether the socket takes more. */
function send(socket: Socket, writer: ChunkWriter, bytes: Uint8Array): boolean {
  if (writer.length === 0) return socket.write(bytes);
  socket.cork();
  socket.write(writer.take());
  const takesMore = socket.write(bytes);
  socket.uncork();
  return takesMore;
}
