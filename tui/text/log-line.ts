// A line of the log in words, the same on the screen and in print; and long text in rows of a given width, broken
// at spaces where possible. A row is a range of the text, so that paint continues across rows.

import { fieldText, type LogLine } from '../../shared/output/log-line.ts';
import { columnsOf, graphemesOf, isNarrow, safe } from './columns.ts';

/** `error` and `debug`; the others are shorter. */
export const levelColumns = 5;

/** As much of a message as the daemon logs, with every character of it escaped. */
const maxMessage = 65_536;
const maxField = 8_192;

export function levelText(level: string): string {
  return safe(level, levelColumns).padEnd(levelColumns);
}

/** Message and fields, and where the fields begin. */
export function lineText({ msg, fields }: LogLine): { text: string; fieldsFrom: number } {
  const message = safe(msg, maxMessage);
  const named = Object.entries(fields).map((field) => safe(fieldText(field), maxField));
  return {
    text: named.length === 0 ? message : `${message}  ${named.join(' ')}`,
    fieldsFrom: message.length,
  };
}

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
  const isPlain = isNarrow(text);
  const end = (from: number, columns: number) =>
    isPlain ? Math.min(text.length, from + columns) : endWithin(text, from, columns);
  let from = 0;
  do {
    const to = end(from, width);
    if (to < text.length && rows.length === limit - 1)
      return [...rows, { from, to: end(from, width - 1), isCut: true }];
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

/** Where `text` from `from` on has filled that many columns. */
function endWithin(text: string, from: number, columns: number): number {
  let used = 0;
  let to = from;
  // A character takes a column or none; those that take none are few.
  for (const segment of graphemesOf(text.slice(from, from + 8 * columns))) {
    used += columnsOf(segment);
    if (used > columns) break;
    to += segment.length;
  }
  return to;
}
