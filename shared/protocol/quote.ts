// A value from the network as it stands in an error text: in quotes, printable, short.
import { printable } from '../output/printable.ts';

/** Enough to recognise any allowed value, and what is wrong with one that is not. */
const shownCharacters = 72;

/** UTF-8 has at most four bytes to a character. */
const shownBytes = 4 * shownCharacters;

export function quoteBytes(bytes: Buffer, start: number, end: number): string {
  return `"${printable(bytes.toString('utf8', start, Math.min(end, start + shownBytes)), shownCharacters)}"`;
}
