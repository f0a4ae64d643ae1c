// A small table for a pipe or a log: every column as wide as its longest cell, nothing cut.
import { columnsOf } from './columns.ts';

const gap = 2;

/** @param rows the titles first; the cells are safe to print. Lines with their ends. */
export function plainTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, columnsOf(cell));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) + gap - columnsOf(cell)))
      .join('')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}

/** What print takes of a column that a table on the screen has. */
interface PrintedColumn<Row> {
  name: string;
  title?: string;
  cell(row: Row, width: number): string;
}

/** A table of columns as the screen has them, their titles in capitals. */
export function plainRows<Row>(
  columns: readonly PrintedColumn<Row>[],
  rows: readonly Row[],
): string {
  return plainTable([
    columns.map(({ name, title = name }) => title.toUpperCase()),
    ...rows.map((row) => columns.map(({ cell }) => cell(row, Number.POSITIVE_INFINITY))),
  ]);
}
