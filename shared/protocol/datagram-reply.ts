// Native replies in datagrams (PROTOCOL.md, "Datagrams"): the text of the native dialect, in one datagram, after a line
// with the id of the request if it had one. Two replies exist here only: `cookie` and `tcp`.
import { printable } from '../output/printable.ts';
import { type AddressBatch, addressWords, formatAddress } from './address.ts';
import { maxCursorLength, maxDatagramBytes } from './limits.ts';
import type { Reply, Request } from './message.ts';
import { encodeLine, endLine } from './native-reply.ts';

/** Most hosts that fit a datagram: 1,100 bytes of the shortest addresses, `1.1.1.1:1`. */
const mostHosts = 110;

/** Characters of the text of an error: the list before it has to fit as well. */
const maxErrorText = 300;

/** The longest `end` line. */
const maxEndLine = endLine(mostHosts, '0'.repeat(maxCursorLength), 'unknown-cursor').length;

/** Batches of a delta that are looked through, 2,048 rows each, before the answer is `tcp`. */
const maxBatches = 4;

/** Only a datagram is answered like this: with proof of where it comes from, or with the advice to ask over TCP. */
export type DatagramAnswer = { kind: 'cookie'; cookie: string } | { kind: 'tcp' };

/**
 * The query that a query in a datagram stands for: without a cursor and without known hosts it asks for a sample, of
 * which as many hosts are sent as fit.
 */
export function queryInDatagram(request: Request): Request {
  if (!isForSample(request)) return request;
  return { ...request, limit: Math.min(request.limit ?? mostHosts, mostHosts) };
}

/** Whether the request asks for whatever hosts there are, so that some may be left out of the reply. */
export function isForSample(request: Request): request is Request & { verb: 'query' } {
  return request.verb === 'query' && request.since === null && request.have === null;
}

/** Encodes an answer for the datagram that had `id`. */
export function encodeDatagramAnswer(answer: DatagramAnswer, id: string | null): Buffer {
  return Buffer.from(
    `${idLine(id)}${answer.kind === 'cookie' ? `cookie ${answer.cookie}` : 'tcp'}\n`,
  );
}

/** Encodes the reply for the datagram that had `id`. A list that does not fit becomes `tcp`; a sample is cut. */
export function encodeDatagramReply(reply: Reply, id: string | null, isSample = false): Buffer {
  if (reply.kind === 'hosts') {
    const list = encodeList(reply, maxDatagramBytes - idLine(id).length, isSample);
    return list === null
      ? encodeDatagramAnswer({ kind: 'tcp' }, id)
      : Buffer.from(`${idLine(id)}${list}`);
  }
  const short =
    reply.kind === 'error' ? { ...reply, text: printable(reply.text, maxErrorText) } : reply;
  return Buffer.from(`${idLine(id)}${encodeLine(short)}`);
}

function idLine(id: string | null): string {
  return id === null ? '' : `id ${id}\n`;
}

/** Null: it does not fit into `room` bytes. */
function encodeList(
  reply: Reply & { kind: 'hosts' },
  room: number,
  isSample: boolean,
): string | null {
  const { failure } = reply;
  const error =
    failure === null ? null : `error ${failure.code} ${printable(failure.text, maxErrorText)}\n`;
  const lines = new Lines(room - (error === null ? maxEndLine : Buffer.byteLength(error)));
  const hosts = lines.add('hosts', reply.hosts, isSample);
  if (hosts === null) return null;
  // Known once the hosts are all made.
  const gone = reply.gone === null ? 0 : lines.add('gone', reply.gone, false);
  if (gone === null) return null;
  const extent = lines.isCut ? 'partial' : reply.extent;
  return `${lines.text}${error ?? endLine(hosts, reply.cursor, extent)}`;
}

/** Lines of addresses, as many as there is room for. */
class Lines {
  text = '';
  /** whether addresses were left out */
  isCut = false;
  private room: number;
  private batches = 0;

  constructor(room: number) {
    this.room = room;
  }

  /** How many addresses the line has; null: not all fit, and none may be left out. */
  add(verb: string, batches: Iterator<AddressBatch>, mayCut: boolean): number | null {
    let line = verb;
    let count = 0;
    for (let next = batches.next(); next.done !== true; next = batches.next()) {
      if (++this.batches > maxBatches) return null;
      const { words, length } = next.value;
      for (let index = 0; index < length && !this.isCut; index++) {
        const address = ` ${formatAddress(words, index * addressWords)}`;
        // The line feed, too.
        if (line.length + address.length < this.room) {
          line += address;
          count++;
        } else if (mayCut) this.isCut = true;
        else return null;
      }
    }
    if (count > 0) this.text += `${line}\n`;
    this.room -= count > 0 ? line.length + 1 : 0;
    return count;
  }
}
