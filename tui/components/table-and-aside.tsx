// A table and what there is to say of it: beside it in a wide window, under it in a narrow one.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { type AsideLayout, sideGap } from './aside-layout.ts';
import { useTheme } from './console-context.ts';
import { Lines } from './lines.tsx';

/** A rule and one line; with less, nothing stands under the table. */
const leastBelow = 2;

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
