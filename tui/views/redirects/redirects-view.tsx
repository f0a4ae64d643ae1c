// The Redirects view: who was sent to which name server and why, newest first, and how many to each.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useSelected, useTheme } from '../../frame/console-context.ts';
import { bodyColumns } from '../../frame/layout.ts';
import { Lines } from '../../frame/lines.tsx';
import { redirectTableLines } from './redirect-table.ts';
import { redirectTotals } from './redirect-totals.ts';
import { redirectsHeadRows, redirectsLayout, sideGap } from './redirects-layout.ts';
import { redirectsTop } from './redirects-state.ts';

export function RedirectsView(): ReactElement {
  const theme = useTheme();
  // Nearly all of it is shown: size, data, position.
  const state = useSelected((all) => all);
  const { data, now } = state;
  const width = bodyColumns(state);
  if (data === null)
    return (
      <Lines lines={['', theme.paint('label', 'waiting for the name server …')]} width={width} />
    );
  const { tableColumns, tableRows, totals, totalsColumns, totalsRows } = redirectsLayout(state);
  const view = { top: redirectsTop(state), now, width: tableColumns, rows: tableRows };
  const table = <Lines lines={redirectTableLines(theme, data, view)} width={tableColumns} />;
  const { redirects } = data.status;
  if (totals === 'side')
    return (
      <Box columnGap={sideGap}>
        {table}
        <Lines
          lines={['', ...redirectTotals(theme, redirects, totalsColumns, totalsRows)]}
          width={totalsColumns}
        />
      </Box>
    );
  if (totalsRows === 0) return table;
  const rule = theme.paint('rule', '─'.repeat(width));
  return (
    <Box flexDirection="column">
      <Box height={tableRows + redirectsHeadRows}>{table}</Box>
      <Lines
        lines={[rule, ...redirectTotals(theme, redirects, totalsColumns, totalsRows - 1)]}
        width={width}
      />
    </Box>
  );
}
