// Decodes the messages between name servers (PROTOCOL.md, "Sync"). A batch is passed on complete or not
// at all. Nothing is allocated beyond a limit; a refusal happens once, and nothing is decoded after it.
import { formatAddress, parseAddress } from './address.ts';
import { maxLineBytes } from './limits.ts';
import { LineSplitter } from './line-splitter.ts';
import {
  digestWord,
  type HostChange,
  hostDialects,
  maxBatchBytes,
  maxBatchChanges,
  maxLeafRows,
  type SyncBeat,
  type SyncHello,
  type SyncMessage,
  type SyncNews,
  twoWayWord,
  udpWord,
  unables,
  unableWords,
  verdicts,
} from './sync-message.ts';
import { isNodeId, quoteBytes } from './tokens.ts';

/** Receives what the decoder decodes. */
export interface SyncSink {
  message(message: SyncMessage): void;
  /** The input is not a message, or is over a limit; the printable `text` says why. No call follows. */
  refuse(text: string): void;
}

/** `bucketCount` and `leavesPerBucket` of the digests. */
const buckets = 256;
const leaves = 64;

const hashDigits = 16;

/** Times, entries and counts: whole numbers, exact in a double, without leading zeros. */
const numberPattern = /^(0|[1-9]\d{0,15})$/;
const tagPattern = /^[0-9a-f]{8}$/;
const versionPattern = /^[0-9A-Za-z.+-]{1,32}$/;
const hexPattern = /^[0-9a-f]*$/;
const codePattern = /^[a-z-]{1,32}$/;

/** Counters are stored as 32 bits. */
const maxCounter = 2 ** 32 - 1;

interface Batch {
  /** null for a repair */
  entry: number | null;
  missing: number;
  bytes: number;
  changes: HostChange[];
}

/** Decodes the messages of one connection. */
export class SyncDecoder {
  private readonly sink: SyncSink;
  private readonly lines: LineSplitter;
  private batch: Batch | null = null;

  constructor(sink: SyncSink) {
    this.sink = sink;
    this.lines = new LineSplitter({
      line: (bytes, start, end) => this.take(bytes, start, end),
      tooLong: () => this.refuse(`a line of more than ${maxLineBytes} bytes`),
    });
  }

  /** Consumes all of `chunk` and calls the sink for each message that it completes. */
  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  private take(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('latin1', start, end);
    const isGood = this.batch !== null ? this.takeChange(this.batch, text) : this.takeMessage(text);
    if (!isGood) this.refuse(`${quoteBytes(bytes, start, end)} is not a sync message`);
  }

  private takeMessage(text: string): boolean {
    if (text.startsWith('changes ') || text.startsWith('repair ')) return this.beginBatch(text);
    const message = decodeMessage(text);
    if (message === null) return false;
    this.sink.message(message);
    return true;
  }

  private beginBatch(text: string): boolean {
    const [verb, ...words] = text.split(' ');
    const numbers = words.map(readNumber);
    const count = numbers.at(-1) ?? Number.NaN;
    if (numbers.length !== (verb === 'changes' ? 2 : 1) || !numbers.every(isFine)) return false;
    if (count > maxBatchChanges) {
      this.refuse(`a batch of ${count} changes, where ${maxBatchChanges} are allowed`);
      return true;
    }
    const entry = verb === 'changes' ? (numbers[0] as number) : null;
    this.batch = { entry, missing: count, bytes: 0, changes: [] };
    this.endBatch(this.batch);
    return true;
  }

  private takeChange(batch: Batch, text: string): boolean {
    const change = decodeChange(text);
    batch.bytes += text.length + 1;
    if (batch.bytes > maxBatchBytes) {
      this.refuse(`a batch of more than ${maxBatchBytes} bytes`);
      return true;
    }
    if (change === null) return false;
    batch.changes.push(change);
    batch.missing--;
    this.endBatch(batch);
    return true;
  }

  private endBatch({ missing, entry, changes }: Batch): void {
    if (missing > 0) return;
    this.batch = null;
    if (entry === null) this.sink.message({ kind: 'repair', changes });
    else this.sink.message({ kind: 'changes', entry, changes });
  }

