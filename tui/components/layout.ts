// How the screen is shared out: a header, a banner for what must not be overlooked, a view, and a footer; in a
// view a table and an aside, which describes the selected row; panes beside each other. Free of Ink, so that
// state and keys can reckon with it before anything is drawn. All sizes are in columns and rows.
import type { CommonState } from '../state/common-state.ts';
import { bannerTexts } from './banner.ts';

/** Nothing useful fits a smaller window. */
export const minSize = { columns: 60, rows: 10 };

const headerRows = 2;
const footerRows = 1;
/** Blank columns at either side of a view. */
export const margin = 1;

export function isTooSmall({ size }: Pick<CommonState, 'size'>): boolean {
  return size.columns < minSize.columns || size.rows < minSize.rows;
}

/** Columns that a view may use. */
export function bodyColumns({ size }: Pick<CommonState, 'size'>): number {
  return size.columns - 2 * margin;
}

/** Rows that a view may use. */
export function bodyRows(state: CommonState): number {
  return state.size.rows - headerRows - footerRows - bannerTexts(state).length;
}

/** Table and aside stand beside each other from this width of the view on. */
const sideFrom = 150;
const sideColumns = 54;
export const sideGap = 3;

export interface AsideLayout {
  /** rows above the table proper */
  headRows: number;
  tableColumns: number;
  /** rows of the table proper */
  tableRows: number;
  /** beside the table, under it, or in its place */
  place: 'side' | 'below' | 'alone';
  asideColumns: number;
  asideRows: number;
}

/** A rule, a title and one line; with less under the table, the aside would say nothing. */
const leastBelow = 3;

/** @param rowsBelow how many of the `free` rows the aside takes when it stands under the table */
export function asideLayout(
  state: CommonState,
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
  // A row of the table is left.
  const wanted = Math.min(rowsBelow(free), free - 1);
  const asideRows = wanted < leastBelow ? 0 : wanted;
  return {
    headRows,
    tableColumns: columns,
    tableRows: Math.max(1, free - asideRows),
    place: 'below',
    asideColumns: columns,
    asideRows,
  };
}

/** The width of each of `panes` equal panes with `gap` columns between them. */
export function paneWidth(width: number, panes: number, gap: number): number {
  return Math.floor((width - gap * (panes - 1)) / panes);
}
