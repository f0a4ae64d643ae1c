// The small tokens of the protocol (PROTOCOL.md, "Native dialect"): numbers, node ids, cursors, and
// network values quoted in an error text.
import { printable } from '../output/printable.ts';
import { maxCursorLength, maxNodeIdLength } from './limits.ts';

/** Most digits read: more than any number of the protocol has, and far below 2^53. */
const maxDigits = 9;

/**
 * Reads `bytes[start, end)` as a whole number: decimal digits, no sign, no leading zero, so that each
 * number has exactly one spelling. No string is made on the way.
 * @returns the number, or -1 if it is malformed or greater than `max`
 */
export function readDecimal(bytes: Uint8Array, start: number, end: number, max: number): number {
  const digits = end - start;
  if (digits < 1 || digits > maxDigits || (digits > 1 && bytes[start] === 0x30)) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= max ? value : -1;
}

const nodeIdPattern = new RegExp(`^[0-9A-Za-z._-]{1,${maxNodeIdLength}}$`);

/** Whether `text` is a node id. A node id never needs quoting in a log, in SQL or on a terminal. */
export function isNodeId(text: string): boolean {
  return nodeIdPattern.test(text);
}

/** The rule for node ids, for error texts. */
export const nodeIdRule = `1 to ${maxNodeIdLength} letters, digits, '.', '_' or '-'`;

const cursorPattern = new RegExp(`^[0-9a-z.-]{1,${maxCursorLength}}$`);

/** Whether `text` can be a cursor. Only the name server that made a cursor can interpret it. */
export function isCursor(text: string): boolean {
  return cursorPattern.test(text);
}

/** The rule for cursors, for error texts. */
export const cursorRule = `1 to ${maxCursorLength} of 0-9, a-z, '.' and '-'`;

/** Characters shown of a quoted value: any valid value fits, and the fault of an invalid one shows. */
const shownCharacters = 72;

/** A UTF-8 character has at most four bytes. */
const shownBytes = 4 * shownCharacters;

/** `bytes[start, end)` for an error text: in quotes, printable, at most 72 characters. */
export function quoteBytes(bytes: Buffer, start: number, end: number): string {
  return `"${printable(bytes.toString('utf8', start, Math.min(end, start + shownBytes)), shownCharacters)}"`;
}
