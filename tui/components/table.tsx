// A table: which of its columns a window has room for, their titles, the cells of a row, and the aside that
// describes the selected row: beside the table in a wide window, under it in a narrow one.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { type Align, fitted } from '../text/columns.ts';
import type { Theme, Token } from '../theme.ts';
import { type AsideLayout, sideGap } from './layout.ts';
import { Lines, useTheme } from './lines.tsx';

/** A column of a table of `Row`. */
export interface TableColumn<Row> {
  title: string;
  width: number;
  /** the column with the largest number is dropped first */
  weight: number;
  align?: Align;
  cell(row: Row): string;
  tone?(row: Row): Token | null;
}

const gap = 2;

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

/** The line of column titles. */
export function titleLine<Row>(theme: Theme, columns: readonly TableColumn<Row>[]): string {
  return columns
    .map(({ title, width, align }) => theme.paint('label', fitted(title, width, align)))
    .join(' '.repeat(gap));
}

/** The line of a row; a selected row fills `width` columns and has no colours of its own. */
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

/** A rule and one line; with less, no aside stands under the table. */
const leastBelow = 2;

/** @param props.aside its lines; null: there is nothing to describe */
export function TableAndAside({
  layout,
  table,
  aside,
}: {
  layout: AsideLayout;
  table: string[];
  aside: ((columns: number, rows: number) => string[]) | null;
}): ReactElement {
  const theme = useTheme();
  const { headRows, tableColumns, tableRows, place, asideColumns, asideRows } = layout;
  const main = <Lines lines={table} width={tableColumns} />;
  if (aside === null || asideRows < leastBelow) return main;
  if (place === 'side')
    return (
      <Box columnGap={sideGap}>
        {main}
        <Lines lines={['', ...aside(asideColumns, asideRows)]} width={asideColumns} />
      </Box>
    );
  const rule = theme.paint('rule', '─'.repeat(asideColumns));
  return (
    <Box flexDirection="column">
      <Box height={tableRows + headRows}>{main}</Box>
      <Lines lines={[rule, ...aside(asideColumns, asideRows - 1)]} width={asideColumns} />
    </Box>
  );
}
