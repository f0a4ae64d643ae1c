// Puts panes beside each other and text at both ends of a line. Widths are in columns; parts may
// carry styles, so they are measured without them.
import { columnsOf } from '../text/columns.ts';
import { unpainted } from '../theme.ts';

/** `left` and `right` at the ends of a line of `width` columns; `right` gives way when both do not fit. */
export function atEnds(left: string, right: string, width: number): string {
  const space = width - columnsOf(unpainted(left)) - columnsOf(unpainted(right));
  return space >= 1 ? left + ' '.repeat(space) + right : left;
}

/** Panes of equal width beside each other: how wide each is, with `gap` columns between. */
export function paneWidth(width: number, panes: number, gap: number): number {
  return Math.floor((width - gap * (panes - 1)) / panes);
}

/** Cells of fixed widths in one line. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(unpainted(text))));
}
