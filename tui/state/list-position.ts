// The position in a short list that the daemon sends whole: the row at the top of the screen and the selected row,
// from 0. A position that does not fit the list is moved to where it does, so a list that shrank needs no care.
/** A place in a list, in rows from 0. */
export interface ListPosition {
  top: number;
  cursor: number;
}

interface ListSize {
  rows: number;
  viewport: number;
}

export type ListMove = { by: number } | { pages: number } | { end: 'first' | 'last' };

/** The position nearest to the given one in a list of that size: the cursor on a row, and the row on the screen. */
export function settled({ top, cursor }: ListPosition, { rows, viewport }: ListSize): ListPosition {
  const row = clamp(cursor, 0, rows - 1);
  const lowest = Math.max(0, rows - viewport);
  return { cursor: row, top: clamp(clamp(top, row - viewport + 1, row), 0, lowest) };
}

/** Rows of so many screens, of which one row stays in sight; parts of a screen are whole rows, at least one. */
export function rowsOf(pages: number, viewport: number): number {
  const rows = Math.round(Math.abs(pages) * Math.max(1, viewport - 1));
  return Math.sign(pages) * Math.max(1, rows);
}

export function moved(position: ListPosition, move: ListMove, size: ListSize): ListPosition {
  const { top, cursor } = settled(position, size);
  if ('end' in move)
    return settled({ top, cursor: move.end === 'first' ? 0 : size.rows - 1 }, size);
  if ('by' in move) return settled({ top, cursor: cursor + move.by }, size);
  const rows = rowsOf(move.pages, size.viewport);
  return settled({ top: top + rows, cursor: cursor + rows }, size);
}

/** The first row in sight of a text, after a move. @param lowest its largest value */
export function scrolled(top: number, move: ListMove, lowest: number, viewport: number): number {
  if ('end' in move) return move.end === 'first' ? 0 : lowest;
  const by = 'by' in move ? move.by : rowsOf(move.pages, viewport);
  return clamp(top + by, 0, lowest);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
