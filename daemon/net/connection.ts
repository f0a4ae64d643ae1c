// One client's connection: bytes become requests through the dialect that its first byte chooses,
// replies leave in the order of the requests, each when it is known and its turn has ended. Every wait
// has a deadline, the reply is made as fast as the client reads it, and after an error the connection
// closes.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { formatAddress, packAddress } from '../../shared/protocol/address.ts';
import { dialectOf, tlsFirstByte } from '../../shared/protocol/dialect.ts';
import { maxRequestsPerConnection, requestDeadlineMs } from '../../shared/protocol/limits.ts';
import type {
  Decoder,
  Dialect,
  Refusal,
  Reply,
  Request,
  RequestSink,
} from '../../shared/protocol/message.ts';
import { native } from '../../shared/protocol/native.ts';
import type { Guest, Place } from '../core/admission.ts';
import { type Asking, stageOf } from '../core/backlog.ts';
import type { Origin } from '../core/registrar.ts';
import { unstored } from '../core/responder.ts';
import type { Waiting } from '../turn.ts';
import type { Doorway, Owed } from './doorway.ts';

/** What went wrong shows in 'close'; without a listener it would end the process. */
function ignored(): void {}

export class Connection implements Guest, Waiting, RequestSink {
  readonly source: string;
  /** among the connections of the doorway */
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
  private readonly doorway: Doorway;
  private readonly ip: Uint32Array;
  private dialect: Dialect = native;
  private decoder: Decoder | null = null;
  private origin: Origin | null = null;
  /** What is owed, in the order of the requests. */
  private owed: Owed[] = [];
  /** Replies that are being written: the chunks of the first, then the others. */
  private outgoing: Iterator<Uint8Array>[] = [];
  private requests = 0;
  /** since when it is in the backlog with something owed to it, on the doorway's clock */
  private askedAt = 0;
  private isBlocked = false;
  private hasInputEnded = false;
  /** Nothing more is read: the last reply is on its way, or was never owed. */
  private isClosing = false;
  /** What came while it is not known whether the backlog has room. */
  private held: Buffer | null = null;
  /** The backlog had no room: nothing is registered here, and it is not counted. */
  private isTurnedAway = false;

  /** The connection of `socket`, or null when it broke off before it could be looked at. */
  static open(socket: Socket, doorway: Doorway): Connection | null {
    const source = socket.remoteAddress;
    const ip = source === undefined ? null : packAddress(source, 1);
    if (source === undefined || ip === null) {
      socket.destroy();
      return null;
    }
    return new Connection(socket, doorway, source, ip);
  }

  private constructor(socket: Socket, doorway: Doorway, source: string, ip: Uint32Array) {
    this.socket = socket;
    this.doorway = doorway;
    this.source = source;
    this.serial = doorway.nextSerial();
    this.ip = ip;
    this.listen();
    doorway.requestDeadline.start(this, doorway.now());
  }

  private listen(): void {
    for (const [name, listener] of this.events) this.socket.on(name, listener);
  }

  private unlisten(): void {
    for (const [name, listener] of this.events) this.socket.off(name, listener);
  }

  /** Room is needed for others. */
  evict(): void {
    this.doorway.counters.evicted++;
    this.socket.destroy();
  }

  /** The request did not arrive in time; a connection that said nothing is owed no word. */
  requestOverdue(): void {
    this.doorway.counters.timedOut++;
    if (this.decoder === null) {
      this.socket.destroy();
      return;
    }
    this.close(
      said({
        kind: 'error',
        code: 'timeout',
        text: `the request was not complete after ${requestDeadlineMs / 1000} s; send it whole`,
      }),
    );
  }

  /** Kept open without a request, or without reading, or lingering, for too long; or unwanted. */
  drop(): void {
    this.socket.destroy();
  }

  /** The server stops: what is asked is still answered, then the connection closes. */
  finish(): void {
    if (this.owed.length === 0 && this.outgoing.length === 0) this.socket.destroy();
    else this.isClosing = true;
  }

