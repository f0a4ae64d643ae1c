// Doubly linked lists of rows. The links are two Int32 columns that several lists share, so a row is in at most one
// of those lists.
import type { NumberColumn } from './columns.ts';
import { RowSet } from './row-set.ts';

/** Stands for no row, in links and in results. */
export const noRow = -1;

/** The columns of links: the row before and the row after each row, or `noRow`. */
export interface Links {
  previous: Int32Array;
  next: Int32Array;
}

/** Links for that many rows. */
export function createLinks(rows: number): Links {
  return { previous: new Int32Array(rows), next: new Int32Array(rows) };
}

/** Rows in the order in which they were appended. */
export class RowList {
  first = noRow;
  last = noRow;
  length = 0;
  private readonly links: Links;

  constructor(links: Links) {
    this.links = links;
  }

  /** Adds a row, which is in none of the lists, at the end. */
  append(row: number): void {
    this.links.previous[row] = this.last;
    this.links.next[row] = noRow;
    if (this.last === noRow) this.first = row;
    else this.links.next[this.last] = row;
    this.last = row;
    this.length++;
  }

  /** Takes out a row, which must be in this list. */
  remove(row: number): void {
    const previous = this.links.previous[row] as number;
    const next = this.links.next[row] as number;
    if (previous === noRow) this.first = next;
    else this.links.next[previous] = next;
    if (next === noRow) this.last = previous;
    else this.links.previous[next] = previous;
    this.length--;
  }

  /** The row before `row`, or `noRow`. */
  previousOf(row: number): number {
    return this.links.previous[row] as number;
  }

  /** The row after `row`, or `noRow`. */
  nextOf(row: number): number {
    return this.links.next[row] as number;
  }
}

/**
 * Visits the rows below `rowsUsed` in ascending order of their numbers in a column. Usually they are in order
 * already. If not, each number is sorted with its row packed into the lower digits: an array of numbers sorts
 * six times as fast as one with a comparison function.
 */
export function forRowsInOrder(
  numbers: NumberColumn,
  rowsUsed: number,
  visit: (row: number) => void,
): void {
  let largest = 0;
  let isInOrder = true;
  for (let row = 0; row < rowsUsed; row++) {
    const number = numbers.at(row);
    if (number < largest) isInOrder = false;
    else largest = number;
  }
  if (isInOrder) {
    for (let row = 0; row < rowsUsed; row++) visit(row);
  } else if ((largest + 1) * rowsUsed <= Number.MAX_SAFE_INTEGER) {
    const keys = new Float64Array(rowsUsed);
    for (let row = 0; row < rowsUsed; row++) keys[row] = numbers.at(row) * rowsUsed + row;
    for (const key of keys.sort()) visit(key % rowsUsed);
  } else {
    const rows = Uint32Array.from({ length: rowsUsed }, (_, row) => row);
    for (const row of rows.sort((a, b) => numbers.at(a) - numbers.at(b))) visit(row);
  }
}

/** Marks of a list: 16 KB. With a million rows 250 to 500 are between two marks, a walk of a few microseconds. */
const maxMarks = 4_096;

/** Rows between two marks in a short list. */
const leastSpacing = 64;

/**
 * Rows in the order of their change numbers, with marks along the list: `firstAfter` starts at the nearest mark, or
 * at the end, instead of walking all changes since.
 *
 * Invariant: at most `spacing` rows are between two marks, and before the first one.
 */
export class ChangeList extends RowList {
  private readonly changes: NumberColumn;
  private readonly marks = new Int32Array(maxMarks);
  private readonly marked = new RowSet();
  private markCount = 0;
  private spacing = leastSpacing;
  /** at most this many rows are after the last mark */
  private unmarked = 0;

  /** `changes`: the change number of each row, which is set before the row is appended. */
  constructor(links: Links, changes: NumberColumn) {
    super(links);
    this.changes = changes;
  }

  override append(row: number): void {
    super.append(row);
    if (++this.unmarked >= this.spacing) this.mark(row);
  }

  override remove(row: number): void {
    if (this.marked.has(row)) this.unmark(row);
    super.remove(row);
  }

  /** Takes out all rows; their links are stale until they are appended again. */
  clear(): void {
    this.first = noRow;
    this.last = noRow;
    this.length = 0;
    for (let at = 0; at < this.markCount; at++) this.marked.delete(this.marks[at] as number);
    this.markCount = 0;
    this.unmarked = 0;
  }

  /** The first row with a change number above `change`, or `noRow`. */
  firstAfter(change: number): number {
    const mark = this.markAfter(change) - 1;
    let forward = mark < 0 ? this.first : this.nextOf(this.marks[mark] as number);
    let before = this.last;
    for (let after = noRow; ; ) {
      if (forward === noRow || this.changes.at(forward) > change) return forward;
      if (before === noRow || this.changes.at(before) <= change) return after;
      forward = this.nextOf(forward);
      after = before;
      before = this.previousOf(before);
    }
  }

  private mark(row: number): void {
    if (this.markCount === maxMarks) this.thinOut();
    this.marks[this.markCount++] = row;
    this.marked.add(row);
    this.unmarked = 0;
  }

  /** Drops every second mark. */
  private thinOut(): void {
    for (let at = 0; at < maxMarks; at += 2) {
      this.marked.delete(this.marks[at] as number);
      this.marks[at / 2] = this.marks[at + 1] as number;
    }
    this.markCount = maxMarks / 2;
    this.spacing *= 2;
  }

  /** Moves the row's mark to the row before, unless that has one. */
  private unmark(row: number): void {
    const at = this.markAfter(this.changes.at(row)) - 1;
    const heir = this.previousOf(row);
    this.marked.delete(row);
    if (heir !== noRow && !this.marked.has(heir)) {
      this.marks[at] = heir;
      this.marked.add(heir);
      return;
    }
    this.marks.copyWithin(at, at + 1, this.markCount);
    this.markCount--;
  }

  /** Index of the first mark whose row has a change number above `change`. */
  private markAfter(change: number): number {
    let [low, high] = [0, this.markCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.changes.at(this.marks[middle] as number) > change) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
