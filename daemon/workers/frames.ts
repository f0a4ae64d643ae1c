// What the two ends of a worker's link say to each other, as frames: a length, a type, a body.
// What is said for every request is bytes of its own (request-batch.ts, verdict-batch.ts,
// core/registry/roster-rows.ts), the rest is JSON. Neither end is a stranger to the other: a frame that cannot
// be read is a mistake of ours, and ends the process that reads it.
import type { Refusal } from '../../shared/protocol/message.ts';

/** From the main process to a worker. */
export const toWorker = {
  /** JSON, Setup: the first frame */
  setup: 1,
  /** rows of the roster */
  rows: 2,
  /** JSON, ListenAddress: all rows were sent; listen */
  listen: 3,
  /** verdicts, in the order of the requests */
  verdicts: 4,
  /** permits: see PermitMessage */
  permits: 5,
  /** JSON, string: cursors of another epoch are unknown from now on */
  epoch: 6,
  /** no body: take no more connections, answer what was asked, then say `finished` */
  finish: 7,
  /** JSON, a numbered Question */
  question: 8,
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
  /** no body: what was asked is answered, all connections are closed */
  finished: 7,
  /** JSON, the Answer with the question's number */
  answer: 8,
} as const;

/** What a worker has to know before it can listen. */
export interface Setup {
  serverId: string;
  epoch: string;
  /** rows of the roster */
  rows: number;
  /** most connections at once, and of one source: its share of what the server may have */
  connections: number;
  perSource: number;
  /** connections that begin with TLS are passed on to the main process */
  passesTls: boolean;
  /** everybody is told of private, link-local and loopback addresses */
  tellsAll: boolean;
}

export interface Refused extends Refusal {
  source: string;
}

/** Counted by workers; sent as what was added since the last report. */
export const reportedCounters = [
  'connections',
  'pings',
  'busy',
  'malformed',
  'timedOut',
  'evicted',
  'displaced',
  'aborted',
] as const;

export interface Report {
  backlog: number;
  open: number;
  /** one for each of `reportedCounters` */
  counted: readonly number[];
}

/**
 * `want` and `wantWhole` (for a whole request), `returned` (recalled or yielded) and `paid` go to the pool,
 * the others come from it.
 */
export const permitMessages = [
  'want',
  'wantWhole',
  'returned',
  'paid',
  'grant',
  'deny',
  'recall',
  'yield',
  'owe',
  'divided',
] as const;
export type PermitMessage = (typeof permitMessages)[number];

const headBytes = 4 + 1;

/** More than any frame that is made: a slice of the roster has some 130 KB. */
const mostBytes = 64 * 1_048_576;

export function encodeFrame(type: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt8(type, 4);
  frame.set(body, headBytes);
  return frame;
}

/** Cuts a stream into frames, whatever the pieces that it comes in. */
export class FrameReader {
  private readonly take: (type: number, body: Buffer) => void;
  private rest: Buffer[] = [];
  private length = 0;

  /** `body` may be kept by whoever takes it. */
  constructor(take: (type: number, body: Buffer) => void) {
    this.take = take;
  }

  push(chunk: Buffer): void {
    this.rest.push(chunk);
    this.length += chunk.length;
    if (this.length < this.wanted()) return;
    const bytes = this.rest.length === 1 ? chunk : Buffer.concat(this.rest);
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const end = at + headBytes + lengthAt(bytes, at);
      if (end > bytes.length) break;
      this.take(bytes.readUInt8(at + 4), bytes.subarray(at + headBytes, end));
      at = end;
    }
    this.rest = at === bytes.length ? [] : [bytes.subarray(at)];
    this.length = bytes.length - at;
  }

  /** How many bytes there must be for something to be read. */
  private wanted(): number {
    const [first] = this.rest;
    if (first === undefined || first.length < headBytes) return headBytes;
    return headBytes + lengthAt(first, 0);
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32LE(at);
  if (length > mostBytes) throw new RangeError(`a frame of ${length} bytes`);
  return length;
}

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function decodeJson<T>(body: Buffer): T {
  return JSON.parse(body.toString()) as T;
}

export function encodeReport({ backlog, open, counted }: Report): Buffer {
  const body = Buffer.allocUnsafe(8 + 4 * counted.length);
  let at = body.writeUInt32LE(backlog, 0);
  at = body.writeUInt32LE(open, at);
  for (const count of counted) at = body.writeUInt32LE(count, at);
  return body;
}

export function decodeReport(body: Buffer): Report {
  const counted = reportedCounters.map((_, index) => body.readUInt32LE(8 + 4 * index));
  return { backlog: body.readUInt32LE(0), open: body.readUInt32LE(4), counted };
}

/** `unfinished`: how many permits of those held could be yielded; told with `returned` and `paid`. */
export function encodePermits(message: PermitMessage, count: number, unfinished = 0): Buffer {
  const body = Buffer.allocUnsafe(9);
  body.writeUInt8(permitMessages.indexOf(message), 0);
  body.writeUInt32LE(count, 1);
  body.writeUInt32LE(unfinished, 5);
  return body;
}

export function decodePermits(body: Buffer): {
  message: PermitMessage;
  count: number;
  unfinished: number;
} {
  const message = permitMessages[body.readUInt8(0)];
  if (message === undefined) throw new RangeError(`permit message ${body.readUInt8(0)}`);
  return { message, count: body.readUInt32LE(1), unfinished: body.readUInt32LE(5) };
}
