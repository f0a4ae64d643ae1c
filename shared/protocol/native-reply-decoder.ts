// Native replies, from bytes, on the node's side (PROTOCOL.md, "Native dialect"). A server is as
// little trusted as a node: lines and addresses are bounded, text is made printable, and what is no
// reply is handed to the sink once, after which everything is ignored.

import { printable } from '../output/printable.ts';
import { AddressList, parseAddress } from './address.ts';
import { isCursor } from './cursor.ts';
import { readDecimal } from './decimal.ts';
import { maxLineBytes } from './limits.ts';
import { LineSplitter } from './line-splitter.ts';
import type { Extent, Refusal } from './message.ts';
import { isNodeId } from './node-id.ts';
import { quoteBytes } from './quote.ts';

/** A line of a reply. `hosts` and `gone` may come any number of times before an `end` or `error`. */
export type ReplyPart =
  | { kind: 'hosts'; hosts: AddressList }
  | { kind: 'gone'; hosts: AddressList }
  | { kind: 'end'; count: number; cursor: string; extent: Extent }
  | { kind: 'ok' }
  | { kind: 'pong'; id: string }
  | { kind: 'redirect'; address: string }
  | { kind: 'busy'; seconds: number }
  /** `code` may be one that this version does not know. */
  | { kind: 'error'; code: string; text: string };

export interface ReplySink {
  part(part: ReplyPart): void;
  /** The reply cannot be understood or is over a limit; nothing follows. */
  refuse(refusal: Refusal): void;
}

/** A day: whoever is told to wait longer may as well ask again. */
const maxBusySeconds = 86_400;

/** Characters of an error's text that are kept. */
const maxErrorText = 500;

const maxCount = 999_999_999;
const space = 0x20;
const codePattern = /^[a-z][a-z-]{0,31}$/;

export class NativeReplyDecoder {
  /** Whether a reply has begun that has not ended. */
  get pending(): boolean {
    return this.lines.pending || this.inList;
  }

  private readonly sink: ReplySink;
  private readonly maxAddresses: number;
  private readonly lines: LineSplitter;
  private inList = false;
  private hosts = 0;
  private addresses = 0;

  /** `maxAddresses` bounds the hosts and gone lines of one reply together. */
  constructor(sink: ReplySink, maxAddresses: number) {
    this.sink = sink;
    this.maxAddresses = maxAddresses;
    this.lines = new LineSplitter({
      line: (bytes, start, end) => this.decodeLine(bytes, start, end),
      tooLong: () =>
        this.refuse({ code: 'too-long', text: `a line of more than ${maxLineBytes} bytes` }),
    });
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  private decodeLine(bytes: Buffer, start: number, end: number): void {
    let verbEnd = start;
    while (verbEnd < end && bytes[verbEnd] !== space) verbEnd++;
    // No verb is longer than `redirect`.
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

  /** A line that ends a reply; after a list, only `end` and `error` do. */
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
        return verbEnd === end ? { kind: 'ok' } : null;
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
  const [digits = '', cursor = '', extent, ...more] = rest.split(' ', 4);
  const count = decodeNumber(digits);
  if (count < 0 || !isCursor(cursor) || more.length > 0) return null;
  if (extent !== undefined && extent !== 'full' && extent !== 'partial') return null;
  if (count !== hosts)
    return {
      code: 'malformed',
      text: `the reply ends with a count of ${count} after ${hosts} hosts`,
    };
  return { kind: 'end', count, cursor, extent: extent ?? 'delta' };
}

function decodeNumber(digits: string): number {
  const bytes = Buffer.from(digits);
  return readDecimal(bytes, 0, bytes.length, maxCount);
}
