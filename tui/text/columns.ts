// Text measured in terminal columns. Everything that reaches the screen goes through here, so that a
// row is exactly as wide as its pane and nothing from the network can widen, shift or restyle it.
import stringWidth from 'string-width';
import { printable } from '../../shared/output/printable.ts';

export type Align = 'left' | 'right';

const ascii = /^[\u0020-\u007e]*$/;
/** ASCII, Latin, and the arrows, lines, blocks and Braille that the console itself draws with. */
const narrow =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25fc\u25ff\u2800-\u28ff]*$/;
/**
 * Marks, modifiers and the few letters that join the character before or behind them (Unicode's UAX #29: Prepend, and
 * the vowels AM): terminals disagree on their width.
 */
const joining =
  /[\p{M}\p{Emoji_Modifier}\u0d4e\u0e33\u0eb3\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]/gu;
/** Made when there is something to take apart: the tables behind it take long to load. */
let segmenter: Intl.Segmenter | undefined;

/** Whether each character of `text` is a grapheme of its own and takes one column. */
export function isNarrow(text: string): boolean {
  return narrow.test(text);
}

export function graphemesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns that `text` takes on a terminal; escape sequences take none. */
export function columnsOf(text: string): number {
  return isNarrow(text) ? text.length : stringWidth(text);
}

/** Text from outside the program, one line of it, safe to print. */
export function safe(text: string, limit = 200): string {
  if (text.length <= limit && ascii.test(text)) return text;
  return printable(text, limit).replace(
    joining,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Where a filter leaves nothing. @param row what nothing was found of: `host` */
export function noMatchText(row: string, filter: string): string {
  return `no ${row} matches ${safe(filter)}; Esc clears the filter`;
}

/** `text` (without escape sequences) in at most `width` columns; a cut is marked with `…`. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (columnsOf(text) <= width) return text;
  return `${text.slice(0, endWithin(text, 0, width - 1))}…`;
}

/** Where `text` from `from` on has filled that many columns. */
export function endWithin(text: string, from: number, columns: number): number {
  // One more, which may join the last one.
  if (isNarrow(text.slice(from, from + columns + 1))) return Math.min(text.length, from + columns);
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

/** Where a clause, a remark or a quotation begins. */
const breaks = /[,;:]? (?=["(])|[,;:] /g;

/**
 * As many of the clauses of `text` as `width` columns have room for, each in whole; null: not even the first one fits.
 */
export function clausesWithin(text: string, width: number): string | null {
  const ends = [...text.matchAll(breaks)].map(({ index }) => index);
  const parts = [...ends.map((end) => text.slice(0, end)), text];
  return parts.findLast((part) => isClosed(part) && columnsOf(part) <= width) ?? null;
}

/** Whether no remark or quotation is left open. */
function isClosed(text: string): boolean {
  return !/\([^)]*$/.test(text) && text.split('"').length % 2 === 1;
}

/** As many of the words of `text` as `width` columns have room for, at least two, with a sign that there are more; null: not so many fit. */
export function wordsWithin(text: string, width: number): string | null {
  const words = text.split(' ');
  for (let kept = words.length - 1; kept > 1; kept--) {
    const part = `${words.slice(0, kept).join(' ')} …`;
    if (columnsOf(part) <= width) return part;
  }
  return null;
}

/** `text` in at most `width` columns, both ends of it: a path says most in its last part. */
export function cutMiddle(text: string, width: number): string {
  if (columnsOf(text) <= width || !isNarrow(text) || width < 3) return cut(text, width);
  const begin = Math.floor((width - 1) / 3);
  return `${text.slice(0, begin)}…${text.slice(begin + 1 - width)}`;
}

/** `text` in exactly `width` columns: cut, or padded with spaces. */
export function fitted(text: string, width: number, align: Align = 'left'): string {
  const shown = cut(text, width);
  const padding = ' '.repeat(Math.max(0, width - columnsOf(shown)));
  return align === 'left' ? shown + padding : padding + shown;
}