  release(failure: Refusal | null): void {
    if (this.socket.destroyed) return;
    let known = 0;
    for (const { reply: made } of this.owed) {
      // What was asked behind it may be known already; it waits.
      if (made === null) break;
      known++;
      const reply = failure ? unstored(made, failure) : made;
      this.outgoing.push(this.dialect.encodeReply(reply));
      // Nothing is answered behind an error, also one that only the commit brought.
      if (isLast(reply)) {
        this.isClosing = true;
        known = this.owed.length;
        break;
      }
    }
    if (known === 0) return;
    this.owed = known === this.owed.length ? [] : this.owed.slice(known);
    this.doorway.writeDeadline.start(this, this.doorway.now());
    this.write();
  }

  private receive(chunk: Buffer): void {
    if (this.isClosing) return;
    if (this.decoder === null && this.beginsTls(chunk)) return;
    if (this.decoder === null && !this.chooseDialect(chunk[0] as number)) return;
    const { admission } = this.doorway;
    const now = this.doorway.now();
    if (this.place !== 'asking') this.askedAt = now;
    if (!admission.ask(this)) {
      if (admission.waits(this)) this.hold(chunk);
      else this.turnAway(chunk);
      return;
    }
    this.doorway.idleDeadline.stop(this);
    this.doorway.requestDeadline.start(this, now);
    this.decoder?.push(chunk);
    if (this.decoder?.pending === false || this.isClosing) this.doorway.requestDeadline.stop(this);
    else this.doorway.requestDeadline.start(this, this.doorway.now());
  }

  private hold(chunk: Buffer): void {
    this.held = chunk;
    this.socket.pause();
  }

  proceed(hasRoom: boolean): void {
    const { held } = this;
    if (held === null) return;
    this.held = null;
    this.socket.resume();
    if (hasRoom) this.receive(held);
    else this.turnAway(held);
    if (this.hasInputEnded) this.inputEnded();
  }

  /**
   * The backlog is full. What came at once is read, no more: whose request is whole may be sent
   * elsewhere, and a peer is let in, since it is no client.
   */
  private turnAway(chunk: Buffer): void {
    this.isTurnedAway = true;
    this.decoder?.push(chunk);
    if (!this.isClosing) this.close(this.doorway.desk.turnAway(null, this.origin as Origin, this));
  }

  /**
   * Whether it is TLS from here on: the same connection, whose deadline runs and who has said nothing
   * yet, until the first byte from inside arrives.
   */
  private beginsTls(first: Buffer): boolean {
    const { channel, passTls } = this.doorway;
    if (first[0] !== tlsFirstByte || this.isEncrypted) return false;
    if (passTls !== null) {
      passTls(this.depart(), first);
      return true;
    }
    if (channel === null) return false;
    this.doorway.handshakeBegins(this);
    this.unlisten();
    this.socket.pause();
    this.socket.unshift(first);
    this.socket = channel.accept(this.socket, {
      completed: () => this.doorway.handshakeEnds(this),
      failed: (reason) => {
        this.doorway.counters.malformed++;
        this.doorway.handshakeFailed(this.source, reason);
      },
    });
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
    // Each request has a deadline of its own, counted from its first byte; more bytes do not move it.
    this.doorway.requestDeadline.stop(this);
    this.requests++;
    const { doorway } = this;
    const origin = this.origin as Origin;
    const owed = this.isTurnedAway
      ? doorway.desk.turnAway(request, origin, this)
      : doorway.desk.answer(request, origin, this);
    this.owed.push(owed);
    const isOver = owed.reply === null ? this.isTurnedAway : isLast(owed.reply);
    if (isOver || !this.dialect.keepsOpen) this.isClosing = true;
    if (this.requests === maxRequestsPerConnection) {
      this.isClosing = true;
      this.owed.push(
        said({
          kind: 'error',
          code: 'too-many',
          text: `${maxRequestsPerConnection} requests on one connection; open another`,
        }),
      );
    }
    this.doorway.turn.add(this);
  }

  /** A peer: the connection is no client's any more, and counts for nothing here. */
  sync(line: string): void {
    if (this.isClosing) return;
    const entry = this.doorway.greeted(this.source, line, this.isEncrypted);
    if ('code' in entry) {
      this.refuse(entry);
      return;
    }
    entry.takeOver(this.depart());
  }

