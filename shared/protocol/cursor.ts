// Cursors: where a list of hosts ends, so that the next one can begin there. Opaque to everybody
// but the name server that made it; here is only how one may look on the wire.
import { maxCursorLength } from './limits.ts';

const pattern = new RegExp(`^[0-9a-z.-]{1,${maxCursorLength}}$`);

export function isCursor(text: string): boolean {
  return pattern.test(text);
}

/** What a cursor may be, for error texts. */
export const cursorRule = `1 to ${maxCursorLength} of 0-9, a-z, '.' and '-'`;
