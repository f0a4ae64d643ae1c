// The bytes that turn one frame into the next: only cells that differ are written, each run of them
// at its place. Nothing is cleared and nothing scrolls, so there is no flicker; equal frames cost
// nothing. Positions are absolute, so a frame may be as tall as the terminal.
import { type Cell, cellsOf } from './cells.ts';

/** Equal cells between two runs that are cheaper to write again than to step over: moving the
 * cursor takes 6 to 8 bytes. */
const mergeGap = 6;

export interface Size {
  columns: number;
  rows: number;
}

/** @param previous the lines that are on the screen, or null when that is not known. */
export function diffFrame(
  previous: readonly string[] | null,
  next: readonly string[],
  { columns, rows }: Size,
): string {
  let out = '';
  for (let row = 0; row < rows; row += 1) {
    const after = next[row] ?? '';
    if (previous === null) {
      out += `${moveTo(row, 0)}\u001b[K${writeCells(trimmed(cellsOf(after, columns)))}`;
    } else if (after !== (previous[row] ?? '')) {
      out += diffRow(row, cellsOf(previous[row] ?? '', columns), cellsOf(after, columns));
    }
  }
  return out;
}

function diffRow(row: number, before: Cell[], after: Cell[]): string {
  let out = '';
  let column = 0;
  const end = after.length;
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
    if (after.slice(start).every(isBlank)) return `${out}${moveTo(row, start)}\u001b[K`;
    out += moveTo(row, start) + writeCells(after.slice(start, last + 1));
    column = last + 1;
  }
  return out;
}

function sameCell(a: Cell | undefined, b: Cell | undefined): boolean {
  return a?.text === b?.text && a?.style === b?.style;
}

function isBlank(cell: Cell): boolean {
  return cell.text === ' ' && cell.style === '';
}

function trimmed(cells: Cell[]): Cell[] {
  const last = cells.findLastIndex((cell) => !isBlank(cell));
  return cells.slice(0, last + 1);
}

function moveTo(row: number, column: number): string {
  return column === 0 ? `\u001b[${row + 1}H` : `\u001b[${row + 1};${column + 1}H`;
}

/** The cells as text; the style is the default one before and after. */
function writeCells(cells: readonly Cell[]): string {
  let out = '';
  let style = '';
  for (const cell of cells) {
    if (cell.style !== style) {
      out += cell.style === '' ? '\u001b[m' : `\u001b[${style === '' ? '' : '0;'}${cell.style}m`;
      style = cell.style;
    }
    out += cell.text;
  }
  return style === '' ? out : `${out}\u001b[m`;
}
