// Encodes DNS answers (RFC 1035 §4, RFC 6891). An encoder of our own, because dns-packet writes every name in full: 20
// addresses take 674 bytes there, and 354 here, where their owners point at the question. So 16 addresses fit the 512
// bytes of a resolver without EDNS, and 14 SRV records with their addresses the 1,232 of one with it.
import {
  ednsOptions,
  ednsUdpBytes,
  headerBytes,
  headerFlags,
  optBytes,
  optionHeadBytes,
  plainUdpBytes,
  type Rcode,
  rcodes,
  recordTypes,
} from './dns-codes.ts';
import type { DnsHeader, DnsQuery } from './dns-query.ts';
import { type DnsRecord, MessageWriter, type SectionCounts } from './message-writer.ts';

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
  /** why it fails, for people and programs; ASCII */
  extendedError?: { code: number; text: string };
}

/** How an answer is sent. */
export interface Delivery {
  /** bytes at most */
  limit: number;
  /** client and server cookie; null: the query has no client cookie */
  cookie: Uint8Array | null;
}

/** The flag DO. */
const dnssecFlag = 0x8000;

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
  return encodeMessage(query, truncated, cookie);
}

/** The answer, with EDNS if the query has it. What does not fit sets TC, or is left out of a sample. */
export function encodeAnswer(
  query: DnsQuery,
  answer: DnsAnswer,
  { limit, cookie }: Delivery,
): Uint8Array {
  const room = limit - ednsBytes(query, cookie, answer.extendedError);
  return encodeMessage(query, encodeBody(query, answer, room), cookie);
}

/** An answer without what differs between queries of one name, type and size: header, question and EDNS. */
export interface AnswerBody extends Pick<DnsAnswer, 'rcode' | 'extendedError'> {
  /** another one would have done as well */
  isSample: boolean;
  flags: number;
  counts: SectionCounts;
  /** the records */
  bytes: Uint8Array;
}

const truncated: AnswerBody = {
  rcode: rcodes.noError,
  isSample: false,
  flags: headerFlags.truncated,
  counts: { answer: 0, authority: 0, additional: 0 },
  bytes: new Uint8Array(0),
};

/** Bytes of the EDNS with which the answer to this query ends; 0: it has none. */
export function ednsBytes(
  { edns }: DnsQuery,
  cookie: Uint8Array | null,
  extendedError?: DnsAnswer['extendedError'],
): number {
  if (edns === null) return 0;
  const ofCookie = cookie === null ? 0 : optionHeadBytes + cookie.length;
  const ofError = extendedError === undefined ? 0 : optionHeadBytes + 2 + extendedError.text.length;
  return optBytes + ofCookie + ofError;
}

/** The records of an answer, and what is said of them. `room`: bytes of the message without its EDNS. */
export function encodeBody(query: DnsQuery, answer: DnsAnswer, room: number): AnswerBody {
  const { rcode, answers = [], authority = [], additional = [], isSample = false } = answer;
  const message = new MessageWriter(query, room);
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
  const { extendedError } = answer;
  const body = { rcode, isSample, flags, counts: message.counts, bytes: message.finish() };
  return extendedError === undefined ? body : { ...body, extendedError };
}

/** The message to a query: its question, the body of an answer to it, and EDNS if the query has it. */
export function encodeMessage(
  query: DnsQuery,
  body: AnswerBody,
  cookie: Uint8Array | null,
): Uint8Array {
  const { question, edns } = query;
  const { rcode, counts, bytes, extendedError } = body;
  const ofEdns = ednsBytes(query, cookie, extendedError);
  const out = Buffer.allocUnsafe(headerBytes + question.length + bytes.length + ofEdns);
  writeWord(out, 0, query.id);
  writeWord(out, 2, headerFlags.response | query.repeated | body.flags | (rcode & 15));
  writeWord(out, 4, question.length === 0 ? 0 : 1);
  writeWord(out, 6, counts.answer);
  writeWord(out, 8, counts.authority);
  writeWord(out, 10, counts.additional + (edns === null ? 0 : 1));
  out.set(question, headerBytes);
  let at = headerBytes + question.length;
  out.set(bytes, at);
  if (edns === null) return out;
  at += bytes.length;
  out[at] = 0;
  writeWord(out, at + 1, recordTypes.OPT);
  writeWord(out, at + 3, ednsUdpBytes);
  writeWord(out, at + 5, (rcode >> 4) << 8);
  writeWord(out, at + 7, edns.wantsDnssec ? dnssecFlag : 0);
  writeWord(out, at + 9, ofEdns - optBytes);
  at += optBytes;
  if (cookie !== null) {
    writeWord(out, at, ednsOptions.cookie);
    writeWord(out, at + 2, cookie.length);
    out.set(cookie, at + optionHeadBytes);
    at += optionHeadBytes + cookie.length;
  }
  if (extendedError !== undefined) {
    const { code, text } = extendedError;
    writeWord(out, at, ednsOptions.extendedError);
    writeWord(out, at + 2, 2 + text.length);
    writeWord(out, at + 4, code);
    out.write(text, at + 6, 'latin1');
  }
  return out;
}

function writeWord(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 8;
  out[at + 1] = value;
}
