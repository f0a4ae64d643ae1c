// One client's connection: bytes become requests through the dialect that its first byte chooses,
// replies leave in the order of the requests, each when it is known and its turn has ended. Every wait
// has a deadline, the reply is made as fast as the client reads it, and after an error the connection
// closes.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { sourceOf } from '../../shared/protocol/address-kind.ts';
import { dialectOf, native, tlsFirstByte } from '../../shared/protocol/dialect.ts';
import { maxRequestsPerConnection } from '../../shared/protocol/limits.ts';
import type {
  Decoder,
  Dialect,
  Refusal,
  Request,
  RequestSink,
} from '../../shared/protocol/message.ts';
import { type Guest, isInBacklog, type Place } from '../core/admission/admission.ts';
import { type Asking, stageOf } from '../core/admission/backlog.ts';
import type { Origin } from '../core/query/registrar.ts';
import { unstored } from '../core/query/responder.ts';
import type { Waiting } from '../group-commit.ts';
import type { ConnectionManager } from './connection-manager.ts';
import { HeldBack } from './held-back.ts';
import { isLast, overdue, type PendingReply, said, tooMany } from './pending-reply.ts';
import { ReplyWriter } from './reply-writer.ts';
import { seenOf } from './seen.ts';

/** What went wrong shows in 'close'; without a listener it would end the process. */
function ignored(): void {}

/** Who gave way to others comes back after 1 to so many seconds, each connection's next one by its number. */
const mostBackSeconds = 5;

/** Bytes read ahead while something is owed: the process that decides may wait for a disk, and many may ask. */
const mostReadAhead = 65_536;

export class Connection implements Guest, Waiting, RequestSink {
  readonly source: string;
  /** the address that it comes from, as the system writes it */
  readonly from: string;
  /** among the connections of the connection manager */
  readonly serial: number;
  place: Place | null = null;
  /** inside TLS once that has begun */
  private socket: Socket;
  private readonly events: readonly [name: string, listener: (chunk: Buffer) => void][] = [
    ['data', (chunk) => this.receive(chunk)],
    ['end', () => this.inputEnded()],
    ['error', ignored],
    ['close', () => this.closed()],
  ];
  private readonly manager: ConnectionManager;
  private readonly ip: Uint32Array;
  private dialect: Dialect = native;
  private decoder: Decoder | null = null;
  private origin: Origin | null = null;
  /** What is owed, in the order of the requests. */
  private pending: PendingReply[] = [];
  private readonly outgoing: ReplyWriter;
  private requests = 0;
  /** bytes read since something is owed, or since the last of it that was known was written */
  private readAhead = 0;
  /** since when it is in the backlog with something owed to it, on the connection manager's clock */
  private askedAt = 0;
  private hasInputEnded = false;
  /** Nothing more is read: the last reply is on its way, or was never owed. */
  private isClosing = false;
  /** What was read while it is not known whether the backlog has room, to be carried out then. */
  private readonly held = new HeldBack();
  /** The backlog had no room: nothing is registered here, and it is not counted. */
  private isTurnedAway = false;

  /** Of `socket`, which comes from the address `from`, packed in `ip`. */
  constructor(socket: Socket, manager: ConnectionManager, from: string, ip: Uint32Array) {
    this.socket = socket;
    this.manager = manager;
    this.from = from;
    this.source = sourceOf(ip);
    this.serial = manager.nextSerial();
    this.outgoing = new ReplyWriter(manager.writingTurns);
    this.ip = ip;
    this.listen();
    manager.requestDeadline.start(this, manager.now());
  }

  private listen(): void {
    for (const [name, listener] of this.events) this.socket.on(name, listener);
  }

  private unlisten(): void {
    for (const [name, listener] of this.events) this.socket.off(name, listener);
  }

  /** Room is needed for others. */
  evict(): void {
    this.manager.counters.evicted++;
    this.socket.destroy();
  }

  /** Its place in the backlog goes to somebody whose turn it is. */
  giveWay(): void {
    this.manager.counters.displaced++;
    this.manager.requestDeadline.stop(this);
    if (this.isOwed) this.discard();
    else this.close(said({ kind: 'busy', seconds: 1 + (this.serial % mostBackSeconds) }));
  }

  /** Ends without a word, and is counted by whoever ends it. */
  private discard(): void {
    this.pending = [];
    this.outgoing.discard();
    this.socket.destroy();
  }

  /** The request did not arrive in time; a connection that said nothing is owed no word. */
  requestOverdue(): void {
    this.manager.counters.timedOut++;
    if (this.decoder === null) this.socket.destroy();
    else this.close(overdue);
  }

