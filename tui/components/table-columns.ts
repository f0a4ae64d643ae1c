// The columns of a table, and which of them a window has room for. Free of Ink, which a command that prints need not load.
import type { Align } from '../text/columns.ts';
import type { Token } from '../theme.ts';

/** A column of a table of `Row`. */
export interface TableColumn<Row> {
  title: string;
  width: number;
  /** the column with the largest number is dropped first */
  weight: number;
  align?: Align;
  cell(row: Row): string;
  /** the style of its cell; plain by default */
  tone?(row: Row): Token | null;
  /** the rows are in its order */
  sorted?: 'ascending' | 'descending' | null;
}

/** Blank columns between two columns of a table. */
export const gap = 2;

/** The columns that fit, in their order; the one that weighs least is kept whatever its width. */
export function columnsWithin<Row>(
  columns: readonly TableColumn<Row>[],
  width: number,
): TableColumn<Row>[] {
  const kept = new Set<TableColumn<Row>>();
  let used = -gap;
  for (const column of columns.toSorted((a, b) => a.weight - b.weight)) {
    if (used + gap + column.width > width && kept.size > 0) break;
    kept.add(column);
    used += gap + column.width;
  }
  return columns.filter((column) => kept.has(column));
}
