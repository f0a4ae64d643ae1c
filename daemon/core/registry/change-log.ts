// The changes that this server made, for its peers: rows in the order of their entries. A row is in
// the log once, at its latest own change, and leaves it when another server's version replaces that;
// so the log is compacted by construction and never longer than the registry.
import { NumberColumn } from './columns.ts';
import { createLinks, forRowsInOrder, noRow, RowList } from './row-list.ts';

export class ChangeLog {
  /** Number of the latest entry, also when its row has left the log. */
  last = 0;
  private readonly entries: NumberColumn;
  private readonly list: RowList;

  constructor(rows: number) {
    this.entries = new NumberColumn(rows);
    this.list = new RowList(createLinks(rows));
  }

  get length(): number {
    return this.list.length;
  }

  /** The row's entry, 0 when its version is not of this server. */
  entryOf(row: number): number {
    return this.entries.at(row);
  }

  /** The row's version is a new one of this server. */
  append(row: number): void {
    this.remove(row);
    this.entries.set(row, ++this.last);
    this.list.append(row);
  }

  /** The row's entry as it was before; it is in the log after `linkByEntry`. */
  restore(row: number, entry: number): void {
    this.entries.set(row, entry);
  }

  /** Rows up to `rowsUsed` were restored; `last`: the latest entry, whose row may have left the log. */
  linkByEntry(rowsUsed: number, last: number): void {
    this.last = last;
    forRowsInOrder(this.entries, rowsUsed, (row) => {
      if (this.entries.at(row) === 0) return;
      this.list.append(row);
      this.last = Math.max(this.last, this.entryOf(row));
    });
  }

  remove(row: number): void {
    if (this.entries.at(row) === 0) return;
    this.entries.set(row, 0);
    this.list.remove(row);
  }

  /** The first row with an entry after `entry`, or `noRow`. `near`: a row that may stand before it. */
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

  next(row: number): number {
    return this.list.nextOf(row);
  }

  /** How many changes stand after `entry`; at most `most` are counted. */
  countAfter(entry: number, most: number): number {
    let count = 0;
    for (
      let row = this.list.last;
      row !== noRow && count < most && this.entries.at(row) > entry;
      row = this.list.previousOf(row)
    )
      count++;
    return count;
  }
}

// The version vector: up to which entry the log of each other server is in this registry. It is
// stored with the changes that it covers, so that neither is ever ahead of the other.

/** Up to which entry another server's log is applied here. */
export interface Applied {
  /** of that server: its numbering of entries */
  epoch: string;
  entry: number;
}

export class VersionVector {
  private readonly logs: Map<string, Applied>;
  private readonly unstored = new Set<string>();

  constructor(logs: Iterable<[server: string, Applied]> = []) {
    this.logs = new Map(logs);
  }

  /** 0 when nothing is, or when the server has numbered its entries anew since. */
  entryOf(server: string, epoch: string): number {
    const applied = this.logs.get(server);
    return applied?.epoch === epoch ? applied.entry : 0;
  }

  note(server: string, epoch: string, entry: number): void {
    this.logs.set(server, { epoch, entry });
    this.unstored.add(server);
  }

  all(): Iterable<[server: string, Applied]> {
    return this.logs;
  }

  get hasPending(): boolean {
    return this.unstored.size > 0;
  }

  pending(): [server: string, Applied][] {
    return [...this.unstored].map((server) => [server, this.logs.get(server) as Applied]);
  }

  settle(): void {
    this.unstored.clear();
  }
}
