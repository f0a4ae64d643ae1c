// Encodes DNS answers (RFC 1035 §4, RFC 6891). An encoder of our own, because dns-packet writes every name in full: 20
// addresses take 674 bytes there, and 354 here, where their owners point at the question. So 16 addresses fit the 512
// bytes of a resolver without EDNS, and 14 SRV records with their addresses the 1,232 of one with it.
import {
  ednsOptions,
  ednsUdpBytes,
  headerBytes,
  headerFlags,
  plainUdpBytes,
  type Rcode,
  rcodes,
} from './dns-codes.ts';
import type { DnsHeader, DnsQuery } from './dns-query.ts';
import { type DnsRecord, MessageWriter, type OptRecord } from './message-writer.ts';

/** What to answer. */
export interface DnsAnswer {
  rcode: Rcode;
  /** each with the address of its target, if that has one: both are sent, or neither */
  answers?: readonly { record: DnsRecord; glue?: DnsRecord }[];
  authority?: readonly DnsRecord[];
  /** sent as far as they fit: whoever lacks them asks for them */
  additional?: readonly DnsRecord[];
  /** any of the answers will do: those that do not fit are left out, and TC is not set */
  isSample?: boolean;
  isAuthoritative?: boolean;
  /** why it fails, for people and programs */
  extendedError?: { code: number; text: string };
}

/** How an answer is sent. */
export interface Delivery {
  /** bytes at most */
  limit: number;
  /** client and server cookie; null: the query has no client cookie */
  cookie: Uint8Array | null;
}

/** Bytes of an address record whose owner is a pointer, without the address. */
const addressRecordBytes = 12;

/** The size of UDP answers to this query, in bytes. */
export function udpLimit({ edns }: DnsQuery): number {
  if (edns === null) return plainUdpBytes;
  return Math.min(ednsUdpBytes, Math.max(plainUdpBytes, edns.size));
}

/** A header alone, for a message whose question cannot be repeated. */
export function encodeError({ id, repeated }: DnsHeader, rcode: Rcode): Uint8Array {
  const out = Buffer.alloc(headerBytes);
  out.writeUInt16BE(id, 0);
  out.writeUInt16BE(headerFlags.response | repeated | rcode, 2);
  return out;
}

/** Header, question and EDNS, with TC: ask again over TCP. */
export function encodeTruncated(query: DnsQuery, cookie: Uint8Array | null): Uint8Array {
  const opt = optRecord(query, { rcode: rcodes.noError }, cookie);
  return new MessageWriter(query, plainUdpBytes, opt).finish(rcodes.noError, headerFlags.truncated);
}

/** The answer, with EDNS if the query has it. What does not fit sets TC, or is left out of a sample. */
export function encodeAnswer(
  query: DnsQuery,
  answer: DnsAnswer,
  { limit, cookie }: Delivery,
): Uint8Array {
  const { answers = [], authority = [], additional = [], isSample = false } = answer;
  const message = new MessageWriter(query, limit, optRecord(query, answer, cookie));
  const glue: DnsRecord[] = [];
  let glueBytes = 0;
  let written = 0;
  for (const { record, glue: own } of answers) {
    const ownBytes = own === undefined || !('ip' in own.data) ? 0 : own.data.ip.length;
    const spare = ownBytes === 0 ? 0 : addressRecordBytes + ownBytes;
    if (!message.add('answer', record, glueBytes + spare)) break;
    written++;
    glueBytes += spare;
    if (own !== undefined) glue.push(own);
  }
  let isWhole = written === answers.length || (isSample && written > 0);
  for (const record of authority) isWhole = message.add('authority', record, glueBytes) && isWhole;
  for (const record of [...glue, ...additional]) message.add('additional', record);
  const flags =
    (answer.isAuthoritative ? headerFlags.authoritative : 0) |
    (isWhole ? 0 : headerFlags.truncated);
  return message.finish(answer.rcode, flags);
}

function optRecord(
  { edns }: DnsQuery,
  { extendedError }: DnsAnswer,
  cookie: Uint8Array | null,
): OptRecord | null {
  if (edns === null) return null;
  const options: { code: number; data: Uint8Array }[] = [];
  if (cookie !== null) options.push({ code: ednsOptions.cookie, data: cookie });
  if (extendedError !== undefined) {
    const { code, text } = extendedError;
    const data = Buffer.from(`\0\0${text}`);
    data.writeUInt16BE(code, 0);
    options.push({ code: ednsOptions.extendedError, data });
  }
  return { isDnssec: edns.wantsDnssec, size: ednsUdpBytes, options };
}