  /** Kept open without a request, or without reading, or lingering, for too long; or unwanted. */
  drop(): void {
    this.socket.destroy();
  }

  /** The server stops: what is asked is still answered, then the connection closes. */
  finish(): void {
    if (!this.isOwed) this.manager.leaves(this, this.socket);
    else this.isClosing = true;
  }

  release(failure: Refusal | null): void {
    if (this.socket.destroyed) return;
    let known = 0;
    for (const { reply: made } of this.pending) {
      // What was asked behind it may be known already; it waits.
      if (made === null) break;
      known++;
      const reply = failure ? unstored(made, failure) : made;
      this.outgoing.add(this.dialect.encodeReply(reply));
      // Nothing is answered behind an error, also one that only the commit brought.
      if (isLast(reply)) {
        this.isClosing = true;
        known = this.pending.length;
        break;
      }
    }
    if (known === 0) return;
    this.pending = known === this.pending.length ? [] : this.pending.slice(known);
    this.manager.writeDeadline.start(this, this.manager.now());
    this.write(true);
  }

  private receive(chunk: Buffer): void {
    if (this.isClosing) return;
    if (this.decoder === null && this.beginsTls(chunk)) return;
    if (this.decoder === null && !this.chooseDialect(chunk[0] as number)) return;
    const now = this.manager.now();
    const isNew = this.place === 'silent' || this.place === 'idle';
    if (isNew) this.askedAt = now;
    if (isNew && !this.manager.admission.ask(this)) {
      this.seekRoom(chunk);
      return;
    }
    this.begin(now);
    this.decoder?.push(chunk);
    this.readAhead = this.pending.length > 0 ? this.readAhead + chunk.length : 0;
    this.haveRead();
  }

  /** It is in the backlog. */
  private begin(now: number): void {
    this.manager.idleDeadline.stop(this);
    this.manager.requestDeadline.start(this, now);
  }

  /** What came is decoded, and it is in the backlog for that. */
  private haveRead(): void {
    const { requestDeadline, admission, now } = this.manager;
    if (this.decoder?.pending === false || this.isClosing) requestDeadline.stop(this);
    else requestDeadline.start(this, now());
    if (this.place === 'reading' && !this.isClosing) admission.remainsUnfinished(this);
    if (this.readAhead <= mostReadAhead) return;
    // That its next request is not whole is no fault of the client then.
    requestDeadline.stop(this);
    this.socket.pause();
  }

  /**
   * The backlog is full. What came at once is decoded, because a whole request goes before unfinished
   * ones; and a peer is let in, since it is no client.
   */
  private seekRoom(chunk: Buffer): void {
    this.held.begin();
    this.decoder?.push(chunk);
    // A peer by now, or refused.
    if (!this.held.isActive) return;
    const hasRoom = this.manager.admission.seek(this, this.held.hasWhole);
    if (hasRoom === null) this.socket.pause();
    else this.proceed(hasRoom);
  }

  proceed(hasRoom: boolean): void {
    const { held, manager } = this;
    if (!held.isActive) return;
    this.socket.resume();
    if (hasRoom && manager.admission.ask(this)) {
      this.begin(manager.now());
      for (const carryOut of held.end()) carryOut();
      this.haveRead();
    } else {
      this.isTurnedAway = true;
      for (const carryOut of held.end()) carryOut();
      if (!this.isClosing) this.close(manager.handler.turnAway(null, this.origin as Origin, this));
    }
    if (this.hasInputEnded) this.inputEnded();
  }

  /**
   * Whether it is TLS from here on: the same connection, whose deadline runs and who has said nothing
   * yet, until the first byte from inside arrives.
   */
  private beginsTls(first: Buffer): boolean {
    const { channel, passTls } = this.manager;
    if (first[0] !== tlsFirstByte || this.isEncrypted) return false;
    if (passTls !== null) {
      passTls(this.depart(), first);
      return true;
    }
    if (channel === null) return false;
    this.unlisten();
    this.socket = this.manager.shakeHands(this, channel, this.socket, first);
    this.listen();
    return true;
  }

  private get isEncrypted(): boolean {
    return this.socket instanceof TLSSocket;
  }

  private chooseDialect(firstByte: number): boolean {
    const dialect = dialectOf(firstByte);
    if (dialect === null) {
      this.refuse({
        code: 'malformed',
        text: `no dialect begins with byte 0x${firstByte.toString(16).padStart(2, '0')}; send a request such as: ping`,
      });
      return false;
    }
    this.dialect = dialect;
    this.origin = { ip: this.ip, dialect: dialect.name };
    this.decoder = dialect.createDecoder(this);
    return true;
  }

