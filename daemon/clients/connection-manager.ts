// The connections of a process: lets clients in, ends overdue connections, and lists those in the backlog.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { packAddress } from '../../shared/protocol/address.ts';
import { dialectOf } from '../../shared/protocol/dialect.ts';
import { idleTimeoutMs, requestDeadlineMs, writeDeadlineMs } from '../../shared/protocol/limits.ts';
import type { Dialect } from '../../shared/protocol/message.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { GreediestFirst } from '../core/admission/greediest-first.ts';
import type { Verdict } from '../core/query/verdict.ts';
import { LinkedSet } from '../core/timing/linked-set.ts';
import { Deadlines } from '../core/timing/timing.ts';
import { WallTime } from '../machine/clocks.ts';
import type { SecureChannel } from '../net/secure-channel.ts';
import type { Access } from './access.ts';
import { Connection } from './connection.ts';
import {
  type BacklogConnection,
  type BacklogPart,
  type ConnectionShared,
  longestFirst,
  type PendingRequest,
} from './connection-shared.ts';
import { ProxiedSockets } from './proxied-sockets.ts';
import { WriteScheduler } from './reply-writer.ts';

/** How long a client has to read its last reply and to close, ms. */
const lingerMs = 2_000;

/** How often to look for overdue connections, ms: a deadline is late by this at most. */
const sweepIntervalMs = 250;

/** How long a stopping server waits for its last replies to be read, ms. */
const finishTimeoutMs = 5_000;

/**
 * Most TLS handshakes at once. Each costs up to 50 KiB, ten times a silent connection, before the client has shown that
 * it knows the secret; one that succeeds takes milliseconds.
 */
export const maxHandshakes = 512;

const ofClient = ({ clientDeadline }: Connection) => clientDeadline;

/** The parts that connections share, and TLS. */
export interface ConnectionManagerOptions
  extends Pick<
    ConnectionShared<Connection>,
    'admission' | 'counters' | 'groupCommit' | 'replies' | 'now' | 'dns' | 'refused' | 'greeted'
  > {
  access: Access;
  /** Decides a request; null: its verdict comes later, then its `reply` is set and `waiting` released. */
  decide: (request: PendingRequest) => Verdict | null;
  /** milliseconds since 1970, for people */
  wall?: () => number;
  /** TLS; null: of a worker, which passes it on */
  channel: SecureChannel | null;
  handshakeFailed: (source: string, reason: string) => void;
  passTls?: ConnectionShared<Connection>['passTls'];
}

/** The connections of one process. */
export class ConnectionManager implements ConnectionShared<Connection> {
  readonly admission: ConnectionManagerOptions['admission'];
  readonly counters: ConnectionManagerOptions['counters'];
  readonly groupCommit: ConnectionManagerOptions['groupCommit'];
  readonly now: ConnectionManagerOptions['now'];
  readonly dns: ConnectionManagerOptions['dns'];
  readonly refused: ConnectionManagerOptions['refused'];
  readonly greeted: ConnectionManagerOptions['greeted'];
  readonly passTls: ConnectionShared<Connection>['passTls'];
  readonly access: Access;
  readonly proxied: ProxiedSockets;
  readonly wallTime: WallTime;
  readonly requestDeadline = new Deadlines<Connection>(requestDeadlineMs, ofClient);
  readonly idleDeadline = new Deadlines<Connection>(idleTimeoutMs, ofClient);
  readonly writeDeadline = new Deadlines<Connection>(writeDeadlineMs, (one) => one.writeDeadline);
  readonly connections = new LinkedSet<Connection>(({ member }) => member);
  readonly scheduler = new WriteScheduler();
  private readonly lingerDeadline = new Deadlines<Connection>(lingerMs, ofClient);
  readonly replies: ConnectionManagerOptions['replies'];
  private readonly decide: ConnectionManagerOptions['decide'];
  private readonly channel: SecureChannel | null;
  private readonly handshakeFailed: ConnectionManagerOptions['handshakeFailed'];
  /** in a TLS handshake */
  private readonly handshakes = new GreediestFirst<Connection>();
  /** of clients that came to DnsPort */
  private readonly ofDnsPort = new WeakSet<Connection>();
  private lastSerial = 0;
  private sweeper: NodeJS.Timeout | null = null;
  /** Called when the last connection is gone, while the manager closes. */
  private emptied: (() => void) | null = null;

  constructor(options: ConnectionManagerOptions) {
    this.admission = options.admission;
    this.counters = options.counters;
    this.groupCommit = options.groupCommit;
    this.replies = options.replies;
    this.now = options.now;
    this.decide = options.decide;
    this.dns = options.dns;
    this.refused = options.refused;
    this.greeted = options.greeted;
    this.passTls = options.passTls ?? null;
    this.access = options.access;
    this.proxied = new ProxiedSockets(options.now, (socket) => this.lacksHeader(socket));
    this.wallTime = new WallTime(options.now, options.wall ?? wallNow);
    this.channel = options.channel;
    this.handshakeFailed = options.handshakeFailed;
  }

