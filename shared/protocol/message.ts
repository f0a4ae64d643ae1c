// Every dialect decodes to a Request and encodes from a Reply (PROTOCOL.md, "Requests and replies").
// Everything behind the codecs uses these types only.
import type { AddressBatch, AddressList } from './address.ts';
import type { ChunkWriter } from './chunk-writer.ts';

/** A request, complete and within the limits of the protocol. */
export type Request =
  | {
      verb: 'query';
      nodeId: string;
      port: number;
      /** most hosts in the list; null: all that the asker lacks */
      limit: number | null;
      /** cursor of an earlier reply: only changes since then; null: none */
      since: string | null;
      /** number of times this request was redirected */
      hop: number;
      /** hosts that the asker knows; null if it named none */
      have: AddressList | null;
      /** whether the asker's dialect cannot express IPv6 addresses */
      ipv4Only?: boolean;
    }
  | { verb: 'alive'; nodeId: string; port: number }
  | { verb: 'leave'; nodeId: string; port: number }
  | { verb: 'ping' };

/**
 * What a list of hosts covers. `full`: every live host, whatever the asker knew. `delta`: all hosts that
 * the asker lacked. `partial`: some hosts. `unknown-cursor`: some hosts, which do not go on from the cursor
 * in the query, because the name server does not know it.
 */
export type Extent = 'full' | 'delta' | 'partial' | 'unknown-cursor';

/** The reply to one request. */
export type Reply =
  | {
      kind: 'hosts';
      /**
       * Batches, made while they are sent, so that a full list is never in memory at once. The members
       * below are valid only after the last batch.
       */
      hosts: Iterator<AddressBatch>;
      /**
       * hosts that the asker should forget, in batches likewise; null: none. In both, an empty batch means
       * that the search goes on
       */
      gone: Iterator<AddressBatch> | null;
      cursor: string;
      extent: Extent;
      /** why the asker could not be stored: this error ends the list instead of `end` */
      failure: Refusal | null;
    }
  | { kind: 'ok' }
  | { kind: 'pong'; id: string }
  | { kind: 'redirect'; address: string }
  | { kind: 'busy'; seconds: number }
  | { kind: 'error'; code: ErrorCode; text: string };

/** Codes of `error` replies (PROTOCOL.md, "Errors"). The connection closes after an error. */
export const errorCodes = [
  /** not a request in any dialect, or a part missing or too many */
  'malformed',
  /** a line, a list or a connection over its limit */
  'too-long',
  'too-many',
  /** a value outside its range */
  'bad-node-id',
  'bad-port',
  'bad-address',
  'bad-option',
  /** the request was not complete within its deadline */
  'timeout',
  /** the host is registered under another node id */
  'wrong-node-id',
  /** the registry is full, or the asker's share of it is */
  'registry-full',
  /** the registry cannot be written: the hosts before this line are good, the asker is not stored */
  'not-stored',
  /** sync from an address that is not in NameServers, of another version, or with the receiver's id */
  'not-a-peer',
  'sync-version',
  'same-id',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Why input cannot be decoded: it is answered with this error, then the connection closes. */
export interface Refusal {
  code: ErrorCode;
  text: string;
}

/** The receiving end of a dialect, for one connection. */
export interface Decoder {
  /**
   * Consumes all of `chunk` and calls the sink for each request that it completes, in order. After a
   * refusal it ignores everything.
   */
  push(chunk: Uint8Array): void;
  /** whether a request has begun and is not complete */
  readonly pending: boolean;
}

/** Receives what a decoder decodes. */
export interface RequestSink {
  request(request: Request): void;
  refuse(refusal: Refusal): void;
  /**
   * The first line of the connection begins with `sync`: the connection leaves this dialect, and nothing
   * more is decoded. A sink without this member refuses such a line.
   */
  sync?(line: string): void;
  /** A DNS message, complete and not decoded. A sink without this member ignores it. */
  dnsMessage?(message: Uint8Array): void;
}

/** A way to write requests and replies. */
export interface Dialect {
  readonly name: 'native' | 'legacy' | 'dns';
  /** whether a connection carries several requests, or closes after its first reply */
  readonly keepsOpen: boolean;
  createDecoder(sink: RequestSink): Decoder;
  /**
   * Writes the reply into `writer`, which may have replies before it already. Yields what is to be sent behind that, at
   * most about 100 KB at a time, as the socket takes it: a full chunk of the writer, or bytes that are ready. What the
   * writer has at the end is the rest. Writes nothing if the dialect cannot express the reply.
   */
  encodeReply(reply: Reply, writer: ChunkWriter): Iterator<Uint8Array>;
}