  /** The socket goes to somebody else, who also sees to its end. */
  private depart(): Socket {
    this.isClosing = true;
    this.hasInputEnded = false;
    this.unlisten();
    this.socket.removeAllListeners('drain');
    this.doorway.forget(this);
    return this.socket;
  }

  refuse(refusal: Refusal): void {
    if (this.isClosing) return;
    this.doorway.counters.malformed++;
    this.doorway.refused(this.source, refusal);
    this.close(said({ kind: 'error', ...refusal }));
  }

  /** Replies with a last word after what is owed already, then closes. */
  private close(last: Owed): void {
    this.isClosing = true;
    this.owed.push(last);
    this.doorway.turn.add(this);
  }

  private inputEnded(): void {
    this.hasInputEnded = true;
    // Also a paused socket tells of its end, when there is nothing before it.
    if (this.held !== null) return;
    if (this.owed.length === 0 && this.outgoing.length === 0) this.socket.destroy();
  }

  private unblocked(): void {
    this.isBlocked = false;
    this.write();
  }

  private write(): void {
    if (this.outgoing.length > 1) this.socket.cork();
    while (this.outgoing.length > 0 && !this.isBlocked) {
      const chunk = this.outgoing[0]?.next();
      if (chunk === undefined || chunk.done === true) this.outgoing.shift();
      else this.isBlocked = !this.socket.write(chunk.value);
    }
    this.socket.uncork();
    if (this.isBlocked || this.outgoing.length > 0) {
      // Whoever does not read its replies is not read from either.
      this.socket.pause();
      if (this.socket.listenerCount('drain') === 0)
        this.socket.once('drain', () => this.unblocked());
      return;
    }
    this.written();
  }

  /** All replies that are known are with the kernel. */
  private written(): void {
    this.doorway.writeDeadline.stop(this);
    if (this.owed.length === 0) this.allAnswered();
    this.socket.resume();
  }

  private allAnswered(): void {
    const { admission, requestDeadline, idleDeadline, lingerDeadline } = this.doorway;
    const now = this.doorway.now();
    if (this.isClosing || this.hasInputEnded) {
      // Reading on until the client closes: closing with bytes unread would reset the connection
      // and could take the reply with it.
      requestDeadline.stop(this);
      admission.answered(this);
      lingerDeadline.start(this, now);
      this.socket.end();
    } else if (this.decoder?.pending === false) {
      admission.answered(this);
      idleDeadline.start(this, now);
    } else {
      // The next request has begun.
      this.askedAt = now;
    }
  }

  /** What is known of it, when it is in the backlog. */
  asking(): Asking | null {
    const { socket, dialect, place } = this;
    if (place !== 'asking' || socket.destroyed) return null;
    return {
      serial: this.serial,
      source: formatAddress(packAddress(this.source, socket.remotePort ?? 0) ?? this.ip, 0),
      dialect: dialect.name,
      encrypted: this.isEncrypted,
      stage: stageOf(this.owed.length > 0, this.outgoing.length > 0),
      since: this.doorway.wallTime.at(this.askedAt),
      waitedMs: Math.round(this.doorway.now() - this.askedAt),
      requests: this.requests,
      bytesIn: socket.bytesRead,
      // What waits in this process counts as written for Node, and is not given to anybody yet.
      bytesOut: Math.max(0, socket.bytesWritten - socket.writableLength),
    };
  }

  private closed(): void {
    if (this.owed.length > 0 || this.outgoing.length > 0) this.doorway.counters.aborted++;
    this.owed = [];
    this.outgoing = [];
    this.doorway.forget(this);
  }
}

/** Whoever is told this has nothing more to ask here. */
function isLast(reply: Reply): boolean {
  const { kind } = reply;
  if (kind === 'hosts') return reply.failure !== null;
  return kind === 'error' || kind === 'redirect' || kind === 'busy';
}

/** What is known at once. */
function said(reply: Reply): Owed {
  return { reply };
}
