// How the Redirects view shares out its space: the table, and the totals by name server beside it,
// or under it in a narrow window.
import { bodyColumns, bodyRows } from '../../frame/layout.ts';
import type { ConsoleState } from '../../state/console-state.ts';

/** Blank line, summary, mode, blank line, column titles. */
export const redirectsHeadRows = 5;
/** The totals stand beside the table from this width on. */
const sideFrom = 150;
const sideColumns = 54;
export const sideGap = 3;
/** Totals under the table: a rule, the title, and so many name servers. */
const shownBelow = 4;

export interface RedirectsLayout {
  tableColumns: number;
  /** rows of the table proper */
  tableRows: number;
  totals: 'side' | 'below';
  totalsColumns: number;
  totalsRows: number;
}

export function redirectsLayout(state: ConsoleState): RedirectsLayout {
  const columns = bodyColumns(state);
  const rows = bodyRows(state);
  const free = Math.max(1, rows - redirectsHeadRows);
  if (columns >= sideFrom)
    return {
      tableColumns: columns - sideColumns - sideGap,
      tableRows: free,
      totals: 'side',
      totalsColumns: sideColumns,
      totalsRows: rows - 1,
    };
  const targets = state.data?.status.redirects.targets.length ?? 0;
  const totalsRows = targets === 0 ? 0 : 2 + Math.min(targets, shownBelow);
  return {
    tableColumns: columns,
    tableRows: Math.max(1, free - totalsRows),
    totals: 'below',
    totalsColumns: columns,
    totalsRows,
  };
}
