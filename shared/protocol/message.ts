// What every dialect decodes to and encodes from: one Request, one Reply (PROTOCOL.md, "Requests
// and replies"). Everything behind the codecs is written once, against these types.
import type { AddressBatch, AddressList } from './address.ts';

export type Request =
  | {
      verb: 'query';
      nodeId: string;
      port: number;
      /** most hosts the asker wants; null: all it lacks */
      limit: number | null;
      /** an earlier reply's cursor: only what changed since then */
      since: string | null;
      /** how often this request was redirected already */
      hop: number;
      /** hosts the asker knows; null when it named none */
      have: AddressList | null;
      /** the asker's dialect has no words for hosts with IPv6 addresses */
      ipv4Only?: boolean;
    }
  | { verb: 'alive'; nodeId: string; port: number }
  | { verb: 'leave'; nodeId: string; port: number }
  | { verb: 'ping' };

/**
 * What a list of hosts covers. `full`: every live host, whatever the asker knew; `delta`: all that
 * it lacked; `partial`: some of it, because of a limit.
 */
export type Extent = 'full' | 'delta' | 'partial';

export type Reply =
  | {
      kind: 'hosts';
      /**
       * Batches, made as they are sent, so that a full list is never in memory at once. What stands
       * below is known when they have ended, and not to be read before.
       */
      hosts: Iterator<AddressBatch>;
      /** what the asker has and should forget, in batches likewise; null: nothing. An empty batch, in
       * either, says that there is more to look for */
      gone: Iterator<AddressBatch> | null;
      cursor: string;
      extent: Extent;
      /** set when the asker could not be stored: this error ends the reply in place of `end` */
      failure: Refusal | null;
    }
  | { kind: 'ok' }
  | { kind: 'pong'; id: string }
  | { kind: 'redirect'; address: string }
  | { kind: 'busy'; seconds: number }
  | { kind: 'error'; code: ErrorCode; text: string };

/** Codes of `error` replies (PROTOCOL.md, "Errors"). The connection closes after one. */
export const errorCodes = [
  /** not a request in any dialect, or a request with a part missing or too many */
  'malformed',
  /** a line, a list or a connection over its limit */
  'too-long',
  'too-many',
  /** a value outside its range */
  'bad-node-id',
  'bad-port',
  'bad-address',
  'bad-option',
  /** the request did not arrive within its deadline */
  'timeout',
  /** the host is registered under another node id */
  'wrong-node-id',
  /** the registry holds as many hosts as it may */
  'registry-full',
  /** the registry cannot be written; the hosts before this line are good, the asker is not stored */
  'not-stored',
  /** sync from an address that is not in NameServers, of another version, or of this very id */
  'not-a-peer',
  'sync-version',
  'same-id',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** A request that could not be decoded: answered with this error, then the connection closes. */
export interface Refusal {
  code: ErrorCode;
  text: string;
}

/**
 * The receiving end of a dialect. One decoder serves one connection. `push` consumes all of
 * `chunk` and calls the sink for each request that it completes, in order; after a refusal it
 * ignores everything. `pending` tells whether a request has begun that is not complete.
 */
export interface Decoder {
  push(chunk: Uint8Array): void;
  readonly pending: boolean;
}

export interface RequestSink {
  request(request: Request): void;
  refuse(refusal: Refusal): void;
  /**
   * The first line of the connection begins with `sync`: what follows is not of this dialect, and
   * nothing more is decoded. Where it is missing, such a line is refused.
   */
  sync?(line: string): void;
}

export interface Dialect {
  readonly name: 'native' | 'legacy';
  /** Whether a connection carries several requests, or is closed after its first reply. */
  readonly keepsOpen: boolean;
  createDecoder(sink: RequestSink): Decoder;
  /**
   * The reply as chunks of at most about 100 KB, made one at a time as the socket takes them.
   * Yields nothing where the dialect has no words for that reply.
   */
  encodeReply(reply: Reply): Iterator<Uint8Array>;
}
