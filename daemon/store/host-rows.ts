// A host as it is stored: a row of named columns that anybody can read, under its row in the registry, so that hosts
// written at the same time share pages. Each has a checksum over all of it and its row.
import type Database from 'better-sqlite3';
import { AddressList, formatAddress, wordEnd } from '../../shared/protocol/address.ts';
import type { StoredHost } from '../core/registry/host-record.ts';
import { nodeIdText, readUuid, wordsPerId } from '../core/registry/node-ids.ts';
import { attempt, corrupt } from './store-error.ts';
import { Checksum } from './stored-values.ts';

/** Takes `hostValues`. */
export const putHostSql = `REPLACE INTO host_rows (row, address, node_id, state, dialect, is_proved,
  has_left, first_seen, last_seen, change, changed_at, version_ms, version_counter, version_server,
  entry, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** The columns of `host`. A version of server `ownId` is stored without the id. */
export function hostValues(host: StoredHost, ownId: string): (string | number)[] {
  const server = host.version.server === ownId ? '' : host.version.server;
  // One by one: spreading would double the cost.
  return [
    host.row,
    formatAddress(host.words, 0),
    nodeIdText(host.nodeId),
    host.state,
    host.dialect,
    host.isProved ? 1 : 0,
    host.hasLeft ? 1 : 0,
    host.firstSeen,
    host.lastSeen,
    host.change,
    host.changedAt,
    host.version.ms,
    host.version.counter,
    server,
    host.entry,
    checksumOf(host, server),
  ];
}

const sum = new Checksum();

function checksumOf(host: StoredHost, server: string): number {
  const { nodeId, state, dialect, version } = host;
  sum.addNumber(host.row);
  sum.addWords(host.words);
  if (typeof nodeId === 'string') sum.addText(nodeId);
  else sum.addWords(nodeId);
  const stateBits = (state === 'live' ? 1 : 0) | (host.isProved ? 2 : 0) | (host.hasLeft ? 4 : 0);
  sum.addNumber(stateBits | (8 * dialects.indexOf(dialect)));
  sum.addNumber(host.firstSeen);
  sum.addNumber(host.lastSeen);
  sum.addNumber(host.change);
  sum.addNumber(host.changedAt);
  sum.addNumber(version.ms);
  sum.addNumber(version.counter);
  sum.addNumber(host.entry);
  sum.addText(server);
  return sum.take();
}

const states = ['live', 'gone'] as const;
const dialects = ['native', 'legacy', 'udp'] as const;

/** Rows read at a time, about 80 KB: below the size at which the allocator maps memory for each buffer. */
const rowsPerRead = 512;

/**
 * SQLite joins the columns into lines, because a JavaScript value for each column of a million hosts costs more
 * than all the rest. `concat_ws` does it in two thirds of the time of `printf`. Last, the row to go on with.
 */
const reading = `SELECT CAST(group_concat(concat_ws(' ', row, address, node_id, state, dialect,
    is_proved, has_left, first_seen, last_seen, change, changed_at, version_ms, version_counter,
    version_server, entry, checksum), char(10)) AS BLOB), count(*),
    (SELECT min(row) FROM host_rows WHERE row >= :end)
  FROM host_rows WHERE row >= :first AND row < :end`;

type Block = [lines: Buffer | null, count: number, next: number | null];

/**
 * All stored hosts in the order of their rows, each valid until the next one.
 * @param ownId id of the server whose versions are stored without it
 * @throws StoreError
 */
export function* readHosts(
  database: Database.Database,
  file: string,
  ownId: string,
): Generator<StoredHost, void> {
  const read = attempt(file, () => database.prepare(reading).raw());
  let before = -1;
  // Begins below 0, so that an impossible row is read and refused.
  for (let from: number | null = Number.MIN_SAFE_INTEGER; from !== null; ) {
    const range: { first: number; end: number } = { first: from, end: from + rowsPerRead };
    const [bytes, count, next] = attempt(file, () => read.get(range) as Block);
    const lines = new HostLines(bytes ?? Buffer.alloc(0), ownId);
    for (let i = 0; i < count; i++) {
      const host = lines.next();
      if (host === null || host.row <= before)
        throw corrupt(file, `the host after row ${before} is damaged`);
      before = host.row;
      yield host;
    }
    from = next;
  }
}

const space = 0x20;
const zero = 0x30;

/** Reads the lines of `reading`. What is no such line has another checksum than it says. */
export class HostLines {
  private readonly bytes: Buffer;
  private readonly ownId: string;
  private readonly address = new AddressList(1);
  private readonly id = new Uint32Array(wordsPerId);
  private at = 0;

  constructor(bytes: Buffer, ownId: string) {
    this.bytes = bytes;
    this.ownId = ownId;
  }

  /** The next host, valid until the next call; null if it is damaged. */
  next(): StoredHost | null {
    const row = this.number();
    this.address.length = 0;
    const end = this.address.pushWord(this.bytes, this.at, this.bytes.length);
    if (end === -1) return null;
    this.at = end + 1;
    const nodeId = this.nodeId();
    const state = this.oneOf(states);
    const dialect = this.oneOf(dialects);
    if (state === null || dialect === null) return null;
    const isProved = this.number() === 1;
    const hasLeft = this.number() === 1;
    const firstSeen = this.number();
    const lastSeen = this.number();
    const change = this.number();
    const changedAt = this.number();
    const ms = this.number();
    const counter = this.number();
    const server = this.word();
    const entry = this.number();
    const host = {
      row,
      words: this.address.words,
      nodeId,
      state,
      dialect,
      isProved,
      hasLeft,
      firstSeen,
      lastSeen,
      change,
      changedAt,
      version: { ms, counter, server: server === '' ? this.ownId : server },
      entry,
    };
    return this.number() === checksumOf(host, server) ? host : null;
  }

  /** Digits, and the space or line feed behind them. */
  private number(): number {
    const { bytes } = this;
    let { at } = this;
    let value = 0;
    let digit = (bytes[at++] ?? 0) - zero;
    for (; digit >= 0 && digit <= 9; digit = (bytes[at++] ?? 0) - zero) value = value * 10 + digit;
    this.at = at;
    return value;
  }

  private word(): string {
    const { bytes, at } = this;
    const end = wordEnd(bytes, at, bytes.length);
    this.at = end + 1;
    return end === at ? '' : bytes.toString('latin1', at, end);
  }

  private nodeId(): string | Uint32Array {
    const end = readUuid(this.bytes, this.at, this.id);
    if (end === -1 || this.bytes[end] !== space) return this.word();
    this.at = end + 1;
    return this.id;
  }

  private oneOf<T extends string>(words: readonly T[]): T | null {
    const { bytes, at } = this;
    for (const word of words)
      if (bytes[at] === word.charCodeAt(0) && bytes[at + word.length] === space) {
        this.at = at + word.length + 1;
        return word;
      }
    return null;
  }
}