  request(request: Request): void {
    if (this.isClosing) return;
    if (this.held.isActive) {
      this.held.keep(() => this.request(request));
      return;
    }
    this.manager.admission.turned(this, 'deciding');
    // Each request has a deadline of its own, counted from its first byte; more bytes do not move it.
    this.manager.requestDeadline.stop(this);
    this.requests++;
    const { manager } = this;
    const origin = this.origin as Origin;
    const pending = this.isTurnedAway
      ? manager.handler.turnAway(request, origin, this)
      : manager.handler.answer(request, origin, this);
    this.pending.push(pending);
    const isOver = pending.reply === null ? this.isTurnedAway : isLast(pending.reply);
    if (isOver || !this.dialect.keepsOpen) this.isClosing = true;
    if (this.requests === maxRequestsPerConnection) {
      this.isClosing = true;
      this.pending.push(tooMany);
    }
    this.manager.groupCommit.add(this);
  }

  /** A peer: the connection is no client's any more, and counts for nothing here. */
  sync(line: string): void {
    if (this.isClosing) return;
    if (this.held.hasWhole) {
      this.held.keep(() => this.sync(line));
      return;
    }
    const entry = this.manager.greeted(this.from, line, this.isEncrypted);
    if ('code' in entry) {
      this.refuse(entry);
      return;
    }
    entry.takeOver(this.depart());
  }

  /** The socket goes to somebody else, who also sees to its end. */
  private depart(): Socket {
    this.isClosing = true;
    this.held.end();
    this.hasInputEnded = false;
    this.unlisten();
    this.socket.removeAllListeners('drain');
    this.manager.forget(this);
    return this.socket;
  }

  refuse(refusal: Refusal): void {
    if (this.isClosing) return;
    if (this.held.hasWhole) {
      this.held.keep(() => this.refuse(refusal));
      return;
    }
    this.manager.counters.malformed++;
    this.manager.refused(this.from, refusal);
    this.close(said({ kind: 'error', ...refusal }));
  }

  /** Replies with a last word after what is owed already, then closes. */
  private close(last: PendingReply): void {
    this.isClosing = true;
    this.held.end();
    this.pending.push(last);
    this.manager.groupCommit.add(this);
  }

  private inputEnded(): void {
    this.hasInputEnded = true;
    // Also a paused socket tells of its end, when there is nothing before it.
    if (this.held.isActive) return;
    if (!this.isOwed) this.manager.leaves(this, this.socket);
  }

  private write(isFirst: boolean): void {
    this.outgoing.write(this.socket, () => this.write(false), isFirst);
    if (this.outgoing.isEmpty) {
      this.written();
      return;
    }
    this.manager.admission.turned(this, 'writing');
    // Whoever does not read its replies is not read from either.
    this.socket.pause();
  }

  /** All replies that are known are with the kernel, or wait in the socket for their reader. */
  private written(): void {
    this.manager.writeDeadline.stop(this);
    if (this.pending.length === 0) this.allAnswered();
    else this.manager.admission.turned(this, 'deciding');
    const wasAhead = this.readAhead > mostReadAhead;
    this.readAhead = 0;
    if (wasAhead) this.haveRead();
    this.socket.resume();
  }

  private allAnswered(): void {
    const { admission, idleDeadline } = this.manager;
    const now = this.manager.now();
    if (this.isClosing || this.hasInputEnded) this.manager.leaves(this, this.socket);
    else if (this.decoder?.pending === false) {
      admission.answered(this);
      idleDeadline.start(this, now);
    } else {
      // The next request has begun.
      this.askedAt = now;
      admission.turned(this, 'reading');
      admission.remainsUnfinished(this);
    }
  }

  /** What is known of it, when it is in the backlog. */
  asking(): Asking | null {
    if (!isInBacklog(this) || this.socket.destroyed) return null;
    return {
      serial: this.serial,
      ...seenOf(this.socket, this.from),
      dialect: this.dialect.name,
      encrypted: this.isEncrypted,
      stage: stageOf(this.pending.length > 0, !this.outgoing.isEmpty),
      since: this.manager.wallTime.at(this.askedAt),
      waitedMs: Math.round(this.manager.now() - this.askedAt),
      requests: this.requests,
    };
  }

  /** Whether some of what it asked for is not with the kernel. */
  private get isOwed(): boolean {
    return this.pending.length > 0 || !this.outgoing.isEmpty;
  }

  private closed(): void {
    if (this.isOwed) this.manager.counters.aborted++;
    this.discard();
    this.manager.forget(this);
  }
}
