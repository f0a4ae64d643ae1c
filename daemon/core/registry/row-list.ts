// A doubly linked list of rows whose links live in columns shared with other lists: a row is in at
// most one of them. Two Int32 columns serve all lists of a registry.
import type { NumberColumn } from './columns.ts';
import { RowSet } from './row-set.ts';

export const noRow = -1;

export interface Links {
  previous: Int32Array;
  next: Int32Array;
}

export function createLinks(rows: number): Links {
  return { previous: new Int32Array(rows), next: new Int32Array(rows) };
}

export class RowList {
  first = noRow;
  last = noRow;
  length = 0;
  private readonly links: Links;

  constructor(links: Links) {
    this.links = links;
  }

  append(row: number): void {
    this.links.previous[row] = this.last;
    this.links.next[row] = noRow;
    if (this.last === noRow) this.first = row;
    else this.links.next[this.last] = row;
    this.last = row;
    this.length++;
  }

  remove(row: number): void {
    const previous = this.links.previous[row] as number;
    const next = this.links.next[row] as number;
    if (previous === noRow) this.first = next;
    else this.links.next[previous] = next;
    if (next === noRow) this.last = previous;
    else this.links.previous[next] = previous;
    this.length--;
  }

  previousOf(row: number): number {
    return this.links.previous[row] as number;
  }

  nextOf(row: number): number {
    return this.links.next[row] as number;
  }
}

/**
 * Visits the rows below `rowsUsed` by their numbers in a column. Mostly they are in order already.
 * Otherwise numbers are sorted with their row packed into the lower digits, because numbers alone sort
 * six times faster than with a comparison.
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

// Rows in the order of the changes that put them there, with marks on the way: whoever asks what came
// after a change finds the place from the nearest mark, or from the end, and need not walk all that
// came since.
//
// Invariant: between two marks, and before the first one, stand at most `spacing` rows.

/** 16 KB; with a million rows some 500 stand between two of them, which is a few microseconds' walk. */
const maxMarks = 4_096;

/** Rows between two marks while there are few. */
const leastSpacing = 64;

export class ChangeList extends RowList {
  private readonly changes: NumberColumn;
  private readonly marks = new Int32Array(maxMarks);
  private readonly marked = new RowSet();
  private markCount = 0;
  private spacing = leastSpacing;
  /** rows behind the last mark, at most */
  private unmarked = 0;

  /** `changes`: the number of each row's change, which stands before the row is appended. */
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

  clear(): void {
    this.first = noRow;
    this.last = noRow;
    this.length = 0;
    for (let at = 0; at < this.markCount; at++) this.marked.delete(this.marks[at] as number);
    this.markCount = 0;
    this.unmarked = 0;
  }

  /** The first row whose change has a number after `change`, or `noRow`. */
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

  /** Every second mark goes. */
  private thinOut(): void {
    for (let at = 0; at < maxMarks; at += 2) {
      this.marked.delete(this.marks[at] as number);
      this.marks[at / 2] = this.marks[at + 1] as number;
    }
    this.markCount = maxMarks / 2;
    this.spacing *= 2;
  }

  /** The row before takes the mark over, unless it has one. */
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

  /** Index of the first mark on a row with a change after `change`. */
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
