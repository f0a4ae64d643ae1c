// Reads the stored hosts at the start. SQLite puts a few hundred at a time into one text, which is
// taken apart here byte by byte: that is twice as fast as having each of a million hosts' values made
// a value of JavaScript. SQLite keeps no checksums: a damaged file shows in values that no daemon
// wrote, and in an address that is not the one whose hash is stored beside it.
import type Database from 'better-sqlite3';
import { printable } from '../../shared/printable.ts';
import { AddressList } from '../../shared/protocol/address.ts';
import { maxNodeIdLength } from '../../shared/protocol/limits.ts';
import { isNodeId } from '../../shared/protocol/node-id.ts';
import { hashAddress } from '../core/address-hash.ts';
import type { StoredHost } from '../core/host-record.ts';
import { corrupt, explain } from './store-error.ts';

/** Some 80 KB of text: below the size from which the system maps and unmaps memory for each. */
const hostsPerRead = 512;

const reading = `SELECT CAST(group_concat(concat_ws(' ', row, address, address_hash, node_id, state,
    dialect, first_seen, last_seen, change, changed_at, version_ms, version_counter, entry,
    version_server), char(10)) AS BLOB), count(*)
  FROM (SELECT * FROM hosts WHERE row > ? ORDER BY row LIMIT ${hostsPerRead})`;

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
    const [bytes, count] = attempt(file, () => read.get(after) as [Buffer | null, number]);
    const lines = new HostLines(bytes ?? Buffer.alloc(0), ownId);
    for (let i = 0; i < count; i++) {
      const host = lines.next();
      if (host === null || host.row <= after)
        throw corrupt(file, `the host ${printable(lines.address, 64)} is not as written`);
      after = host.row;
      yield host;
    }
    if (!lines.isAtEnd) throw corrupt(file, `after row ${after} there is more than its hosts`);
    if (count < hostsPerRead) return;
  }
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explain(error, file);
  }
}

const space = 0x20;
const lineFeed = 0x0a;

/** Bytes that a node id is made of. */
const isIdByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  isNodeId(String.fromCharCode(byte)) ? 1 : 0,
);

/** Takes the lines of one text apart. A line that no daemon wrote makes it stop there. */
class HostLines {
  private readonly bytes: Buffer;
  private readonly ownId: string;
  private readonly one = new AddressList(1);
  private lineAt = 0;
  private at = 0;
  private isSound = true;

  constructor(bytes: Buffer, ownId: string) {
    this.bytes = bytes;
    this.ownId = ownId;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** What stands for an address in the line that was read last. */
  get address(): string {
    const text = this.bytes.toString('latin1', this.lineAt).split('\n', 1)[0] ?? '';
    return text.split(' ')[1] ?? '';
  }

  /** The host of the next line, or null when it is not as written. */
  next(): StoredHost | null {
    this.lineAt = this.at;
    const host: StoredHost = {
      row: this.count(),
      words: this.packedAddress(),
      nodeId: this.nodeId(),
      state: this.oneOf('live', 'gone'),
      dialect: this.oneOf('native', 'legacy'),
      firstSeen: this.count(),
      lastSeen: this.count(),
      change: this.count(),
      changedAt: this.count(),
      version: {
        ms: this.count(),
        counter: this.count(),
        server: '',
      },
      entry: this.count(),
    };
    const isOwn = this.bytes[this.at] === lineFeed || this.isAtEnd;
    host.version.server = isOwn ? this.ownId : this.nodeId(lineFeed);
    if (isOwn) this.at++;
    return this.isSound && host.version.counter < 2 ** 32 ? host : null;
  }

  /** A whole number without a sign, up to which every one is exact. */
  private count(): number {
    const { bytes } = this;
    const start = this.at;
    let value = 0;
    let at = start;
    for (; at < bytes.length; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const isWhole = at > start && bytes[at] === space && value <= Number.MAX_SAFE_INTEGER;
    if (!isWhole) this.isSound = false;
    this.at = at + 1;
    return value;
  }

  private packedAddress(): Uint32Array {
    const end = this.wordEnd();
    this.one.length = 0;
    const isAddress = this.one.pushText(this.bytes, this.at, end);
    this.at = end + 1;
    if (this.count() !== hashAddress(this.one.words, 0) || !isAddress) this.isSound = false;
    return this.one.words;
  }

  private nodeId(after = space): string {
    const { bytes, at } = this;
    let end = at;
    while (end < bytes.length && isIdByte[bytes[end] as number] === 1) end++;
    const length = end - at;
    const isWhole = length >= 1 && length <= maxNodeIdLength;
    const isEnded = bytes[end] === after || (after === lineFeed && end === bytes.length);
    if (!isWhole || !isEnded) this.isSound = false;
    this.at = end + 1;
    return bytes.toString('latin1', at, end);
  }

  /** Both words begin with letters of their own. */
  private oneOf<A extends string, B extends string>(a: A, b: B): A | B {
    const end = this.wordEnd();
    const word = this.bytes[this.at] === a.charCodeAt(0) ? a : b;
    if (end - this.at !== word.length) this.isSound = false;
    for (let i = 0; i < word.length; i++)
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) this.isSound = false;
    this.at = end + 1;
    return word;
  }

  private wordEnd(): number {
    const { bytes } = this;
    let end = this.at;
    while (end < bytes.length && bytes[end] !== space && bytes[end] !== lineFeed) end++;
    return end;
  }
}
