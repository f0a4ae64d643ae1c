// What all connections of a server share: admission, deadlines, counters, and the way to an answer.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { packAddress } from '../../shared/protocol/address.ts';
import { idleTimeoutMs, requestDeadlineMs, writeDeadlineMs } from '../../shared/protocol/limits.ts';
import type { Refusal, Request } from '../../shared/protocol/message.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { Admission } from '../core/admission/admission.ts';
import { type Asking, type BacklogPart, longestFirst } from '../core/admission/backlog.ts';
import { GreediestFirst } from '../core/admission/greediest-first.ts';
import type { Origin } from '../core/query/registrar.ts';
import type { Counters } from '../core/stats/counters.ts';
import { Deadlines } from '../core/timing/timing.ts';
import type { GroupCommit, Waiting } from '../group-commit.ts';
import type { SecureChannel } from '../net/secure-channel.ts';
import { WallTime } from '../net/wall-time.ts';
import { Connection } from './connection.ts';
import type { PendingReply } from './pending-reply.ts';
import { WritingTurns } from './reply-writer.ts';

/** After a last reply, for the client to read it and to close. */
const lingerMs = 2_000;

/** How often overdue connections are looked for: a deadline is at most this much late. */
const sweepIntervalMs = 250;

/** What a stop waits for requests that were asked to be answered. */
const finishTimeoutMs = 5_000;

/**
 * TLS handshakes at once. Each costs up to 50 KiB, ten times a silent connection, before anybody has
 * shown the secret; one that is going to succeed takes milliseconds.
 */
export const maxHandshakes = 512;

export interface ConnectionManagerOptions {
  admission: Admission;
  counters: Counters;
  groupCommit: GroupCommit;
  /** monotonic milliseconds */
  now: () => number;
  /** the time of day, for people */
  wall?: () => number;
  handler: RequestHandler;
  refused: (source: string, refusal: Refusal) => void;
  /** A connection from `source` wants to be a peer's: its new owner, or why not. */
  greeted: (source: string, line: string, isEncrypted: boolean) => PeerEntry | Refusal;
  /** TLS; null when there is no secret for it */
  channel: SecureChannel | null;
  handshakeFailed: (source: string, reason: string) => void;
  /** Takes the socket of a connection that begins with TLS, and what was read of it; null: none does. */
  passTls?: ((socket: Socket, first: Buffer) => void) | null;
}

/** Where requests are answered: here and at once, or by the process that has the registry. */
export interface RequestHandler {
  /** `asker` is released when the reply is known, and what it says is on the disk. */
  answer(request: Request, origin: Origin, asker: Waiting): PendingReply;
  /** What is said to a request that the backlog has no room for; null: one that is not whole yet. */
  turnAway(request: Request | null, origin: Origin, asker: Waiting): PendingReply;
}

/** Who takes over the socket of a peer. */
export interface PeerEntry {
  takeOver(socket: Socket): void;
}

export class ConnectionManager {
  readonly admission: Admission;
  readonly counters: Counters;
  readonly groupCommit: GroupCommit;
  readonly now: () => number;
  readonly wallTime: WallTime;
  readonly handler: RequestHandler;
  readonly refused: (source: string, refusal: Refusal) => void;
  readonly greeted: ConnectionManagerOptions['greeted'];
  readonly channel: SecureChannel | null;
  readonly handshakeFailed: ConnectionManagerOptions['handshakeFailed'];
  readonly passTls: ((socket: Socket, first: Buffer) => void) | null;
  readonly requestDeadline = new Deadlines<Connection>(requestDeadlineMs);
  readonly idleDeadline = new Deadlines<Connection>(idleTimeoutMs);
  readonly writeDeadline = new Deadlines<Connection>(writeDeadlineMs);
  readonly lingerDeadline = new Deadlines<Connection>(lingerMs);
  readonly connections = new Set<Connection>();
  readonly writingTurns = new WritingTurns();
  /** those in a TLS handshake */
  private readonly handshakes = new GreediestFirst<Connection>();
  private lastSerial = 0;
  private sweeper: NodeJS.Timeout | null = null;
  /** Called when the last connection is gone, by whoever waits for that. */
  private emptied: (() => void) | null = null;

  constructor(options: ConnectionManagerOptions) {
    this.admission = options.admission;
    this.counters = options.counters;
    this.groupCommit = options.groupCommit;
    this.now = options.now;
    this.wallTime = new WallTime(options.now, options.wall ?? wallNow);
    this.handler = options.handler;
    this.refused = options.refused;
    this.greeted = options.greeted;
    this.channel = options.channel;
    this.handshakeFailed = options.handshakeFailed;
    this.passTls = options.passTls ?? null;
  }

