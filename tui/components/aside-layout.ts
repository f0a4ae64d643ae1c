// How a table and what there is to say of it share the space of a view: beside each other in a wide window,
// under each other in a narrow one. Apart from what draws them, so that the state can use it before
// anything is drawn.
import type { ConsoleState } from '../console/console-state.ts';
import { bodyColumns, bodyRows } from './layout.ts';

/** From this width on there is room for both beside each other. */
const sideFrom = 150;
const sideColumns = 54;
export const sideGap = 3;

export interface AsideLayout {
  /** rows above the table proper */
  headRows: number;
  tableColumns: number;
  /** rows of the table proper */
  tableRows: number;
  place: 'side' | 'below';
  asideColumns: number;
  asideRows: number;
}

/** `rowsBelow`: how many of the `free` rows the aside takes when it stands under the table. */
export function asideLayout(
  state: ConsoleState,
  headRows: number,
  rowsBelow: (free: number) => number,
): AsideLayout {
  const columns = bodyColumns(state);
  const rows = bodyRows(state);
  const free = Math.max(1, rows - headRows);
  if (columns >= sideFrom)
    return {
      headRows,
      tableColumns: columns - sideColumns - sideGap,
      tableRows: free,
      place: 'side',
      asideColumns: sideColumns,
      asideRows: rows - 1,
    };
  const asideRows = Math.max(0, rowsBelow(free));
  return {
    headRows,
    tableColumns: columns,
    tableRows: Math.max(1, free - asideRows),
    place: 'below',
    asideColumns: columns,
    asideRows,
  };
}
