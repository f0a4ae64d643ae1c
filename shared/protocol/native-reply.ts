// Native replies (PROTOCOL.md, "Native dialect"): the encoder of a name server and the decoder of a node. A
// list is pulled batch by batch as the socket takes the chunks; a chunk holds whole lines, so no line is
// longer than a chunk, and small replies share one. The decoder trusts a server no more than a node:
// lines and addresses are bounded, text is made printable, and input that is not a reply is refused once,
// after which everything is ignored.
import { printable } from '../output/printable.ts';
import { type AddressBatch, AddressList, parseAddress } from './address.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { maxLineBytes } from './limits.ts';
import { LineSplitter } from './line-splitter.ts';
import type { ErrorCode, Extent, Refusal, Reply } from './message.ts';
import { isCursor, isNodeId, quoteBytes, readDecimal } from './tokens.ts';

/** Characters of an error text: a few values and a sentence. */
const maxErrorText = 500;

/** Most bytes of a UTF-16 code unit in UTF-8. */
const maxUtf8Bytes = 3;

/** Words of an `end` line that are looked at. */
const maxEndWords = 16;

const lineFeed = 0x0a;

/** Stands for a chunk while a long search has found nothing, so that other connections get their turn. */
const nothingYet = new Uint8Array(0);

/** The last words of an `end` line. */
const extentWords: Record<Extent, string> = {
  full: ' full',
  delta: '',
  partial: ' partial',
  'unknown-cursor': ' partial unknown-cursor',
};

/** The last line of a list. */
export function endLine(count: number, cursor: string, extent: Extent): string {
  return `end ${count} ${cursor}${extentWords[extent]}\n`;
}

/** Encodes a reply; see `Dialect.encodeReply`. Chunks are of at most 64 KiB, or as long as the prepared lines of a batch. */
export function encodeReply(reply: Reply, writer: ChunkWriter): Iterator<Uint8Array> {
  return reply.kind === 'hosts'
    ? encodeHosts(reply, writer)
    : encodeText(encodeLine(reply), writer);
}

function* encodeText(text: string, writer: ChunkWriter): Generator<Uint8Array, void> {
  if (!writer.fits(maxUtf8Bytes * text.length)) yield writer.take();
  writer.text(text);
}

/** A reply of one line, with its end. */
export function encodeLine(reply: Exclude<Reply, { kind: 'hosts' }>): string {
  switch (reply.kind) {
    case 'ok':
      return 'ok\n';
    case 'pong':
      return `pong ${reply.id}\n`;
    case 'redirect':
      return `redirect ${reply.address}\n`;
    case 'busy':
      return `busy ${reply.seconds}\n`;
    case 'error':
      return errorLine(reply.code, reply.text);
  }
}

function errorLine(code: ErrorCode, text: string): string {
  return `error ${code} ${printable(text, maxErrorText)}\n`;
}

function* encodeHosts(
  reply: Extract<Reply, { kind: 'hosts' }>,
  writer: ChunkWriter,
): Generator<Uint8Array, void> {
  const hosts = new ListLines(writer, 'hosts');
  let count = 0;
  for (let next = reply.hosts.next(); !next.done; next = reply.hosts.next()) {
    const list = next.value;
    count += list.length;
    if (list.length === 0 || list.lines !== undefined) {
      hosts.endLine();
      yield list.lines ?? nothingYet;
      continue;
    }
    for (let index = hosts.write(list, 0); index < list.length; index = hosts.write(list, index))
      yield writer.take();
  }
  hosts.endLine();
  const gone = new ListLines(writer, 'gone');
  for (let next = reply.gone?.next(); next?.done === false; next = reply.gone?.next()) {
    const list = next.value;
    if (list.length === 0) {
      gone.endLine();
      yield nothingYet;
    }
    for (let index = gone.write(list, 0); index < list.length; index = gone.write(list, index))
      yield writer.take();
  }
  gone.endLine();
  const last = reply.failure
    ? errorLine(reply.failure.code, reply.failure.text)
    : endLine(count, reply.cursor, reply.extent);
  if (!writer.fits(maxUtf8Bytes * last.length)) yield writer.take();
  writer.text(last);
}

