// Rows that only moved up or down from one frame to the next, as those of a log do: the terminal moves them
// by itself, and what is written is the rows that are new. Without it each new line would write the whole
// screen again.
import type { Size } from './frame-diff.ts';

/** Below so many rows that need not be written again, moving is not worth its bytes. */
const leastMoved = 3;

export interface Scroll {
  /** the rows that the terminal moves within, the first and the last one */
  from: number;
  to: number;
  /** by how many rows: upwards if positive */
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
export function scrollBytes({ from, to, by }: Scroll): string {
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
