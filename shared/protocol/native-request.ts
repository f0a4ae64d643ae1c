// Native requests (PROTOCOL.md, "Native dialect"): the decoder of a name server and the encoder of a node.
// The decoder allocates nothing beyond a limit, refuses at most once, and decodes nothing after a refusal.
// It reads lines as bytes; the only strings it makes are those that a request carries.
import {
  AddressList,
  addressWords,
  isPort,
  maxAddressText,
  wordEnd,
  writeAddress,
} from './address.ts';
import {
  maxHaveAddresses,
  maxHaveLines,
  maxHops,
  maxLineBytes,
  maxQueryLimit,
  maxRequestsPerConnection,
} from './limits.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Decoder, ErrorCode, Refusal, Request, RequestSink } from './message.ts';
import { cursorRule, isCursor, isNodeId, nodeIdRule, quoteBytes, readDecimal } from './tokens.ts';

const space = 0x20;

/** Words of the longest request, a query with three options, and one more to notice a surplus. */
const maxWords = 7;

const verbs = 'have, query, alive, leave or ping, in lower case';

const literals = {
  have: Buffer.from('have'),
  query: Buffer.from('query'),
  alive: Buffer.from('alive'),
  leave: Buffer.from('leave'),
  ping: Buffer.from('ping'),
  sync: Buffer.from('sync'),
  limit: Buffer.from('limit='),
  since: Buffer.from('since='),
  hop: Buffer.from('hop='),
} as const;

/**
 * Start and end of each word of a line, in turns. Shared by all decoders, because it is used within one
 * line only, and an array per decoder would cost more than decoding a request.
 */
const bounds = new Int32Array(2 * maxWords);

/** What every request that names a node has. */
interface Identity {
  nodeId: string;
  port: number;
}

/** Decodes the requests of one connection. */
export class NativeDecoder implements Decoder {
  get pending(): boolean {
    return this.lines.pending || this.have !== null;
  }

  private readonly sink: RequestSink;
  private readonly lines: LineSplitter;
  private words = 0;
  private have: AddressList | null = null;
  private haveLines = 0;
  private requests = 0;

