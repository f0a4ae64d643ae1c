// How a filter is named beside what it leaves: the same words over every table.
import type { Theme } from '../theme.ts';
import { cut, safe } from './columns.ts';

/** Columns of a summary line that its other words may need. */
const otherColumns = 40;

/** Empty without a filter. */
export function filterText(theme: Theme, filter: string, width: number): string {
  if (filter === '') return '';
  const shown = cut(safe(filter), width - otherColumns);
  return `  ${theme.paint('label', 'matching')} ${theme.paint('accent', shown)}`;
}

/** @param row what nothing was found of: `host` */
export function noMatchText(row: string, filter: string): string {
  return `no ${row} matches ${safe(filter)}; Esc clears the filter`;
}
