// Decodes DNS queries (RFC 1035 §4, RFC 6891). A cheap look at the header comes first, because a query of 12 bytes can
// announce 65,535 records; then the question is read as bytes, since an answer repeats it as it came (0x20); then
// dns-packet decodes the rest, above all EDNS. Nothing here throws, whatever comes.
import { decode } from 'dns-packet';
import {
  ednsOptions,
  headerBytes,
  headerFlags,
  maxLabelBytes,
  maxNameBytes,
  maxQueryBytes,
  type Rcode,
  rcodes,
} from './dns-codes.ts';

/** Records beside the question: EDNS and a signature, which is ignored. */
const maxAdditional = 2;

/** Client cookie alone, or with a server cookie (RFC 7873 §4). */
const clientCookieBytes = 8;
const serverCookieBytes = { least: 8, most: 32 };

/** EDNS of a query. */
export interface Edns {
  /** bytes that the asker takes over UDP, as it says */
  size: number;
  version: number;
  /** the flag DO, which the answer repeats (RFC 3225) */
  wantsDnssec: boolean;
  /** client cookie, 8 bytes, with the server cookie behind it if it has one; null: none */
  cookie: Uint8Array | null;
}

/** What an answer repeats of any message that is answered. */
export interface DnsHeader {
  id: number;
  /** opcode, RD and CD, in their places */
  repeated: number;
}

/** A query with one question. */
export interface DnsQuery extends DnsHeader {
  /** name, type and class as they came */
  question: Uint8Array;
  /** of the name, lower-case, one character a byte, without the root */
  labels: readonly string[];
  type: number;
  class: number;
  edns: Edns | null;
}

/** A decoded message: a query, a message that is answered with an error, or null: one that gets no answer. */
export type DecodedQuery =
  | { kind: 'query'; query: DnsQuery }
  | { kind: 'error'; rcode: Rcode; header: DnsHeader }
  | null;

/** Decodes a message, which is not kept: the query shares no bytes with it. */
export function decodeQuery(packet: Uint8Array): DecodedQuery {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
  if (bytes.length < headerBytes) return null;
  const flags = bytes.readUInt16BE(2);
  // Two servers that answer each other's errors would never stop.
  if (flags & headerFlags.response) return null;
  const opcode = flags & 0x7800;
  const header: DnsHeader = {
    id: bytes.readUInt16BE(0),
    repeated: opcode | (flags & (headerFlags.recursionDesired | headerFlags.checkingDisabled)),
  };
  const error = (rcode: Rcode): DecodedQuery => ({ kind: 'error', rcode, header });
  if (opcode !== 0) return error(rcodes.notImp);
  const hasOneQuestion = bytes.readUInt16BE(4) === 1;
  const hasRecords = bytes.readUInt32BE(6) !== 0;
  const additional = bytes.readUInt16BE(10);
  if (!hasOneQuestion || hasRecords || additional > maxAdditional) return error(rcodes.formErr);
  if (bytes.length > maxQueryBytes) return error(rcodes.formErr);
  const name = readName(bytes);
  if (name === null || name.end + 4 > bytes.length) return error(rcodes.formErr);
  const edns = readEdns(bytes, name.end + 4, additional);
  if (edns === 'malformed') return error(rcodes.formErr);
  return {
    kind: 'query',
    query: {
      ...header,
      question: Uint8Array.from(bytes.subarray(headerBytes, name.end + 4)),
      labels: name.labels,
      type: bytes.readUInt16BE(name.end),
      class: bytes.readUInt16BE(name.end + 2),
      edns,
    },
  };
}

/** The name behind the header. A pointer there would point at the header or at itself. */
function readName(bytes: Buffer): { labels: string[]; end: number } | null {
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = bytes[at++];
    if (length === undefined || length > maxLabelBytes) return null;
    if (length === 0) return { labels, end: at };
    if (at + length > bytes.length || at + length + 1 - headerBytes > maxNameBytes) return null;
    labels.push(lowerCase(bytes.toString('latin1', at, at + length)));
    at += length;
  }
}

/** Of ASCII letters only (RFC 4343): other bytes are themselves. */
function lowerCase(label: string): string {
  if (!/[A-Z]/.test(label)) return label;
  return label.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function readEdns(bytes: Buffer, end: number, additional: number): Edns | null | 'malformed' {
  if (additional === 0) return end === bytes.length ? null : 'malformed';
  try {
    const { additionals = [] } = decode(bytes);
    const options = additionals.filter((each) => each.type === 'OPT');
    // An option that is longer than its record ends behind the message, or has the next record begin in its midst.
    if (options.length > 1 || decode.bytes !== bytes.length) return 'malformed';
    const [opt] = options;
    if (opt === undefined) return null;
    if (opt.name !== '.') return 'malformed';
    const cookie = opt.options.find((each) => Number(each.code) === ednsOptions.cookie)?.data;
    if (cookie !== undefined && !isCookie(cookie)) return 'malformed';
    return {
      size: opt.udpPayloadSize,
      version: opt.ednsVersion,
      wantsDnssec: opt.flag_do,
      cookie: cookie === undefined ? null : Uint8Array.from(cookie),
    };
  } catch {
    return 'malformed';
  }
}

function isCookie({ length }: Uint8Array): boolean {
  if (length === clientCookieBytes) return true;
  const server = length - clientCookieBytes;
  return server >= serverCookieBytes.least && server <= serverCookieBytes.most;
}
