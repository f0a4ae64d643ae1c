// The change log, which peers are sent, and the version vector, which says how much of their logs is applied here
// (PROTOCOL.md, "Sync").
import { NumberColumn } from './columns.ts';
import { createLinks, forRowsInOrder, noRow, RowList } from './row-list.ts';

/**
 * The changes made by this server: rows in the order of their entries. A row has one entry, that of its latest
 * change made here, and none once another server's version replaces it; so the log is always compact and never
 * longer than the registry.
 */
export class ChangeLog {
  /** Number of the latest entry, even if its row is no longer in the log. */
  last = 0;
  private readonly entries: NumberColumn;
  private readonly list: RowList;

  constructor(rows: number) {
    this.entries = new NumberColumn(rows);
    this.list = new RowList(createLinks(rows));
  }

  /** The number of rows in the log. */
  get length(): number {
    return this.list.length;
  }

  /** The row's entry; 0 when its version is another server's. */
  entryOf(row: number): number {
    return this.entries.at(row);
  }

  /** Gives the row, which has a new version made here, the next entry. */
  append(row: number): void {
    this.remove(row);
    this.entries.set(row, ++this.last);
    this.list.append(row);
  }

  /** Sets the entry of a stored row; call `linkByEntry` once all are set. */
  restore(row: number, entry: number): void {
    this.entries.set(row, entry);
  }

  /**
   * Links the restored rows below `rowsUsed` in the order of their entries.
   * @param last the latest entry ever given: its row may no longer be in the log
   */
  linkByEntry(rowsUsed: number, last: number): void {
    this.last = last;
    forRowsInOrder(this.entries, rowsUsed, (row) => {
      if (this.entries.at(row) === 0) return;
      this.list.append(row);
      this.last = Math.max(this.last, this.entryOf(row));
    });
  }

  /** Takes the row out of the log, if it is there. */
  remove(row: number): void {
    if (this.entries.at(row) === 0) return;
    this.entries.set(row, 0);
    this.list.remove(row);
  }

  /**
   * The first row with an entry above `entry`, or `noRow`.
   * @param near a row that probably has `entry`: then no search is needed
   */
  firstAfter(entry: number, near = noRow): number {
    if (near !== noRow && this.entries.at(near) === entry && entry > 0)
      return this.list.nextOf(near);
    if (entry === 0) return this.list.first;
    let first = noRow;
    for (
      let row = this.list.last;
      row !== noRow && this.entries.at(row) > entry;
      row = this.list.previousOf(row)
    )
      first = row;
    return first;
  }

  /** The row with the next entry, or `noRow`. */
  next(row: number): number {
    return this.list.nextOf(row);
  }
}

/** Up to which entry another server's log is applied here. */
export interface Applied {
  /** names that server's numbering of entries */
  epoch: string;
  entry: number;
}

/** `Applied` of every other server. It is stored in the transaction of the changes that it covers. */
export class VersionVector {
  private readonly logs: Map<string, Applied>;
  private readonly unstored = new Set<string>();

  constructor(logs: Iterable<[server: string, Applied]> = []) {
    this.logs = new Map(logs);
  }

  /** The latest entry of `server` applied here; 0 when none is, or when its epoch is new. */
  entryOf(server: string, epoch: string): number {
    const applied = this.logs.get(server);
    return applied?.epoch === epoch ? applied.entry : 0;
  }

  /** Everything of `server` up to `entry` is applied. */
  note(server: string, epoch: string, entry: number): void {
    this.logs.set(server, { epoch, entry });
    this.unstored.add(server);
  }

  /** That server is none of the name servers any more. */
  forget(server: string): void {
    if (this.logs.delete(server)) this.unstored.add(server);
  }

  /** All servers whose logs are applied here. */
  all(): Iterable<[server: string, Applied]> {
    return this.logs;
  }

  /** Whether an entry is not on the disk yet. */
  get hasPending(): boolean {
    return this.unstored.size > 0;
  }

  /** What is not on the disk yet; null: the server is forgotten. */
  pending(): [server: string, Applied | null][] {
    return [...this.unstored].map((server) => [server, this.logs.get(server) ?? null]);
  }

  /** The store has committed everything that was pending. */
  settle(): void {
    this.unstored.clear();
  }
}
