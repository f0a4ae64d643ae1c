// Contacts: most of what is committed only says that a host was seen again. Contacts are appended, one record
// for each commit, instead of being written into the page of each host, so a commit costs the same however many
// hosts are stored. When there are many, they are folded into the hosts' records: a few at each commit and in
// the order of the rows, so that hosts of one page are written together. Then the folded records are deleted.
//
// Invariant: the last contact of a row, if it has one, agrees with its host. So a row with contacts that is
// written whole is written as a contact, too.
//
// A record: checksum, number of contacts, then for each contact: row, counter, last seen, ms, entry. An `ms` of
// -1 means that the version is another server's and has not changed.
import type Database from 'better-sqlite3';
import type { StoredHost } from '../core/registry/host-record.ts';
import type { Registry } from '../core/registry/registry.ts';
import { RowSet } from '../core/registry/row-set.ts';
import { checkOf } from './packed-host.ts';
import { attempt, corrupt } from './store-error.ts';

/** Contacts kept before folding begins, 4 MB. With a million hosts about five of a page are folded together. */
export const contactsUnfolded = 131_072;

/** Rows folded at a commit for each of its contacts, and at least: a pass ends before the next one is half due. */
const foldedPerContact = 2;
const leastFolded = 32;

/** Records deleted at a commit, which itself adds one. */
const deletedAtOnce = 64;

const headBytes = 8;
const contactBytes = 32;
const recordsPerRead = 512;

type Block = [bytes: Buffer | null, last: number | null, first: number | null];

/** The table of contacts of one open database. */
export class Contacts {
  private readonly insert: Database.Statement;
  private readonly forget: Database.Statement;
  private readonly read: Database.Statement;
  private readonly file: string;
  private readonly ownId: string;
  private readonly foldAfter: number;
  /** rows with contacts in the records up to `passEnd`, and in those after it */
  private before = new RowSet();
  private since = new RowSet();
  /** contacts after `passEnd` */
  private count = 0;
  /** numbers of records: the latest one, the last one of the pass, the last one deleted */
  private last = 0;
  private passEnd = 0;
  private deletedTo = 0;
  /** the next row of `before` to fold; -1: all are folded */
  private foldFrom = -1;

  /** @param foldAfter contacts kept before folding begins */
  constructor(database: Database.Database, file: string, ownId: string, foldAfter: number) {
    this.file = file;
    this.foldAfter = foldAfter;
    this.ownId = ownId;
    this.insert = database.prepare('INSERT INTO contacts (number, record) VALUES (?, ?)');
    this.forget = database.prepare('DELETE FROM contacts WHERE number <= ?');
    this.read = database
      .prepare(
        `SELECT CAST(group_concat(record, '') AS BLOB), max(number), min(number) FROM (
           SELECT number, record FROM contacts WHERE number > ? ORDER BY number LIMIT ${recordsPerRead})`,
      )
      .raw();
  }

  /** Whether the row has contacts, so that its host's record may be out of date. */
  has(row: number): boolean {
    return this.since.has(row) || this.before.has(row);
  }

  /**
   * Writes the contacts of `rows` and folds some earlier ones with `putHost`, in the transaction of a commit.
   * @returns a function to call once the transaction has succeeded
   */
  write(registry: Registry, rows: readonly number[], putHost: (row: number) => void): () => void {
    const last = rows.length === 0 ? this.last : this.last + 1;
    if (rows.length > 0) this.insert.run(last, this.pack(registry, rows));
    const foldFrom = this.fold(registry, rows.length, putHost);
    const isFolded = foldFrom === -1 && this.deletedTo < this.passEnd;
    const deletedTo = isFolded
      ? Math.min(this.deletedTo + deletedAtOnce, this.passEnd)
      : this.deletedTo;
    if (isFolded) this.forget.run(deletedTo);
    return () => {
      this.last = last;
      this.foldFrom = foldFrom;
      this.deletedTo = deletedTo;
      for (const row of rows) this.since.add(row);
      this.count += rows.length;
      if (isFolded && deletedTo === this.passEnd) this.before = new RowSet();
      if (this.count >= this.foldAfter && deletedTo === this.passEnd) this.beginPass();
    };
  }