  private refuse(text: string): void {
    this.lines.stop();
    this.batch = null;
    this.sink.refuse(text);
  }
}

/** Decodes what a server says to everybody, one message; null if it is malformed. */
export function decodeNews(bytes: Uint8Array): SyncNews | null {
  if (bytes.length > maxLineBytes + maxBatchBytes) return null;
  const text = Buffer.from(bytes).toString('latin1');
  if (!text.endsWith('\n')) return null;
  const [head = '', ...lines] = text.slice(0, -1).split('\n');
  const [kind, epoch = '', ...words] = head.split(' ');
  if (!tagPattern.test(epoch)) return null;
  if (kind === 'pulse') return lines.length === 0 ? decodePulse(epoch, words) : null;
  const [after, entry, count] = readNumbers(words, 3);
  if (kind !== 'news' || after === undefined || entry === undefined) return null;
  if (count !== lines.length || count > maxBatchChanges) return null;
  const changes: HostChange[] = [];
  for (const line of lines) {
    const change = decodeChange(line);
    if (change === null) return null;
    changes.push(change);
  }
  return { kind: 'news', epoch, after, entry, changes };
}

function decodePulse(epoch: string, words: string[]): SyncNews | null {
  const [run = '', published, digest = '', behind, ...rest] = words;
  const [version = '', ...more] = rest.splice(4);
  const numbers = readNumbers([published ?? '', behind ?? '', ...rest], 6);
  const isGood =
    numbers.length === 6 &&
    tagPattern.test(run) &&
    isHex([digest], 1) &&
    versionPattern.test(version);
  if (!isGood) return null;
  const [entry, lacking, clock, backlog, limit, live] = numbers as [
    ...[number, number, number, number, number, number],
  ];
  const known = { epoch, run, entry, digest, behind: lacking, clock, backlog, limit, live };
  const cannotJudge = unables.find((each) => more.includes(unableWords[each]));
  const unable = cannotJudge === undefined ? {} : { cannotJudge };
  return { kind: 'pulse', ...known, version, ...unable };
}

/** Decodes a message of one line; null if it is malformed. */
export function decodeMessage(text: string): SyncMessage | null {
  const words = text.split(' ');
  const verb = words.shift();
  switch (verb) {
    case 'sync':
      return decodeHello(words);
    case 'welcome': {
      const [id = '', run = '', ...rest] = words;
      const [protocol, clock, applied] = readNumbers(rest.slice(0, 3), 3);
      const version = readVersion(rest.slice(3));
      if (!isNodeId(id) || !tagPattern.test(run) || applied === undefined) return null;
      if (version === null) return null;
      return { kind: 'welcome', id, run, protocol, clock, applied, ...version } as SyncMessage;
    }
    case 'ack': {
      const [entry] = readNumbers(words, 1);
      return entry === undefined ? null : { kind: 'ack', entry };
    }
    case 'beat': {
      const [clock, number, backlog, limit, live] = readNumbers(words.splice(0, 5), 5);
      if (live === undefined) return null;
      const cannotJudge = unables.find((each) => words.includes(unableWords[each]));
      const known: Partial<SyncBeat> = cannotJudge === undefined ? {} : { cannotJudge };
      const digest = words.find((word) => word.startsWith(digestWord))?.slice(digestWord.length);
      if (digest !== undefined && isHex([digest], 1)) known.digest = digest;
      return { kind: 'beat', clock, number, backlog, limit, live, ...known } as SyncMessage;
    }
    case 'echo': {
      const [clock, number] = readNumbers(words, 2);
      return number === undefined ? null : ({ kind: 'echo', clock, number } as SyncMessage);
    }
    case 'ask': {
      const [number = '', address = ''] = words;
      if (words.length !== 2 || !isFine(readNumber(number)) || !isAddress(address)) return null;
      return { kind: 'ask', number: readNumber(number), address };
    }
    case 'opinion': {
      const [number = '', word] = words;
      const verdict = verdicts.find((each) => each === word);
      if (words.length !== 2 || !isFine(readNumber(number)) || verdict === undefined) return null;
      return { kind: 'opinion', number: readNumber(number), verdict };
    }
    case 'digest':
      return isHex(words, buckets) ? { kind: 'digest', buckets: words[0] as string } : null;
    case 'differ': {
      const list = words.map(readNumber);
      const isList = list.length <= buckets && list.every((each) => each < buckets);
      return isList ? { kind: 'differ', buckets: list } : null;
    }
    case 'leaves': {
      const bucket = readNumber(words.shift());
      if (!(bucket < buckets) || !isHex(words, leaves)) return null;
      return { kind: 'leaves', bucket, leaves: words[0] as string };
    }
    case 'rows':
    case 'want': {
      const leaf = readNumber(words.shift());
      if (!(leaf < buckets * leaves) || words.length > maxLeafRows) return null;
      return words.every((word) => isHex([word], 1)) ? { kind: verb, leaf, hashes: words } : null;
    }
    case 'error': {
      const [code = '', ...rest] = words;
      const shown = rest.join(' ').replace(/[^ -~]/g, '?');
      return codePattern.test(code) ? { kind: 'error', code, text: shown } : null;
    }
    default:
      return null;
  }
}