  constructor(sink: RequestSink) {
    this.sink = sink;
    this.lines = new LineSplitter({
      line: (bytes, start, end) => this.refuse(this.decodeLine(bytes, start, end)),
      tooLong: () => this.refuse(refusal('too-long', `a line of more than ${maxLineBytes} bytes`)),
    });
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  private decodeLine(bytes: Buffer, start: number, end: number): Refusal | null {
    if (startsWith(bytes, start, end, literals.have) && isWordEnd(bytes, start + 4, end))
      return this.decodeHave(bytes, start, end);
    const spacing = this.splitWords(bytes, start, end);
    if (spacing !== null) return spacing;
    if (this.isWord(bytes, 0, literals.query)) return this.decodeQuery(bytes);
    if (this.have !== null)
      return refusal(
        'malformed',
        `${this.quoteWord(bytes, 0)} after have: only another have or a query may follow`,
      );
    if (this.isWord(bytes, 0, literals.alive)) return this.decodeContact(bytes, 'alive');
    if (this.isWord(bytes, 0, literals.leave)) return this.decodeContact(bytes, 'leave');
    if (this.isWord(bytes, 0, literals.ping)) return this.decodePing();
    if (this.isWord(bytes, 0, literals.sync)) return this.handOver(bytes, start, end);
    return refusal('malformed', `${this.quoteWord(bytes, 0)} is not a request; must be ${verbs}`);
  }

  /** Fills `bounds` with the words of a line. */
  private splitWords(bytes: Buffer, start: number, end: number): Refusal | null {
    let words = 0;
    let from = start;
    for (let at = start; at <= end; at++) {
      if (at < end && bytes[at] !== space) continue;
      if (at === from) return badSpacing(start === end);
      if (words < maxWords) {
        bounds[2 * words] = from;
        bounds[2 * words + 1] = at;
      }
      words++;
      from = at + 1;
    }
    this.words = words;
    return null;
  }

  private decodeHave(bytes: Buffer, start: number, end: number): Refusal | null {
    if (this.haveLines === maxHaveLines)
      return refusal('too-many', `more than ${maxHaveLines} have lines before a query`);
    if (start + 4 === end) return refusal('malformed', 'have without an address after it');
    this.have ??= takeList();
    this.haveLines++;
    const { have } = this;
    for (let from = start + 5; from <= end; ) {
      if (from === end || bytes[from] === space) return badSpacing(false);
      if (have.length === maxHaveAddresses)
        return refusal(
          'too-many',
          `more than ${maxHaveAddresses} addresses in the have lines of one query; with that many, ask with since=`,
        );
      const to = have.pushWord(bytes, from, end);
      if (to === -1)
        return refusal(
          'bad-address',
          `address ${quoteBytes(bytes, from, wordEnd(bytes, from, end))}: must be ip:port, as 10.0.0.1:4000 or [2001:db8::1]:4000`,
        );
      from = to + 1;
    }
    return null;
  }

  private decodeQuery(bytes: Buffer): Refusal | null {
    const identity = this.decodeIdentity(bytes, 'query', maxWords - 1);
    if (isRefusal(identity)) return identity;
    let limit = -1;
    let since: string | null = null;
    let hop = -1;
    for (let word = 3; word < this.words; word++) {
      const start = bounds[2 * word] as number;
      const end = bounds[2 * word + 1] as number;
      if (startsWith(bytes, start, end, literals.limit)) {
        if (limit !== -1) return twice('limit');
        limit = readDecimal(bytes, start + 6, end, maxQueryLimit);
        if (limit < 1) return this.badOption(bytes, word, `must be 1 to ${maxQueryLimit}`);
      } else if (startsWith(bytes, start, end, literals.since)) {
        if (since !== null) return twice('since');
        since = bytes.toString('latin1', start + 6, end);
        if (!isCursor(since)) return this.badOption(bytes, word, `must be ${cursorRule}`);
      } else if (startsWith(bytes, start, end, literals.hop)) {
        if (hop !== -1) return twice('hop');
        hop = readDecimal(bytes, start + 4, end, maxHops);
        if (hop < 0) return this.badOption(bytes, word, `must be 0 to ${maxHops}`);
      } else {
        return this.badOption(bytes, word, 'must be limit=, since= or hop=');
      }
    }
    return this.deliver({
      verb: 'query',
      nodeId: identity.nodeId,
      port: identity.port,
      limit: limit === -1 ? null : limit,
      since,
      hop: hop === -1 ? 0 : hop,
      have: this.have,
    });
  }

  private handOver(bytes: Buffer, start: number, end: number): Refusal | null {
    if (this.sink.sync === undefined) return refusal('malformed', 'sync is for name servers only');
    if (this.requests > 0)
      return refusal('malformed', 'sync must be the first line of a connection');
    this.lines.stop();
    this.sink.sync(bytes.toString('latin1', start, end));
    return null;
  }

  private decodeContact(bytes: Buffer, verb: 'alive' | 'leave'): Refusal | null {
    const identity = this.decodeIdentity(bytes, verb, 3);
    return isRefusal(identity) ? identity : this.deliver({ verb, ...identity });
  }

  private decodePing(): Refusal | null {
    if (this.words !== 1) return refusal('malformed', 'ping takes nothing after it');
    return this.deliver({ verb: 'ping' });
  }

  private decodeIdentity(bytes: Buffer, verb: string, mostWords: number): Identity | Refusal {
    const form = `${verb} <node-id> <port>`;
    if (this.words < 3) return refusal('malformed', `${verb} needs a node id and a port: ${form}`);
    if (this.words > mostWords)
      return refusal('malformed', `${this.words} words in ${verb}, at most ${mostWords}`);
    // A string of its own: a slice of the line would keep the whole line alive in the registry.
    const nodeId = bytes.toString('latin1', bounds[2] as number, bounds[3] as number);
    if (!isNodeId(nodeId))
      return refusal('bad-node-id', `node id ${this.quoteWord(bytes, 1)}: must be ${nodeIdRule}`);
    const port = readDecimal(bytes, bounds[4] as number, bounds[5] as number, 65535);
    if (port < 1)
      return refusal('bad-port', `port ${this.quoteWord(bytes, 2)}: must be 1 to 65535`);
    return { nodeId, port };
  }

  private deliver(request: Request): Refusal | null {
    if (this.requests === maxRequestsPerConnection)
      return refusal(
        'too-many',
        `more than ${maxRequestsPerConnection} requests on one connection; connect again`,
      );
    this.requests++;
    this.have = null;
    this.haveLines = 0;
    this.sink.request(request);
    return null;
  }

  private badOption(bytes: Buffer, word: number, rule: string): Refusal {
    return refusal('bad-option', `option ${this.quoteWord(bytes, word)}: ${rule}`);
  }

  private refuse(refusal: Refusal | null): void {
    if (refusal === null) return;
    this.lines.stop();
    this.have = null;
    this.sink.refuse(refusal);
  }

  private isWord(bytes: Buffer, word: number, literal: Buffer): boolean {
    const start = bounds[2 * word] as number;
    const end = bounds[2 * word + 1] as number;
    return end - start === literal.length && startsWith(bytes, start, end, literal);
  }

  private quoteWord(bytes: Buffer, word: number): string {
    return quoteBytes(bytes, bounds[2 * word] as number, bounds[2 * word + 1] as number);
  }
}

function startsWith(bytes: Buffer, start: number, end: number, literal: Buffer): boolean {
  if (end - start < literal.length) return false;
  for (let i = 0; i < literal.length; i++) if (bytes[start + i] !== literal[i]) return false;
  return true;
}

function isWordEnd(bytes: Buffer, at: number, end: number): boolean {
  return at === end || bytes[at] === space;
}

function refusal(code: ErrorCode, text: string): Refusal {
  return { code, text };
}

function isRefusal(value: Identity | Refusal): value is Refusal {
  return 'code' in value;
}

function badSpacing(isEmptyLine: boolean): Refusal {
  return refusal(
    'malformed',
    isEmptyLine
      ? `an empty line is not a request; must be ${verbs}`
      : 'words must be separated by exactly one space, with none at the start or end of a line',
  );
}

function twice(option: string): Refusal {
  return refusal('bad-option', `option ${option}= twice: at most once`);
}

const lineFeed = 0x0a;
const haveWord = Buffer.from('have');

/** Addresses that fit into the `have` lines of one query, however long their texts are. */
export const maxHaveSent = Math.min(
  maxHaveAddresses,
  maxHaveLines * Math.floor((maxLineBytes - haveWord.length) / (maxAddressText + 1)),
);

/** Encodes a request. @throws RangeError if it breaks a rule of the protocol, which no server would accept */
export function encodeRequest(request: Request): Uint8Array {
  if (request.verb === 'ping') return Buffer.from('ping\n');
  if (!isNodeId(request.nodeId)) throw new RangeError(`not a node id: ${request.nodeId}`);
  if (!isPort(request.port)) throw new RangeError(`not a port: ${request.port}`);
  const line = `${request.verb} ${request.nodeId} ${request.port}`;
  if (request.verb !== 'query') return Buffer.from(`${line}\n`);
  const { limit, since, hop, have } = request;
  if (limit !== null && !isWithin(limit, 1, maxQueryLimit))
    throw new RangeError(`limit ${limit}: must be 1 to ${maxQueryLimit}`);
  if (since !== null && !isCursor(since)) throw new RangeError(`not a cursor: ${since}`);
  if (!isWithin(hop, 0, maxHops)) throw new RangeError(`hop ${hop}: must be 0 to ${maxHops}`);
  const options = [
    limit === null ? '' : ` limit=${limit}`,
    since === null ? '' : ` since=${since}`,
    hop === 0 ? '' : ` hop=${hop}`,
  ].join('');
  const query = Buffer.from(`${line}${options}\n`);
  return have === null || have.length === 0 ? query : Buffer.concat([encodeHave(have), query]);
}

function encodeHave(have: AddressList): Buffer {
  if (have.length > maxHaveSent)
    throw new RangeError(`${have.length} known hosts: at most ${maxHaveSent} fit into one query`);
  const out = Buffer.allocUnsafe(
    have.length * (maxAddressText + 1) + maxHaveLines * (haveWord.length + 1),
  );
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  let end = 0;
  let lineStart = -1;
  for (let index = 0; index < have.length; index++) {
    if (lineStart !== -1 && end - lineStart + 1 + maxAddressText > maxLineBytes) {
      out[end++] = lineFeed;
      lineStart = -1;
    }
    if (lineStart === -1) {
      lineStart = end;
      end += haveWord.copy(out, end);
    }
    out[end++] = space;
    end = writeAddress(have.words, index * addressWords, view, end);
  }
  out[end++] = lineFeed;
  return out.subarray(0, end);
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/**
 * A pool of one list for `have` lines: at most `maxHaveAddresses`, 5 MB. Such lists grow to megabytes, and
 * garbage of that size for each request would make the collector scan the whole heap.
 */
let spare: AddressList | null = null;

/** Takes an empty list: the pooled one, if it is free. */
export function takeList(): AddressList {
  const list = spare ?? new AddressList();
  spare = null;
  return list;
}

/** Returns a list that is no longer read. The pool keeps the larger one. */
export function giveBack(list: AddressList): void {
  if (spare !== null && spare.words.length >= list.words.length) return;
  list.length = 0;
  spare = list;
}
