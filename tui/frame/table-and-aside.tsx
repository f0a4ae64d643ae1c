// A table and what there is to say of it: beside it in a wide window, under it in a narrow one.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { ConsoleState } from '../state/console-state.ts';
import { useTheme } from './console-context.ts';
import { bodyColumns, bodyRows } from './layout.ts';
import { Lines } from './lines.tsx';

/** From this width on there is room for both beside each other. */
const sideFrom = 150;
const sideColumns = 54;
const sideGap = 3;

/** A rule and one line; with less, nothing stands under the table. */
const leastBelow = 2;

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

/** `aside` null: there is nothing to say. */
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
