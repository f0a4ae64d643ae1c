// What is said where a filter leaves nothing: the same words in every table.
import { safe } from './columns.ts';

/** @param row what nothing was found of: `host` */
export function noMatchText(row: string, filter: string): string {
  return `no ${row} matches ${safe(filter)}; Esc clears the filter`;
}
