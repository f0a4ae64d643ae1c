// What a connection and its manager have in common: what the manager gives to each connection, and what it learns of
// them. An interface, so that neither file imports the other's class.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Counters } from '../../shared/counters.ts';
import { formatAddress, packAddress } from '../../shared/protocol/address.ts';
import type { Dialect, Refusal } from '../../shared/protocol/message.ts';
import type { HostDialect } from '../../shared/protocol/sync-message.ts';
import type { Admission } from '../core/admission/admission.ts';
import type { ReplyMaker } from '../core/query/reply-maker.ts';
import type { ArrivedRequest } from '../core/query/verdict.ts';
import type { Deadlines } from '../core/timing/timing.ts';
import type { GroupCommit, Waiting } from '../group-commit.ts';
import type { WallTime } from '../machine/clocks.ts';
import type { DnsResponder } from './dns-responder.ts';
import type { PendingReply, WriteScheduler } from './reply-writer.ts';

/** A request whose reply waits: for its verdict, and for the commit of what it did. */
export interface PendingRequest extends ArrivedRequest, PendingReply {
  readonly waiting: Waiting;
}

/** Takes over the socket of a peer. */
export interface PeerEntry {
  takeOver(socket: Socket): void;
}

/** What the connections of a process share; their manager. */
export interface ConnectionShared<C extends object> {
  readonly admission: Admission;
  readonly counters: Counters;
  readonly groupCommit: GroupCommit;
  readonly replies: Pick<ReplyMaker, 'replyTo'>;
  readonly scheduler: WriteScheduler;
  readonly wallTime: WallTime;
  readonly requestDeadline: Deadlines<C>;
  readonly idleDeadline: Deadlines<C>;
  readonly writeDeadline: Deadlines<C>;
  /** monotonic milliseconds */
  readonly now: () => number;
  /** Answers DNS messages; null: there is no zone. */
  readonly dns: Pick<DnsResponder, 'respond' | 'serveFrom'> | null;
  readonly refused: (from: string, refusal: Refusal) => void;
  /** A connection from `from` greets as a peer with `line`: its new owner, or why not. */
  readonly greeted: (from: string, line: string, isEncrypted: boolean) => PeerEntry | Refusal;
  /** The dialect of a connection that begins with this byte; null: it is not served. */
  dialectFor(connection: C, firstByte: number): Dialect | null;
  /** Has a request decided: its `reply` is set at once, or later, and then `waiting` is released. */
  ask(request: PendingRequest): void;
  /** Takes over a connection that begins with TLS, with what was read of it; null: TLS ends in this process. */
  readonly passTls: ((socket: Socket, first: Buffer) => void) | null;
  /** The socket inside TLS of a connection of which `first` was read; null: there is no TLS here. */
  startTls(connection: C, socket: Socket, first: Buffer): TLSSocket | null;
  /** Nothing more is sent on the connection: closes it once its client has read everything. */
  closeGently(connection: C, socket: Socket): void;
  /** The connection is closed, or somebody else's. */
  forget(connection: C): void;
}

/** A connection in the backlog, as its own process sees it. */
export interface BacklogConnection {
  /** its number in that process */
  serial: number;
  /** `ip:port` of the client */
  source: string;
  dialect: HostDialect | 'dns';
  /** whether it runs inside TLS */
  encrypted: boolean;
  /** receiving its request, waiting for the verdict and the commit, or sending the reply */
  stage: 'reading' | 'deciding' | 'writing';
  /** when its request began to wait, ms since 1970, and for how long on the monotonic clock, ms */
  since: number;
  waitedMs: number;
  /** complete requests received on it */
  requests: number;
  /** bytes received and sent since it was opened, or was passed to the main process */
  bytesIn: number;
  bytesOut: number;
}

/** The state of a connection, as far as its socket to `from` knows it. */
export function trafficOf(
  socket: Socket,
  from: string,
): Pick<BacklogConnection, 'source' | 'bytesIn' | 'bytesOut'> {
  const address = packAddress(from, socket.remotePort ?? 0);
  return {
    source: address === null ? from : formatAddress(address, 0),
    bytesIn: socket.bytesRead,
    // Node counts what is still buffered in this process as written.
    bytesOut: Math.max(0, socket.bytesWritten - socket.writableLength),
  };
}

/** The backlog of one process. */
export interface BacklogPart {
  /** connections in it, and those silent and idle */
  total: number;
  silent: number;
  idle: number;
  /** those that wait longest, at most 300 */
  connections: BacklogConnection[];
}

/** Connections that a console can list: about 50 KB, more than anybody reads of what changes each second. */
const maxListed = 300;

/** The 300 that wait longest, the longest first. Sorts `waiting` in place. */
export function longestFirst<T extends { since: number }>(waiting: T[]): T[] {
  return waiting.sort((a, b) => a.since - b.since).slice(0, maxListed);
}
