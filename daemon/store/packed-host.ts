// A host as it is stored: one record of bytes, little-endian, written and read without a text in
// between. A million of them are read four times as fast as rows of columns. SQLite keeps no
// checksums, so each record has one over all of it and the number of its row: a record that is not
// as it was written is noticed, whichever byte changed.
//
//   0 check   4 row   8 length   10 kind   11 length of the server's name   12 address, 5 words
//   32 node id, 4 words   48 first seen   56 last seen   64 change   72 changed at   80 version: ms
//   88 entry   96 version: counter   100 name of the version's server, then a node id that is no UUID
import { addressWords } from '../../shared/protocol/address.ts';
import { maxNodeIdLength } from '../../shared/protocol/limits.ts';
import { finished, mixed } from '../core/registry/address-hash.ts';
import type { StoredHost } from '../core/registry/host-record.ts';
import { corrupt, explain } from './store-error.ts';

const fixedBytes = 100;

/** With both names, and the padding to whole words. */
const mostBytes = fixedBytes + 2 * maxNodeIdLength + 3;

const liveKind = 1;
const goneKind = 2;
const legacyKind = 4;
const textKind = 8;
/** Files from before hosts were proved do not have it; older daemons do not look at it. */
const provedKind = 16;

const wordsPerId = 4;

const scratch = Buffer.alloc(mostBytes);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, mostBytes);

/** The record of `host`, good until the next one. A version of `ownId` is stored without its name. */
export function packHost(host: StoredHost, ownId: string): Buffer {
  const { words, nodeId, version } = host;
  const view = scratchView;
  const server = version.server === ownId ? '' : version.server;
  const text = typeof nodeId === 'string' ? nodeId : '';
  const end = fixedBytes + server.length + text.length;
  const length = (end + 3) & ~3;
  const state = host.state === 'live' ? liveKind : goneKind;
  const dialect = host.dialect === 'legacy' ? legacyKind : 0;
  view.setUint32(4, host.row, true);
  view.setUint16(8, length, true);
  const proved = host.isProved ? provedKind : 0;
  view.setUint8(10, state | dialect | proved | (text === '' ? 0 : textKind));
  view.setUint8(11, server.length);
  for (let i = 0; i < addressWords; i++) view.setUint32(12 + 4 * i, words[i] as number, true);
  for (let i = 0; i < wordsPerId; i++)
    view.setUint32(32 + 4 * i, typeof nodeId === 'string' ? 0 : (nodeId[i] as number), true);
  view.setFloat64(48, host.firstSeen, true);
  view.setFloat64(56, host.lastSeen, true);
  view.setFloat64(64, host.change, true);
  view.setFloat64(72, host.changedAt, true);
  view.setFloat64(80, version.ms, true);
  view.setFloat64(88, host.entry, true);
  view.setUint32(96, version.counter, true);
  scratch.write(server, fixedBytes, 'latin1');
  scratch.write(text, fixedBytes + server.length, 'latin1');
  // Padding; also tells how long the second name is, since no name has such a byte.
  scratch.fill(0, end, length);
  view.setUint32(0, checkOf(view, 4, length), true);
  return scratch.subarray(0, length);
}

/** Takes the records apart that stand one behind the other in `bytes`. */
export class PackedHosts {
  private readonly bytes: Buffer;
  private readonly view: DataView;
  private readonly ownId: string;
  private readonly words = new Uint32Array(addressWords);
  private readonly id = new Uint32Array(wordsPerId);
  private at = 0;

  constructor(bytes: Buffer, ownId: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.ownId = ownId;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** The next host, good until the one after it; null when it is not as written. */
  next(): StoredHost | null {
    const { view, at, words, id } = this;
    if (at + fixedBytes > this.bytes.length) return null;
    const length = view.getUint16(at + 8, true);
    const isWhole = length >= fixedBytes && length % 4 === 0 && at + length <= this.bytes.length;
    if (!isWhole || view.getUint32(at, true) !== checkOf(view, at + 4, at + length)) return null;
    this.at = at + length;
    const kind = view.getUint8(at + 10);
    const nameEnd = at + fixedBytes + view.getUint8(at + 11);
    for (let i = 0; i < addressWords; i++) words[i] = view.getUint32(at + 12 + 4 * i, true);
    for (let i = 0; i < wordsPerId; i++) id[i] = view.getUint32(at + 32 + 4 * i, true);
    const server = nameEnd === at + fixedBytes ? this.ownId : this.text(at + fixedBytes, nameEnd);
    return {
      row: view.getUint32(at + 4, true),
      words,
      nodeId: kind & textKind ? this.text(nameEnd, at + length) : id,
      state: kind & liveKind ? 'live' : 'gone',
      isProved: (kind & provedKind) !== 0,
      dialect: kind & legacyKind ? 'legacy' : 'native',
      firstSeen: view.getFloat64(at + 48, true),
      lastSeen: view.getFloat64(at + 56, true),
      change: view.getFloat64(at + 64, true),
      changedAt: view.getFloat64(at + 72, true),
      version: {
        ms: view.getFloat64(at + 80, true),
        counter: view.getUint32(at + 96, true),
        server,
      },
      entry: view.getFloat64(at + 88, true),
    };
  }

  /** Up to the padding. */
  private text(start: number, end: number): string {
    let last = end;
    while (last > start && this.bytes[last - 1] === 0) last--;
    return this.bytes.toString('latin1', start, last);
  }
}

/** Over the whole words from `start` to `end`. */
export function checkOf(view: DataView, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at += 4) hash = mixed(hash, view.getUint32(at, true));
  return finished(hash);
}

// Reads the stored hosts at the start. SQLite puts the records of a few hundred at a time into one
// value, because making a value of JavaScript for each of a million costs more than all that follows.
import type Database from 'better-sqlite3';

/** Some 50 KB: below the size from which the system maps and unmaps memory for each. */
const hostsPerRead = 512;

const reading = `SELECT CAST(group_concat(record, '') AS BLOB), count(*), sum(row), max(row)
  FROM (SELECT row, record FROM hosts WHERE row > ? ORDER BY row LIMIT ${hostsPerRead})`;

type Block = [bytes: Buffer | null, count: number, sum: number | null, last: number];

/**
 * Every stored host, in the order of the rows; each is good until the next one. `ownId`: whose
 * versions are stored without a name. @throws StoreError
 */
export function* readHosts(
  database: Database.Database,
  file: string,
  ownId: string,
): Generator<StoredHost, void> {
  const read = attempt(file, () => database.prepare(reading).raw());
  // A row that is none is read, and refused.
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const [bytes, count, sum, last] = attempt(file, () => read.get(after) as Block);
    const hosts = new PackedHosts(bytes ?? Buffer.alloc(0), ownId);
    let rows = 0;
    let before = after;
    for (let i = 0; i < count; i++) {
      const host = hosts.next();
      // Each record tells its row; together they are those under which they were found.
      if (host === null || host.row <= before) throw corrupt(file, damage(before));
      before = host.row;
      rows += host.row;
      yield host;
    }
    if (!hosts.isAtEnd || rows !== (sum ?? 0) || before !== (last ?? after))
      throw corrupt(file, damage(before));
    if (count < hostsPerRead) return;
    after = last;
  }
}

function damage(before: number): string {
  return `the host after row ${Math.max(before, -1)} is not as written`;
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explain(error, file);
  }
}
