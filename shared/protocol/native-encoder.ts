// Native replies, to bytes (PROTOCOL.md, "Native dialect"). A list is pulled batch by batch as the
// socket takes the chunks; each chunk holds whole lines, so that no line is longer than a chunk,
// and a small reply is one chunk with its `end`.
import { printable } from '../output/printable.ts';
import type { AddressBatch } from './address.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { ErrorCode, Extent, Reply } from './message.ts';

/** Characters of an error's text: a few values and a sentence. */
const maxErrorText = 500;

/** Bytes of one UTF-16 code unit in UTF-8, at most. */
const maxUtf8Bytes = 3;

const lineFeed = 0x0a;

/** Takes the place of a chunk where much was looked at and nothing found: others may have their turn. */
const nothingYet = new Uint8Array(0);

/** The last word of an `end` line; a delta is what an asker expects, and has none. */
const extentWords: Record<Extent, string> = { full: ' full', delta: '', partial: ' partial' };

export function encodeReply(reply: Reply): Iterator<Uint8Array> {
  if (reply.kind === 'hosts') return encodeHosts(reply);
  return [encodeLine(reply)].values();
}

function encodeLine(reply: Exclude<Reply, { kind: 'hosts' }>): Uint8Array {
  switch (reply.kind) {
    case 'ok':
      return Buffer.from('ok\n');
    case 'pong':
      return Buffer.from(`pong ${reply.id}\n`);
    case 'redirect':
      return Buffer.from(`redirect ${reply.address}\n`);
    case 'busy':
      return Buffer.from(`busy ${reply.seconds}\n`);
    case 'error':
      return Buffer.from(errorLine(reply.code, reply.text));
  }
}

function errorLine(code: ErrorCode, text: string): string {
  return `error ${code} ${printable(text, maxErrorText)}\n`;
}

function* encodeHosts(reply: Extract<Reply, { kind: 'hosts' }>): Generator<Uint8Array, void> {
  const writer = new ChunkWriter();
  const hosts = new ListLines(writer, 'hosts');
  let count = 0;
  for (let next = reply.hosts.next(); !next.done; next = reply.hosts.next()) {
    const list = next.value;
    count += list.length;
    if (list.length === 0) yield nothingYet;
    if (list.lines !== undefined) {
      hosts.endLine();
      if (writer.length > 0) yield writer.take();
      yield list.lines;
      continue;
    }
    for (let index = hosts.write(list, 0); index < list.length; index = hosts.write(list, index))
      yield writer.take();
  }
  hosts.endLine();
  const gone = new ListLines(writer, 'gone');
  for (let next = reply.gone?.next(); next?.done === false; next = reply.gone?.next()) {
    const list = next.value;
    if (list.length === 0) yield nothingYet;
    for (let index = gone.write(list, 0); index < list.length; index = gone.write(list, index))
      yield writer.take();
  }
  gone.endLine();
  const last = reply.failure
    ? errorLine(reply.failure.code, reply.failure.text)
    : `end ${count} ${reply.cursor}${extentWords[reply.extent]}\n`;
  if (!writer.fits(maxUtf8Bytes * last.length)) yield writer.take();
  writer.utf8(last);
  yield writer.take();
}

/** The `hosts` lines of a list that is not empty, each no longer than a line may be. */
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

/** Writes addresses as lines of one verb: a line goes on from batch to batch, and ends with a chunk. */
class ListLines {
  private readonly writer: ChunkWriter;
  private readonly verb: string;
  private inLine = false;

  constructor(writer: ChunkWriter, verb: string) {
    this.writer = writer;
    this.verb = verb;
  }

  /** Returns the index of the first address that did not fit: the chunk is to be taken then. */
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
