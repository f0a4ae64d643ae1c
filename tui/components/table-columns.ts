// Columns of a table: which of them a window has room for, their titles, and the cells of a row. Each view
// says what its own columns are.
import { type Align, fitted } from '../text/columns.ts';
import type { Theme, Token } from '../theme.ts';

export interface TableColumn<Row> {
  title: string;
  width: number;
  /** the one with the largest number is dropped first */
  weight: number;
  align?: Align;
  cell(row: Row): string;
  tone?(row: Row): Token | null;
}

const gap = 2;

/** Those that fit, the one that weighs least whatever its width, in their order. */
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

export function titleLine<Row>(theme: Theme, columns: readonly TableColumn<Row>[]): string {
  return columns
    .map(({ title, width, align }) => theme.paint('label', fitted(title, width, align)))
    .join(' '.repeat(gap));
}

/** A selected row is `width` columns wide, without colours of its own. */
export function rowLine<Row>(
  theme: Theme,
  row: Row,
  columns: readonly TableColumn<Row>[],
  { isSelected, width }: { isSelected: boolean; width: number },
): string {
  const cells = columns.map(({ width: cellWidth, align, cell, tone }) => {
    const text = fitted(cell(row), cellWidth, align);
    const token = isSelected ? null : (tone?.(row) ?? null);
    return token === null ? text : theme.paint(token, text);
  });
  const line = cells.join(' '.repeat(gap));
  return isSelected ? theme.paint('selected', fitted(line, width)) : line;
}
