// Decodes DNS queries (RFC 1035 §4, RFC 6891). A cheap look at the header comes first, because a query of 12 bytes can
// announce 65,535 records; then the question is read as bytes, since an answer repeats it as it came (0x20); then EDNS,
// which nearly all queries have and nothing else: read here, in a tenth of the time; dns-packet decodes whatever
// else is behind the question. Nothing here throws, whatever comes.
import { decode } from 'dns-packet';
import {
  ednsOptions,
  headerBytes,
  headerFlags,
  maxLabelBytes,
  maxNameBytes,
  maxQueryBytes,
  optBytes,
  optionHeadBytes,
  type Rcode,
  rcodes,
  recordTypes,
} from './dns-codes.ts';

/** Records beside the question: EDNS and a signature, which is ignored. */
const maxAdditional = 2;

/** Type and class, behind the name of a question. */
const questionTailBytes = 4;

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

/** A query with one question, or for nothing but a cookie (RFC 7873 §5.4). */
export interface DnsQuery extends DnsHeader {
  /** name, type and class as they came; empty: it asks for a cookie alone */
  question: Uint8Array;
  /** as it came, but in lower case: one character a byte, each label behind its length, the root included */
  name: string;
  type: number;
  class: number;
  edns: Edns | null;
}

/** A decoded message: a query, a message that is answered with an error, or null: one that gets no answer. */
export type DecodedQuery =
  | { kind: 'query'; query: DnsQuery }
  | { kind: 'error'; rcode: Rcode; header: DnsHeader }
  | null;

/** Decodes a message. The query has views of it, so it must not change as long as the query is in use. */
export function decodeQuery(packet: Uint8Array): DecodedQuery {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
  if (bytes.length < headerBytes) return null;
  const flags = word(bytes, 2);
  // Two servers that answer each other's errors would never stop.
  if (flags & headerFlags.response) return null;
  const opcode = flags & 0x7800;
  const id = word(bytes, 0);
  const repeated = opcode | (flags & (headerFlags.recursionDesired | headerFlags.checkingDisabled));
  const error = (rcode: Rcode): DecodedQuery => ({
    kind: 'error',
    rcode,
    header: { id, repeated },
  });
  if (opcode !== 0) return error(rcodes.notImp);
  const questions = word(bytes, 4);
  const hasRecords = word(bytes, 6) !== 0 || word(bytes, 8) !== 0;
  const additional = word(bytes, 10);
  if (questions > 1 || hasRecords || additional > maxAdditional) return error(rcodes.formErr);
  if (bytes.length > maxQueryBytes) return error(rcodes.formErr);
  if (questions === 0) {
    const edns = readEdns(bytes, headerBytes, additional);
    if (edns === null || edns === 'malformed' || edns.cookie === null) return error(rcodes.formErr);
    const question = bytes.subarray(0, 0);
    return { kind: 'query', query: { id, repeated, question, name: '', type: 0, class: 0, edns } };
  }
  const nameEnd = endOfName(bytes);
  const end = nameEnd + questionTailBytes;
  if (nameEnd === -1 || end > bytes.length) return error(rcodes.formErr);
  const edns = readEdns(bytes, end, additional);
  if (edns === 'malformed') return error(rcodes.formErr);
  const query: DnsQuery = {
    id,
    repeated,
    question: bytes.subarray(headerBytes, end),
    name: lowerCase(bytes.toString('latin1', headerBytes, nameEnd)),
    type: word(bytes, nameEnd),
    class: word(bytes, nameEnd + 2),
    edns,
  };
  return { kind: 'query', query };
}

/** The labels of a query's name, without the root. */
export function labelsOf({ name }: Pick<DnsQuery, 'name'>): string[] {
  const labels: string[] = [];
  for (let at = 0; ; ) {
    const length = name.charCodeAt(at++);
    // NaN behind the end.
    if (!(length > 0)) return labels;
    labels.push(name.slice(at, at + length));
    at += length;
  }
}

/** The end of the name behind the header; -1: it has none. A pointer there would point at the header or at itself. */
function endOfName(bytes: Uint8Array): number {
  for (let at = headerBytes; ; ) {
    const length = bytes[at++];
    if (length === undefined || length > maxLabelBytes) return -1;
    if (length === 0) return at;
    at += length;
    if (at > bytes.length || at + 1 - headerBytes > maxNameBytes) return -1;
  }
}

/** Of ASCII letters only (RFC 4343): other bytes are themselves. The lengths of labels are no letters. */
function lowerCase(name: string): string {
  if (!/[A-Z]/.test(name)) return name;
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function readEdns(bytes: Buffer, end: number, additional: number): Edns | null | 'malformed' {
  if (additional === 0) return end === bytes.length ? null : 'malformed';
  if (additional === 1) {
    const edns = readOpt(bytes, end);
    if (edns !== null) return edns;
  }
  return decodeEdns(bytes);
}

/** EDNS, if nothing else is at `start` and all of it is well-formed; null: it is for dns-packet to say. */
function readOpt(bytes: Buffer, start: number): Edns | null {
  const first = start + optBytes;
  if (bytes.length < first || bytes[start] !== 0) return null;
  if (word(bytes, start + 1) !== recordTypes.OPT) return null;
  if (first + word(bytes, start + 9) !== bytes.length) return null;
  let cookie: Uint8Array | null = null;
  for (let at = first; at < bytes.length; ) {
    const data = at + optionHeadBytes;
    if (data > bytes.length) return null;
    const end = data + word(bytes, at + 2);
    if (end > bytes.length) return null;
    if (word(bytes, at) === ednsOptions.cookie) cookie ??= bytes.subarray(data, end);
    at = end;
  }
  if (cookie !== null && !isCookie(cookie)) return null;
  return {
    size: word(bytes, start + 3),
    version: bytes[start + 6] as number,
    wantsDnssec: ((bytes[start + 7] as number) & 0x80) !== 0,
    cookie,
  };
}

/** EDNS among the records behind the question. */
function decodeEdns(bytes: Buffer): Edns | null | 'malformed' {
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
      cookie: cookie ?? null,
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

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
