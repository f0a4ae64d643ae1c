// The bytes that turn one frame into the next: rows that only moved up or down, as those of a log do, are
// scrolled by the terminal; then only cells that differ are written, each run of them at its place. Nothing is
// cleared, so there is no flicker; equal frames cost nothing. Positions are absolute, so a frame may be as tall
// as the terminal.
import { type Cell, cellsOf, isFaceless } from './cells.ts';

/** Equal cells between two runs that are cheaper to write again than to step over: a step forward
 * takes 4 bytes. */
const mergeGap = 3;

/** Of a terminal, in cells. */
export interface Size {
  columns: number;
  rows: number;
}

/** The bytes that show `next`. @param previous the lines on the screen; null: unknown */
export function diffFrame(
  previous: readonly string[] | null,
  next: readonly string[],
  size: Size,
): string {
  const writer = new FrameWriter();
  if (previous === null) {
    for (let row = 0; row < size.rows; row += 1)
      writer.replaceRow(row, cellsOf(next[row] ?? '', size.columns));
    return writer.end();
  }
  const scroll = findScroll(previous, next, size);
  diffRows(writer, scroll === null ? previous : scrolled(previous, scroll), next, size);
  return scroll === null ? writer.end() : scrollBytes(scroll) + writer.end();
}

function diffRows(
  writer: FrameWriter,
  previous: readonly string[],
  next: readonly string[],
  { columns, rows }: Size,
): void {
  for (let row = 0; row < rows; row += 1) {
    const before = previous[row] ?? '';
    const after = next[row] ?? '';
    if (after !== before) diffRow(writer, row, cellsOf(before, columns), cellsOf(after, columns));
  }
}

function diffRow(writer: FrameWriter, row: number, before: Cell[], after: Cell[]): void {
  const end = after.length;
  let column = 0;
  while (column < end) {
    if (sameCell(before[column], after[column])) {
      column += 1;
      continue;
    }
    // The second half of a wide character cannot be written alone.
    let start = column;
    while (start > 0 && (after[start]?.text === '' || before[start]?.text === '')) start -= 1;
    let last = column;
    for (let next = column + 1; next < end && next - last <= mergeGap; next += 1)
      if (!sameCell(before[next], after[next])) last = next;
    while (last + 1 < end && (after[last + 1]?.text === '' || before[last + 1]?.text === ''))
      last += 1;
    writer.moveTo(row, start);
    if (after.slice(start).every(isBlank)) {
      writer.eraseRest();
      return;
    }
    writer.write(after.slice(start, last + 1));
    column = last + 1;
  }
}

function sameCell(a: Cell | undefined, b: Cell | undefined): boolean {
  return a?.text === b?.text && a?.style === b?.style;
}

function isBlank(cell: Cell): boolean {
  return cell.text === ' ' && cell.style === '';
}

/** Collects bytes, and tracks the position and style in which they leave the cursor. */
class FrameWriter {
  private out = '';
  private style = '';
  private row = -1;
  private column = -1;

  moveTo(row: number, column: number): void {
    if (row === this.row && column === this.column) return;
    // Stepping forward is shorter than a position.
    if (row === this.row && column > this.column) this.out += `\u001b[${column - this.column}C`;
    else this.out += column === 0 ? `\u001b[${row + 1}H` : `\u001b[${row + 1};${column + 1}H`;
    this.row = row;
    this.column = column;
  }

  write(cells: readonly Cell[]): void {
    for (const cell of cells) {
      // A space looks the same in any style that has no face of its own.
      if (!(isBlank(cell) && isFaceless(this.style))) this.setStyle(cell.style);
      this.out += cell.text;
    }
    this.column += cells.length;
    // Terminals disagree on the width of some characters: behind them only positions are sure.
    if (cells.some(({ text }) => text.length !== 1)) this.row = -1;
  }

  eraseRest(): void {
    if (!isFaceless(this.style)) this.setStyle('');
    this.out += '\u001b[K';
  }

  replaceRow(row: number, cells: readonly Cell[]): void {
    this.moveTo(row, 0);
    this.eraseRest();
    this.write(cells.slice(0, cells.findLastIndex((cell) => !isBlank(cell)) + 1));
    // After the last column the cursor may stand on it or behind it.
    this.row = -1;
  }

  end(): string {
    this.setStyle('');
    return this.out;
  }

  private setStyle(style: string): void {
    if (style === this.style) return;
    if (style === '') this.out += '\u001b[m';
    else this.out += `\u001b[${this.style === '' ? '' : '0;'}${style}m`;
    this.style = style;
  }
}

/** Rows that a scroll must save to be worth its bytes. */
const leastMoved = 3;

interface Scroll {
  /** first and last row of the region that scrolls */
  from: number;
  to: number;
  /** rows; positive: upwards */
  by: number;
}

/** The scroll that saves the most rows; null when none is worth it. */
export function findScroll(
  before: readonly string[],
  after: readonly string[],
  { rows }: Size,
): Scroll | null {
  const changed = Array.from({ length: rows }, (_, row) => before[row] !== after[row]);
  if (changed.filter(Boolean).length < leastMoved) return null;
  let best: Scroll | null = null;
  let mostSaved = leastMoved - 1;
  for (let by = 1 - rows; by < rows; by++) {
    if (by === 0) continue;
    let saved = 0;
    let begin = 0;
    for (let row = 0; row <= rows; row++) {
      const old = before[row + by];
      if (row < rows && old !== undefined && old === after[row]) {
        if (changed[row] && old !== '') saved++;
        continue;
      }
      // Rows `begin` to `row - 1` are what stood `by` rows further down, or up.
      if (saved > mostSaved) {
        mostSaved = saved;
        best = { from: Math.min(begin, begin + by), to: Math.max(row, row + by) - 1, by };
      }
      saved = 0;
      begin = row + 1;
    }
  }
  return best;
}

/** The bytes that make a terminal scroll. The cursor is anywhere then, and the rows that became free are empty. */
function scrollBytes({ from, to, by }: Scroll): string {
  const region = `\u001b[${from + 1};${to + 1}r`;
  // Line feeds and reverse ones: every terminal knows them, unlike the sequences made for this.
  const moves =
    by > 0 ? `\u001b[${to + 1}H${'\n'.repeat(by)}` : `\u001b[${from + 1}H${'\u001bM'.repeat(-by)}`;
  return `${region}${moves}\u001b[r`;
}

/** `lines` as they stand after the scroll. */
export function scrolled(lines: readonly string[], { from, to, by }: Scroll): string[] {
  const moved = [...lines];
  for (let row = from; row <= to; row++) {
    const source = row + by;
    moved[row] = source >= from && source <= to ? (lines[source] ?? '') : '';
  }
  return moved;
}