function decodeHello(words: string[]): SyncMessage | null {
  const [hello, id = '', epoch = '', run = '', protocol, clock, listen = '', entry, ...rest] =
    words;
  const version = readVersion(rest);
  const numbers = [protocol, clock, entry].map(readNumber);
  const isGood =
    hello === 'hello' &&
    version !== null &&
    isNodeId(id) &&
    tagPattern.test(epoch) &&
    tagPattern.test(run) &&
    isAddress(listen) &&
    numbers.every(isFine);
  if (!isGood) return null;
  const [p, c, e] = numbers as [number, number, number];
  return {
    kind: 'hello',
    id,
    epoch,
    run,
    protocol: p,
    clock: c,
    listen,
    entry: e,
    ...version,
  };
}

function decodeChange(text: string): HostChange | null {
  const words = text.split(' ');
  const [state, address = '', nodeId = '', dialect, ...rest] = words;
  const server = rest.pop() ?? '';
  const [firstSeen, lastSeen, ms, counter] = readNumbers(rest, 4);
  if (firstSeen === undefined || lastSeen === undefined || ms === undefined) return null;
  if (counter === undefined || counter > maxCounter) return null;
  if (state !== 'live' && state !== 'gone') return null;
  const spoken = hostDialects.find((each) => each === dialect);
  if (spoken === undefined) return null;
  if (!isNodeId(nodeId) || !isNodeId(server) || !isAddress(address)) return null;
  const version = { ms, counter, server };
  return { address, nodeId, state, dialect: spoken, firstSeen, lastSeen, version };
}

/** Whether the text is an address in the spelling of this program, so that each address has one spelling. */
function isAddress(text: string): boolean {
  const words = parseAddress(text);
  return words !== null && formatAddress(words, 0) === text;
}

function isHex(words: string[], hashes: number): boolean {
  const [text] = words;
  return words.length === 1 && text?.length === hashes * hashDigits && hexPattern.test(text);
}

/** The version at the end of a greeting, and what else it says; words of newer name servers are ignored. */
function readVersion([version, ...words]: string[]): Pick<
  SyncHello,
  'version' | 'readsUdp' | 'isTwoWay'
> | null {
  if (version === undefined) return {};
  if (!versionPattern.test(version)) return null;
  return {
    version,
    ...(words.includes(udpWord) ? { readsUdp: true } : {}),
    ...(words.includes(twoWayWord) ? { isTwoWay: true } : {}),
  };
}

/** Reads exactly `count` numbers; an empty list if there are more, fewer or malformed ones. */
function readNumbers(words: string[], count: number): number[] {
  if (words.length !== count) return [];
  const numbers: number[] = [];
  for (const word of words) {
    const number = readNumber(word);
    if (!isFine(number)) return [];
    numbers.push(number);
  }
  return numbers;
}

/** Reads a number; NaN if the text is malformed. */
function readNumber(text: string | undefined): number {
  if (text === undefined || !numberPattern.test(text)) return Number.NaN;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}

/** Whether the number was read. */
function isFine(number: number): boolean {
  return !Number.isNaN(number);
}
