// The messages between the main process and a worker. Those that every request needs are bytes (batches.ts,
// core/registry/roster-feed.ts), and so are reports and permits; the rest is JSON. Both ends are of one version: a
// message that cannot be read is a bug, and ends the process that reads it.
import { counterNames } from '../../shared/counters.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import type { AccessLists } from '../clients/access.ts';
import type { BacklogConnection, BacklogPart } from '../clients/connection-shared.ts';
import type { DnsSetup } from '../clients/dns-setup.ts';
import type { PortsOptions } from '../clients/ports.ts';

/** From the main process to a worker. */
export const toWorker = {
  /** JSON, Setup: the first frame */
  setup: 1,
  /** rows of the roster */
  rows: 2,
  /** JSON, ListenAddress: all rows are sent; listen */
  listen: 3,
  /** verdicts, in the order of the requests */
  verdicts: 4,
  /** permits: see PermitMessage */
  permits: 5,
  /** JSON, string: the new epoch of cursors */
  epoch: 6,
  /** no body: accept no more connections, answer the requests in flight, then send `finished` */
  finish: 7,
  /** JSON, Numbered<Question> */
  question: 8,
  /** JSON, Numbered<ZoneAnswer> */
  zone: 9,
  /** JSON, AccessLists: who is served from now on */
  access: 10,
  /** JSON, string[]: `ip:port` of the name servers of the zone */
  zoneServers: 11,
} as const;

/** From a worker to the main process. */
export const fromWorker = {
  requests: 1,
  /** numbers: see Report */
  report: 2,
  /** permits: see PermitMessage */
  permits: 3,
  /** JSON, Refused */
  refused: 4,
  /** JSON, ListenAddress */
  listening: 5,
  /** JSON, { code, message } of a ListenError */
  failed: 6,
  /** no body: all connections are answered and closed */
  finished: 7,
  /** JSON, Numbered<Answer> */
  answer: 8,
  /** JSON, Numbered<ZoneQuestion> */
  zone: 9,
} as const;

/** What a worker needs before it can listen. */
export interface Setup extends PortsOptions {
  serverId: string;
  epoch: string;
  /** rows of the roster */
  rows: number;
  /** its share of the most connections at once, and of those of one source */
  connections: number;
  perSource: number;
  /** list private, link-local and loopback addresses to every asker */
  listsAll: boolean;
  /** null: no DNS */
  dns: DnsSetup | null;
  access: AccessLists;
}

/** A connection that was refused. */
export interface Refused extends Refusal {
  source: string;
}

/** What a worker reports of itself. */
export interface Report {
  backlog: number;
  open: number;
  /** what each of `counterNames` grew by since the last report; of most, which only the main process counts, 0 */
  counted: readonly number[];
}

/**
 * About permits (core/admission/permits.ts). The first four go to the pool: `wantComplete` is for a complete request,
 * `returned` answers `recall` and `yield`, `repaid` answers `reclaim`. The others come from it.
 */
export const permitMessages = [
  'want',
  'wantComplete',
  'returned',
  'repaid',
  'grant',
  'deny',
  'recall',
  'yield',
  'reclaim',
  'divided',
] as const;
export type PermitMessage = (typeof permitMessages)[number];

/** What the main process asks a worker: for a console, and once a second whether it still runs. */
export type WorkerQuestion =
  | { about: 'backlog' }
  | { about: 'close'; serial: number }
  | { about: 'life' };

/** The answer to the question about the same. */
export type Answer =
  | { about: 'backlog'; part: BacklogPart }
  /** null: no connection with that number is in the backlog */
  | { about: 'close'; closed: BacklogConnection | null }
  | { about: 'life' };

/** Questions are numbered, because an answer may come after the wait for it has ended. */
export type Numbered<T> = T & { number: number };

/** The body of a message in JSON. */
export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function decodeJson<T>(body: Buffer): T {
  return JSON.parse(body.toString()) as T;
}

/** Backlog, open connections, then each counter: 32 bits each. */
export function encodeReport({ backlog, open, counted }: Report): Buffer {
  const body = Buffer.allocUnsafe(8 + 4 * counted.length);
  let at = body.writeUInt32LE(backlog, 0);
  at = body.writeUInt32LE(open, at);
  for (const count of counted) at = body.writeUInt32LE(count, at);
  return body;
}

export function decodeReport(body: Buffer): Report {
  const counted = counterNames.map((_, index) => body.readUInt32LE(8 + 4 * index));
  return { backlog: body.readUInt32LE(0), open: body.readUInt32LE(4), counted };
}

/** `incomplete`: how many of the permits held could be yielded; sent with `returned` and `repaid`. */
export function encodePermits(message: PermitMessage, count: number, incomplete = 0): Buffer {
  const body = Buffer.allocUnsafe(9);
  body.writeUInt8(permitMessages.indexOf(message), 0);
  body.writeUInt32LE(count, 1);
  body.writeUInt32LE(incomplete, 5);
  return body;
}

export function decodePermits(body: Buffer): {
  message: PermitMessage;
  count: number;
  incomplete: number;
} {
  const message = permitMessages[body.readUInt8(0)];
  if (message === undefined) throw new RangeError(`permit message ${body.readUInt8(0)}`);
  return { message, count: body.readUInt32LE(1), incomplete: body.readUInt32LE(5) };
}
