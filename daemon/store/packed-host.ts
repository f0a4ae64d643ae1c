// A host as schemas 3 to 5 stored it: one packed record, little-endian, with a checksum over all of it and the number
// of its row. It is read once, when such a file is brought up to date (schema.ts).
//
//   0 checksum   4 row   8 length   10 kind   11 length of the server's id   12 address, 5 words
//   32 node id, 4 words   48 first seen   56 last seen   64 change   72 changed at   80 version: ms
//   88 entry   96 version: counter   100 id of the version's server, then a node id that is no UUID
import type Database from 'better-sqlite3';
import { addressWords } from '../../shared/protocol/address.ts';
import { maxNodeIdLength } from '../../shared/protocol/limits.ts';
import { finished, mixed } from '../core/registry/address-hash.ts';
import type { StoredHost } from '../core/registry/host-record.ts';
import { attempt, corrupt } from './store-error.ts';

const fixedBytes = 100;

/** A record with both ids and the padding to whole words. */
const mostBytes = fixedBytes + 2 * maxNodeIdLength + 3;

const liveKind = 1;
const goneKind = 2;
const legacyKind = 4;
const textKind = 8;
/** Records from before hosts were proved lack this bit; older daemons ignore it. */
const provedKind = 16;
/** Likewise: to an older daemon, a host that speaks over UDP is a native one. */
const udpKind = 32;
/** Likewise, of hosts that left or were removed. Without it a tombstone counts as that of a host that did not answer. */
const leftKind = 64;

const dialectKinds = { native: 0, legacy: legacyKind, udp: udpKind } as const;

const wordsPerId = 4;

const scratch = Buffer.alloc(mostBytes);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, mostBytes);

/** The record of `host`, valid until the next call. A version of server `ownId` is stored without the id. */
export function packHost(host: StoredHost, ownId: string): Buffer {
  const { words, nodeId, version } = host;
  const view = scratchView;
  const server = version.server === ownId ? '' : version.server;
  const text = typeof nodeId === 'string' ? nodeId : '';
  const end = fixedBytes + server.length + text.length;
  const length = (end + 3) & ~3;
  const state = host.state === 'live' ? liveKind : goneKind;
  const dialect = dialectKinds[host.dialect];
  view.setUint32(4, host.row, true);
  view.setUint16(8, length, true);
  const proved = host.isProved ? provedKind : 0;
  const left = host.hasLeft ? leftKind : 0;
  view.setUint8(10, state | dialect | proved | left | (text === '' ? 0 : textKind));
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
  // The padding also ends the node id, which has no zero byte.
  scratch.fill(0, end, length);
  view.setUint32(0, checkOf(view, 4, length), true);
  return scratch.subarray(0, length);
}

/** Reads consecutive records. */
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

  /** Whether all bytes are read. */
  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** The next host, valid until the next call; null if its record is damaged. */
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
      hasLeft: (kind & leftKind) !== 0,
      dialect: kind & legacyKind ? 'legacy' : kind & udpKind ? 'udp' : 'native',
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

  /** Text without the padding. */
  private text(start: number, end: number): string {
    let last = end;
    while (last > start && this.bytes[last - 1] === 0) last--;
    return this.bytes.toString('latin1', start, last);
  }
}

/** The checksum (MurmurHash3) of the whole words from `start` to before `end`. */
export function checkOf(view: DataView, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at += 4) hash = mixed(hash, view.getUint32(at, true));
  return finished(hash);
}

/** Hosts read at a time, about 50 KB: below the size at which the allocator maps memory for each buffer. */
const hostsPerRead = 512;

/**
 * SQLite joins the records into one value, because one JavaScript value each for a million costs more than all
 * the rest.
 */
const reading = `SELECT CAST(group_concat(record, '') AS BLOB), count(*), sum(row), max(row)
  FROM (SELECT row, record FROM packed_hosts WHERE row > ? ORDER BY row LIMIT ${hostsPerRead})`;

type Block = [bytes: Buffer | null, count: number, sum: number | null, last: number];

/**
 * All stored hosts in the order of their rows, each valid until the next one.
 * @param ownId id of the server whose versions are stored without it
 * @throws StoreError
 */
export function* readPackedHosts(
  database: Database.Database,
  file: string,
  ownId: string,
): Generator<StoredHost, void> {
  const read = attempt(file, () => database.prepare(reading).raw());
  // Begins below 0, so that an impossible row is read and refused.
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const [bytes, count, sum, last] = attempt(file, () => read.get(after) as Block);
    const hosts = new PackedHosts(bytes ?? Buffer.alloc(0), ownId);
    let rows = 0;
    let before = after;
    for (let i = 0; i < count; i++) {
      const host = hosts.next();
      // A record names its row; the sum and the last row prove that they are the rows of the table.
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
  return `the host after row ${Math.max(before, -1)} is damaged`;
}
