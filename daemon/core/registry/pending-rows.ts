// The rows that the store still has to write: whole rows, rows of which only the contact changed, and
// tombstones that were dropped. A row is in each list once, and among the contacts only if it is not written whole.
import type { Applied } from './change-log.ts';
import { RowSet } from './row-set.ts';

/** Changes that must be on the disk before any reply that reveals them is sent. */
export interface Pending {
  /** rows to write whole as they are now, after `forgotten`; rows that are free again are skipped */
  rows: readonly number[];
  /** rows of which only the last contact, an own version and its entry changed */
  contacts: readonly number[];
  /** rows whose tombstones were dropped; `rows` has those that hold another host by now */
  forgotten: readonly number[];
  /** the highest change number among all dropped tombstones */
  horizon: number;
  /** the latest entry in this server's change log */
  entry: number;
  /** the entries of the version vector that changed */
  applied: readonly [server: string, Applied | null][];
}

/** Collects the rows that the store still has to write. */
export class PendingRows {
  forgotten: number[] = [];
  private rows: number[] = [];
  private contacts: number[] = [];
  private readonly whole = new RowSet();
  private readonly seen = new RowSet();
  private followed: Set<number> | null = null;

  /** The number of rows in all lists. */
  get length(): number {
    return this.rows.length + this.contacts.length + this.forgotten.length;
  }

  /**
   * Begins to collect the rows that are to be written whole, written or not.
   * @returns the set that they are added to; the follower takes them out. There is one follower.
   */
  follow(): Set<number> {
    this.followed ??= new Set();
    return this.followed;
  }

  /** The whole row is to be written. */
  add(row: number): void {
    this.followed?.add(row);
    if (this.whole.has(row)) return;
    this.whole.add(row);
    this.rows.push(row);
  }

  /** The row's contact is to be written. */
  addContact(row: number): void {
    if (this.whole.has(row) || this.seen.has(row)) return;
    this.seen.add(row);
    this.contacts.push(row);
  }

  /** The rows in the order in which they were added. */
  lists(): Pick<Pending, 'rows' | 'contacts' | 'forgotten'> {
    const contacts = this.contacts.filter((row) => !this.whole.has(row));
    return { rows: this.rows, contacts, forgotten: this.forgotten };
  }

  /** Everything was written. */
  settle(): void {
    for (const row of this.rows) this.whole.delete(row);
    for (const row of this.contacts) this.seen.delete(row);
    this.rows = [];
    this.contacts = [];
    this.forgotten = [];
  }
}