  /** The stored hosts, each updated with its last contact. @throws StoreError */
  *applied(hosts: Iterable<StoredHost>, rowsUsed: number): Generator<StoredHost, void> {
    const view = this.load();
    const latest = this.latest(view, rowsUsed);
    for (const host of hosts) {
      const at = latest[host.row] ?? 0;
      if (at > 0) this.apply(view, at, host);
      yield host;
    }
  }

  private beginPass(): void {
    this.before = this.since;
    this.since = new RowSet();
    this.count = 0;
    this.passEnd = this.last;
    this.foldFrom = 0;
  }

  /** @returns the row with which the next commit goes on; -1: all are folded */
  private fold(registry: Registry, contacts: number, putHost: (row: number) => void): number {
    if (this.foldFrom === -1) return -1;
    let row = this.before.from(this.foldFrom);
    for (let left = Math.max(leastFolded, foldedPerContact * contacts); left > 0; left--) {
      if (row === -1) return -1;
      if (registry.isUsed(row)) putHost(row);
      row = this.before.from(row + 1);
    }
    return row;
  }

  private pack(registry: Registry, rows: readonly number[]): Buffer {
    const length = headBytes + rows.length * contactBytes;
    const bytes = Buffer.allocUnsafe(length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    view.setUint32(4, rows.length, true);
    let at = headBytes;
    for (const row of rows) {
      const { ms, counter, server } = registry.versions.get(row);
      view.setUint32(at, row, true);
      view.setUint32(at + 4, counter, true);
      view.setFloat64(at + 8, registry.lastSeen.at(row), true);
      view.setFloat64(at + 16, server === this.ownId ? ms : -1, true);
      view.setFloat64(at + 24, registry.log.entryOf(row), true);
      at += contactBytes;
    }
    view.setUint32(0, checkOf(view, 4, length), true);
    return bytes;
  }

  /** All records, one after the other. */
  private load(): DataView {
    const blocks: Buffer[] = [];
    let first: number | null = null;
    for (let after = Number.MIN_SAFE_INTEGER; ; ) {
      const [bytes, last, begin] = attempt(this.file, () => this.read.get(after) as Block);
      if (last === null) break;
      first ??= begin;
      blocks.push(bytes ?? Buffer.alloc(0));
      after = last;
      this.last = last;
    }
    this.deletedTo = (first ?? this.last + 1) - 1;
    this.passEnd = this.deletedTo;
    const bytes = Buffer.concat(blocks);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The offset of each row's last contact, or 0. */
  private latest(view: DataView, rowsUsed: number): Uint32Array {
    const latest = new Uint32Array(view.byteLength === 0 ? 0 : rowsUsed);
    for (let at = 0; at < view.byteLength; ) {
      const end = this.endOf(view, at);
      for (let contact = at + headBytes; contact < end; contact += contactBytes) {
        const row = view.getUint32(contact, true);
        this.since.add(row);
        this.count++;
        // The tombstone may have been dropped since.
        if (row < rowsUsed) latest[row] = contact;
      }
      at = end;
    }
    if (this.count >= this.foldAfter) this.beginPass();
    return latest;
  }

  /** The end of the record at `at`, whose checksum is verified. @throws StoreError */
  private endOf(view: DataView, at: number): number {
    const room = view.byteLength - at;
    const count = room < headBytes ? 0 : view.getUint32(at + 4, true);
    const end = at + headBytes + count * contactBytes;
    const isWhole = count > 0 && end <= view.byteLength;
    if (!isWhole || view.getUint32(at, true) !== checkOf(view, at + 4, end))
      throw corrupt(this.file, `the record after ${this.count} contacts is damaged`);
    return end;
  }

  private apply(view: DataView, at: number, host: StoredHost): void {
    const ms = view.getFloat64(at + 16, true);
    host.lastSeen = view.getFloat64(at + 8, true);
    if (ms < 0) return;
    host.version = { ms, counter: view.getUint32(at + 4, true), server: this.ownId };
    host.entry = view.getFloat64(at + 24, true);
  }
}