/** The `hosts` lines of a non-empty list. */
export function encodeHostsLines(list: AddressBatch): Uint8Array {
  const writer = new ChunkWriter();
  const hosts = new ListLines(writer, 'hosts');
  const chunks: Uint8Array[] = [];
  for (let index = hosts.write(list, 0); index < list.length; index = hosts.write(list, index))
    chunks.push(writer.take());
  hosts.endLine();
  chunks.push(writer.take());
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

/** Writes addresses as lines of one verb. A line continues from batch to batch and ends with the chunk. */
class ListLines {
  private readonly writer: ChunkWriter;
  private readonly verb: string;
  private inLine = false;

  constructor(writer: ChunkWriter, verb: string) {
    this.writer = writer;
    this.verb = verb;
  }

  /** Returns the index of the first address that did not fit; if there is one, the chunk has to be taken. */
  write(list: AddressBatch, from: number): number {
    if (from === list.length) return from;
    if (!this.inLine) {
      if (!this.writer.fitsAddress(this.verb.length + 2)) return from;
      this.writer.text(this.verb);
      this.inLine = true;
    }
    const next = this.writer.addresses(list, from, 1);
    if (next < list.length) this.endLine();
    return next;
  }

  endLine(): void {
    if (this.inLine) this.writer.byte(lineFeed);
    this.inLine = false;
  }
}

/** A line of a reply. Any number of `hosts` and `gone` may precede `end` or `error`. */
export type ReplyPart =
  | { kind: 'hosts'; hosts: AddressList }
  | { kind: 'gone'; hosts: AddressList }
  | { kind: 'end'; count: number; cursor: string; extent: Extent }
  | { kind: 'ok' }
  | { kind: 'pong'; id: string }
  | { kind: 'redirect'; address: string }
  | { kind: 'busy'; seconds: number }
  /** `code` may be one that this version does not know */
  | { kind: 'error'; code: string; text: string };

/** Receives what the decoder decodes. */
export interface ReplySink {
  part(part: ReplyPart): void;
  /** The input is not a reply, or is over a limit. No call follows. */
  refuse(refusal: Refusal): void;
}

/** Most seconds to wait after `busy`: a day. */
const maxBusySeconds = 86_400;

const maxCount = 999_999_999;
const space = 0x20;
const codePattern = /^[a-z][a-z-]{0,31}$/;

/** Decodes the replies of one connection. */
export class NativeReplyDecoder {
  /** whether a reply has begun and not ended */
  get pending(): boolean {
    return this.lines.pending || this.inList;
  }

  private readonly sink: ReplySink;
  private readonly maxAddresses: number;
  private readonly lines: LineSplitter;
  private inList = false;
  private hosts = 0;
  private addresses = 0;

  /** @param maxAddresses most addresses in the `hosts` and `gone` lines of one reply together */
  constructor(sink: ReplySink, maxAddresses: number) {
    this.sink = sink;
    this.maxAddresses = maxAddresses;
    this.lines = new LineSplitter({
      line: (bytes, start, end) => this.decodeLine(bytes, start, end),
      tooLong: () =>
        this.refuse({ code: 'too-long', text: `a line of more than ${maxLineBytes} bytes` }),
    });
  }

  /** Consumes all of `chunk` and calls the sink for each line that ends in it. */
  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  private decodeLine(bytes: Buffer, start: number, end: number): void {
    let verbEnd = start;
    while (verbEnd < end && bytes[verbEnd] !== space) verbEnd++;
    // The longest verb is `redirect`.
    const verb = bytes.toString('latin1', start, Math.min(verbEnd, start + 9));
    const isList = verb === 'hosts' || verb === 'gone';
    const outcome = isList
      ? this.decodeList(verb, bytes, verbEnd, end)
      : this.decodeLast(verb, bytes, verbEnd, end);
    if (outcome === null)
      this.refuse({ code: 'malformed', text: `not a reply: ${quoteBytes(bytes, start, end)}` });
    else if ('kind' in outcome) this.sink.part(outcome);
    else this.refuse(outcome);
  }

  private decodeList(
    kind: 'hosts' | 'gone',
    bytes: Buffer,
    verbEnd: number,
    end: number,
  ): ReplyPart | Refusal | null {
    if (verbEnd === end) return null;
    const hosts = new AddressList();
    for (let from = verbEnd + 1; from <= end; ) {
      let to = from;
      while (to < end && bytes[to] !== space) to++;
      if (this.addresses === this.maxAddresses)
        return { code: 'too-many', text: `more than ${this.maxAddresses} hosts in one reply` };
      if (!hosts.pushText(bytes, from, to))
        return { code: 'bad-address', text: `address ${quoteBytes(bytes, from, to)} in a reply` };
      this.addresses++;
      from = to + 1;
    }
    if (kind === 'hosts') this.hosts += hosts.length;
    this.inList = true;
    return { kind, hosts };
  }

  /** Decodes a line that ends a reply; a list can only end with `end` or `error`. */
  private decodeLast(
    verb: string,
    bytes: Buffer,
    verbEnd: number,
    end: number,
  ): ReplyPart | Refusal | null {
    if (this.inList && verb !== 'end' && verb !== 'error') return null;
    const rest = bytes.toString('utf8', Math.min(verbEnd + 1, end), end);
    const hosts = this.hosts;
    this.inList = false;
    this.hosts = 0;
    this.addresses = 0;
    switch (verb) {
      case 'ok':
        return verbEnd === end || hasWords(rest) ? { kind: 'ok' } : null;
      case 'pong':
        return isNodeId(rest) ? { kind: 'pong', id: rest } : null;
      case 'redirect':
        return parseAddress(rest) === null ? null : { kind: 'redirect', address: rest };
      case 'busy':
        return decodeBusy(rest);
      case 'error':
        return decodeError(rest);
      case 'end':
        return decodeEnd(rest, hosts);
      default:
        return null;
    }
  }

  private refuse(refusal: Refusal): void {
    this.lines.stop();
    this.inList = false;
    this.sink.refuse(refusal);
  }
}

function decodeBusy(rest: string): ReplyPart | null {
  const seconds = decodeNumber(rest);
  return seconds < 0 ? null : { kind: 'busy', seconds: Math.min(seconds, maxBusySeconds) };
}

function decodeError(rest: string): ReplyPart | null {
  const [code = ''] = rest.split(' ', 1);
  if (!codePattern.test(code)) return null;
  return { kind: 'error', code, text: printable(rest.slice(code.length + 1), maxErrorText) };
}

function decodeEnd(rest: string, hosts: number): ReplyPart | Refusal | null {
  const [digits = '', cursor = '', word, ...more] = rest.split(' ', maxEndWords);
  const count = decodeNumber(digits);
  if (count < 0 || !isCursor(cursor) || !hasWords(rest)) return null;
  if (count !== hosts)
    return {
      code: 'malformed',
      text: `the reply ends with a count of ${count} after ${hosts} hosts`,
    };
  return { kind: 'end', count, cursor, extent: decodeExtent(word, more) };
}

function decodeExtent(word: string | undefined, more: readonly string[]): Extent {
  if (word === 'full') return word;
  if (word !== 'partial') return 'delta';
  return more.includes('unknown-cursor') ? 'unknown-cursor' : word;
}

/**
 * Whether `rest` is words with a space between each. Words that are not known here are ignored: a later
 * name server may say more at the end of a line.
 */
function hasWords(rest: string): boolean {
  return /^[!-~]+( [!-~]+)*$/.test(rest);
}

function decodeNumber(digits: string): number {
  const bytes = Buffer.from(digits);
  return readDecimal(bytes, 0, bytes.length, maxCount);
}
