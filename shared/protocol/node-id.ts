// Node ids: 1 to 64 letters, digits, `.`, `_` or `-`. Nothing that needs quoting in a log, in SQL
// or on a terminal can be part of one.
import { maxNodeIdLength } from './limits.ts';

const pattern = new RegExp(`^[0-9A-Za-z._-]{1,${maxNodeIdLength}}$`);

export function isNodeId(text: string): boolean {
  return pattern.test(text);
}

/** What a node id may be, for error texts. */
export const nodeIdRule = `1 to ${maxNodeIdLength} letters, digits, '.', '_' or '-'`;
