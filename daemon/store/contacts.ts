// Contacts: most of what is committed only says that a host was seen again. Contacts are appended, one record
// for each commit, instead of being written into the page of each host, so a commit costs the same however many
// hosts are stored. When there are many, they are folded into the hosts' records: a few at each commit and in
// the order of the rows, so that hosts of one page are written together. Then the folded records are deleted.
//
// Invariant: the last contact of a row, if it has one, agrees with its host. So a row with contacts that is
// written whole is written as a contact, too.
//
// A record is JSON, an array of contacts: [row, last seen], or [row, last seen, version: ms, counter, entry] when the
// version was made here. The view `hosts` (schema.ts) reads it as `applied` does.
import type Database from 'better-sqlite3';
import type { StoredHost } from '../core/registry/host-record.ts';
import type { Registry } from '../core/registry/registry.ts';
import { RowSet } from '../core/registry/row-set.ts';
import { attempt, corrupt } from './store-error.ts';
import { Checksum, isCount } from './stored-values.ts';

/** Contacts kept before folding begins, 4 MB. With a million hosts about five of a page are folded together. */
export const contactsUnfolded = 131_072;

/** Rows folded at a commit for each of its contacts, and at least: a pass ends before the next one is half due. */
const foldedPerContact = 2;
const leastFolded = 32;

/** Records deleted at a commit, which itself adds one. */
const deletedAtOnce = 64;

const recordsPerRead = 512;

/** A contact, and the record of a commit, as they are stored. */
type Contact = readonly [
  row: number,
  lastSeen: number,
  ms?: number,
  counter?: number,
  entry?: number,
];
type Block = [json: string | null, last: number | null, first: number | null];

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
    this.insert = database.prepare(
      'INSERT INTO contacts (number, seen, checksum) VALUES (?, ?, ?)',
    );
    this.forget = database.prepare('DELETE FROM contacts WHERE number <= ?');
    this.read = database
      .prepare(
        `SELECT '[' || group_concat('[' || checksum || ',' || seen || ']') || ']', max(number), min(number)
           FROM (SELECT * FROM contacts WHERE number > ? ORDER BY number LIMIT ${recordsPerRead})`,
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
    if (rows.length > 0) this.insert.run(last, ...this.encode(registry, rows));
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
  *applied(hosts: Iterable<StoredHost>): Generator<StoredHost, void> {
    const latest = this.load();
    for (const host of hosts) {
      // The tombstone may have been dropped since.
      const contact = latest.get(host.row);
      if (contact !== undefined) this.apply(contact, host);
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

  private encode(registry: Registry, rows: readonly number[]): [seen: string, checksum: number] {
    let seen = '';
    for (const row of rows) {
      const { ms, counter, server } = registry.versions.get(row);
      const lastSeen = registry.lastSeen.at(row);
      addTo(sum, row, lastSeen);
      seen += `${seen === '' ? '[' : ','}[${row},${lastSeen}`;
      if (server === this.ownId) {
        const entry = registry.log.entryOf(row);
        addTo(sum, ms, counter, entry);
        seen += `,${ms},${counter},${entry}`;
      }
      seen += ']';
    }
    return [`${seen}]`, sum.take()];
  }

  /** The last contact of each row. */
  private load(): Map<number, Contact> {
    const latest = new Map<number, Contact>();
    let first: number | null = null;
    for (let after = Number.MIN_SAFE_INTEGER; ; ) {
      const [json, last, begin] = attempt(this.file, () => this.read.get(after) as Block);
      if (last === null) break;
      first ??= begin;
      const contacts = decodeContacts(json ?? '');
      if (contacts === null)
        throw corrupt(this.file, `a record after ${this.count} contacts is damaged`);
      for (const contact of contacts) {
        latest.set(contact[0], contact);
        this.since.add(contact[0]);
        this.count++;
      }
      after = last;
      this.last = last;
    }
    this.deletedTo = (first ?? this.last + 1) - 1;
    this.passEnd = this.deletedTo;
    if (this.count >= this.foldAfter) this.beginPass();
    return latest;
  }

  private apply([, lastSeen, ms, counter = 0, entry = 0]: Contact, host: StoredHost): void {
    host.lastSeen = lastSeen;
    if (ms === undefined) return;
    host.version = { ms, counter, server: this.ownId };
    host.entry = entry;
  }
}

const sum = new Checksum();

function addTo(checksum: Checksum, ...values: readonly (number | undefined)[]): void {
  for (const value of values) checksum.addNumber(value ?? 0);
}

/** The contacts in an array of records, each with its checksum in front, in their order; null if one is damaged. */
export function decodeContacts(json: string): Contact[] | null {
  const found: Contact[] = [];
  try {
    for (const [checksum, contacts, ...more] of JSON.parse(json)) {
      if (more.length > 0 || !contacts.every(isContact)) return null;
      for (const contact of contacts) {
        addTo(sum, ...contact);
        found.push(contact);
      }
      if (sum.take() !== checksum) return null;
    }
    return found;
  } catch {
    // No JSON, or no array where there has to be one.
    sum.take();
    return null;
  }
}

function isContact(contact: unknown): contact is Contact {
  return (
    Array.isArray(contact) &&
    (contact.length === 2 || contact.length === 5) &&
    contact.every(isCount)
  );
}