  start(): void {
    this.sweeper = setInterval(() => this.sweep(), sweepIntervalMs);
  }

  /** A number for one more connection. */
  nextSerial(): number {
    return ++this.lastSerial;
  }

  /** Lets in the client at the other end of `socket`, when there is room. */
  enter(socket: Socket): void {
    const from = socket.remoteAddress;
    const ip = from === undefined ? null : packAddress(from, 1);
    // It broke off before it could be looked at.
    if (from === undefined || ip === null) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this, from, ip);
    if (!this.admission.enter(connection)) {
      this.counters.busy++;
      socket.destroy();
      return;
    }
    this.connections.add(connection);
  }

  /**
   * Lets what was asked be answered, closes the rest; resolves with the number of requests that were
   * still in flight, when all connections are gone. Nobody enters any more.
   */
  async close(): Promise<number> {
    if (this.sweeper === null) return 0;
    clearInterval(this.sweeper);
    this.sweeper = null;
    const inFlight = this.admission.backlog;
    const emptied = new Promise<void>((resolve) => {
      this.emptied = resolve;
    });
    for (const connection of this.connections) connection.finish();
    const timer = setTimeout(() => {
      for (const connection of this.connections) connection.drop();
    }, finishTimeoutMs);
    if (this.connections.size > 0) await emptied;
    clearTimeout(timer);
    return inFlight;
  }

  /** Ends what is overdue. */
  private sweep(): void {
    const now = this.now();
    for (const connection of this.requestDeadline.takeDue(now)) connection.requestOverdue();
    for (const deadline of [this.idleDeadline, this.writeDeadline, this.lingerDeadline])
      for (const connection of deadline.takeDue(now)) connection.drop();
  }

  /** Who is in the backlog, and how many are not. */
  backlog(): BacklogPart {
    const { backlog: total, silent, idle } = this.admission;
    this.wallTime.compare();
    const asking: Asking[] = [];
    for (const connection of this.connections) {
      const seen = connection.asking();
      if (seen !== null) asking.push(seen);
    }
    return { total, silent, idle, asking: longestFirst(asking) };
  }

  /** Closes the connection with that number; null when there is none in the backlog. */
  closeAsking(serial: number): Asking | null {
    this.wallTime.compare();
    for (const connection of this.connections) {
      if (connection.serial !== serial) continue;
      const seen = connection.asking();
      if (seen !== null) connection.drop();
      return seen;
    }
    return null;
  }

  /** The socket of the same connection inside TLS, of which `first` was read already. */
  shakeHands(
    connection: Connection,
    channel: SecureChannel,
    socket: Socket,
    first: Buffer,
  ): TLSSocket {
    this.handshakeBegins(connection);
    socket.pause();
    socket.unshift(first);
    return channel.accept(socket, {
      completed: () => this.handshakes.delete(connection),
      failed: (reason) => {
        this.counters.malformed++;
        this.handshakeFailed(connection.from, reason);
      },
    });
  }

  /** When there is no room for one more, the longest of the source that has most gives way. */
  private handshakeBegins(connection: Connection): void {
    const longest = this.handshakes.size >= maxHandshakes ? this.handshakes.first() : undefined;
    if (longest !== undefined) {
      this.handshakes.delete(longest);
      longest.evict();
    }
    this.handshakes.add(connection);
  }

  /**
   * Nothing more is said to it. What was said and waits in the socket still gets out, as long as its reader takes
   * any; then the connection is read on for a while until the client closes: closing with bytes unread
   * would reset it, and could take the reply with it.
   */
  leaves(connection: Connection, socket: Socket): void {
    this.requestDeadline.stop(connection);
    this.idleDeadline.stop(connection);
    this.admission.answered(connection);
    if (socket.writableEnded) return;
    this.writeDeadline.start(connection, this.now());
    socket.end(() => {
      this.writeDeadline.stop(connection);
      if (!socket.destroyed) this.lingerDeadline.start(connection, this.now());
    });
  }

  forget(connection: Connection): void {
    this.connections.delete(connection);
    this.handshakes.delete(connection);
    this.admission.leave(connection);
    this.requestDeadline.stop(connection);
    this.idleDeadline.stop(connection);
    this.writeDeadline.stop(connection);
    this.lingerDeadline.stop(connection);
    if (this.connections.size === 0) this.emptied?.();
  }
}
