// How the Peers view shares out its space: the table, and what is known of the selected name server
// beside it, or under it in a narrow window.
import { bodyColumns, bodyRows } from '../../frame/layout.ts';
import type { ConsoleState } from '../../state/console-state.ts';

/** Blank line, summary, warning or blank line, column titles. */
export const peersHeadRows = 4;
/** The details stand beside the table from this width on. */
const sideFrom = 150;
const sideColumns = 54;
export const sideGap = 3;
/** Under the table: a rule, the title, one line for each fact and three for the trouble. */
const belowRows = 12;
/** Enough of the table to see where one is. */
const minTableRows = 3;

export interface PeersLayout {
  tableColumns: number;
  /** rows of the table proper */
  tableRows: number;
  detail: 'side' | 'below';
  detailColumns: number;
  detailRows: number;
}

export function peersLayout(state: ConsoleState): PeersLayout {
  const columns = bodyColumns(state);
  const rows = bodyRows(state);
  const free = Math.max(1, rows - peersHeadRows);
  if (columns >= sideFrom)
    return {
      tableColumns: columns - sideColumns - sideGap,
      tableRows: free,
      detail: 'side',
      detailColumns: sideColumns,
      detailRows: rows - 1,
    };
  const tableRows = Math.max(minTableRows, free - belowRows);
  return {
    tableColumns: columns,
    tableRows,
    detail: 'below',
    detailColumns: columns,
    detailRows: Math.max(0, free - tableRows),
  };
}