  start(): void {
    this.sweeper ??= setInterval(() => this.sweep(), sweepIntervalMs);
  }

  /**
   * Takes in the client at the other end of `socket`, or the one that a load balancer there names, if it is served and
   * there is room; closes it otherwise. `speaksDns`: it is refused in any other dialect.
   */
  enter(socket: Socket, speaksDns = false): void {
    const from = socket.remoteAddress;
    // It was reset in the meantime.
    if (from === undefined) socket.destroy();
    else if (!this.access.isProxy(from)) this.admit(socket, from, speaksDns);
    else this.proxied.read(socket, (client) => this.admit(socket, client ?? from, speaksDns));
  }

  private lacksHeader(socket: Socket): void {
    this.counters.malformed++;
    this.refused(socket.remoteAddress ?? 'unknown', {
      code: 'malformed',
      text: 'no PROXY protocol header, although Proxies has this address',
    });
  }

  private admit(socket: Socket, from: string, speaksDns: boolean): void {
    const ip = packAddress(from, 1);
    if (ip === null || !this.access.serves(from)) {
      this.counters.denied++;
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this, from, ip, ++this.lastSerial);
    if (!this.admission.enter(connection)) {
      this.counters.busy++;
      socket.destroy();
      return;
    }
    this.connections.add(connection);
    if (speaksDns) this.ofDnsPort.add(connection);
  }

  /**
   * Answers the requests in flight and closes the other connections. Resolves with the number of those requests once
   * all connections are gone. No connection may enter any more.
   */
  async close(): Promise<number> {
    if (this.sweeper === null) return 0;
    clearInterval(this.sweeper);
    this.sweeper = null;
    this.proxied.close();
    const inFlight = this.admission.backlog;
    const emptied = new Promise<void>((resolve) => {
      this.emptied = resolve;
    });
    for (const connection of this.connections.items()) connection.finish();
    const timer = setTimeout(() => {
      for (const connection of this.connections.items()) connection.drop();
    }, finishTimeoutMs);
    if (this.connections.size > 0) await emptied;
    clearTimeout(timer);
    return inFlight;
  }

  /** Ends overdue connections. */
  private sweep(): void {
    const now = this.now();
    this.proxied.sweep(now);
    for (const connection of this.requestDeadline.takeDue(now)) connection.requestOverdue();
    for (const deadline of [this.idleDeadline, this.writeDeadline, this.lingerDeadline])
      for (const connection of deadline.takeDue(now)) connection.drop();
  }

  backlog(): BacklogPart {
    const { backlog: total, silent, idle } = this.admission;
    this.wallTime.compare();
    const waiting: BacklogConnection[] = [];
    for (const connection of this.connections.items()) {
      const inBacklog = connection.inBacklog();
      if (inBacklog !== null) waiting.push(inBacklog);
    }
    return { total, silent, idle, connections: longestFirst(waiting) };
  }

  /** Closes the connection with that number; null when none in the backlog has it. */
  closeConnection(serial: number): BacklogConnection | null {
    this.wallTime.compare();
    for (const connection of this.connections.items()) {
      if (connection.serial !== serial) continue;
      const closed = connection.inBacklog();
      if (closed !== null) connection.drop();
      return closed;
    }
    return null;
  }

  dialectFor(connection: Connection, firstByte: number): Dialect | null {
    const dialect = dialectOf(firstByte);
    if (dialect?.name === 'dns') return this.dns === null ? null : dialect;
    return this.ofDnsPort.has(connection) ? null : dialect;
  }

  ask(request: PendingRequest): void {
    const verdict = this.decide(request);
    if (verdict === null) return;
    request.reply = this.replies.replyTo(request.request, verdict, request.origin);
  }

  startTls(connection: Connection, socket: Socket, first: Buffer): TLSSocket | null {
    if (this.channel?.acceptsTls !== true) return null;
    this.makeRoomForHandshake();
    this.handshakes.add(connection);
    socket.pause();
    socket.unshift(first);
    return this.channel.accept(socket, {
      completed: () => this.handshakes.delete(connection),
      failed: (reason) => {
        this.counters.malformed++;
        this.handshakeFailed(connection.from, reason);
      },
    });
  }

  /** The longest handshake of the source with most of them gives way. */
  private makeRoomForHandshake(): void {
    const longest = this.handshakes.size >= maxHandshakes ? this.handshakes.first() : undefined;
    if (longest === undefined) return;
    this.handshakes.delete(longest);
    longest.evict();
  }

  /**
   * Bytes still in the socket are sent as long as the client takes any. Then the connection is read for a while until
   * the client closes it: closing it with unread bytes would reset it, and could lose the reply.
   */
  closeGently(connection: Connection, socket: Socket): void {
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
