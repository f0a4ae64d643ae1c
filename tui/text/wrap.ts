// Long text in lines of a given width, broken at spaces where possible; words that are wider break.
import { endWithin } from './columns.ts';

/** A line as a range of the text, so that paint continues across lines. */
export interface TextRow {
  from: number;
  /** where it ends in the text */
  to: number;
  /** whether the rest of the text is left out behind it; the row has room for one character more then */
  isCut: boolean;
}

/** @param width at least 2, so that every character fits @param limit most rows */
export function brokenRows(text: string, width: number, limit: number): TextRow[] {
  const rows: TextRow[] = [];
  let from = 0;
  do {
    const to = endWithin(text, from, width);
    if (to < text.length && rows.length === limit - 1)
      return [...rows, { from, to: endWithin(text, from, width - 1), isCut: true }];
    const space = to < text.length ? text.lastIndexOf(' ', to) : -1;
    const isAtSpace = space > from;
    rows.push({ from, to: isAtSpace ? lastOfWord(text, space) : to, isCut: false });
    from = isAtSpace ? space : to;
    while (isAtSpace && text[from] === ' ') from++;
  } while (from < text.length);
  return rows;
}

/** Where the blanks before `to` begin. */
function lastOfWord(text: string, to: number): number {
  let end = to;
  while (text[end - 1] === ' ') end--;
  return end;
}

/** The lines of `text` as texts, of which the last one ends with `…` when there are more than `limit`. */
export function wrap(text: string, width: number, limit: number): string[] {
  return brokenRows(text, Math.max(2, width), limit).map(
    ({ from, to, isCut }) => text.slice(from, to) + (isCut ? '…' : ''),
  );
}
