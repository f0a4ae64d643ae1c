// What of the registry the store has not been told of: rows as a whole, rows that were only seen again, and
// tombstones that were forgotten. A row is in each list once, and as a contact only where it is not
// pending as a whole.
import { RowSet } from './row-set.ts';

export class PendingRows {
  forgotten: number[] = [];
  private rows: number[] = [];
  private contacts: number[] = [];
  private readonly whole = new RowSet();
  private readonly seen = new RowSet();

  get length(): number {
    return this.rows.length + this.contacts.length + this.forgotten.length;
  }

  add(row: number): void {
    if (this.whole.has(row)) return;
    this.whole.add(row);
    this.rows.push(row);
  }

  /** Seen again, or told of again: no more than that. */
  addContact(row: number): void {
    if (this.whole.has(row) || this.seen.has(row)) return;
    this.seen.add(row);
    this.contacts.push(row);
  }

  /** In the order in which they were added. */
  lists(): { rows: readonly number[]; contacts: readonly number[]; forgotten: readonly number[] } {
    const contacts = this.contacts.filter((row) => !this.whole.has(row));
    return { rows: this.rows, contacts, forgotten: this.forgotten };
  }

  /** All of it is on the disk. */
  settle(): void {
    for (const row of this.rows) this.whole.delete(row);
    for (const row of this.contacts) this.seen.delete(row);
    this.rows = [];
    this.contacts = [];
    this.forgotten = [];
  }
}
