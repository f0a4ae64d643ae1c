// The Overview: what the name server is doing now, how the last minutes went, what was counted
// and what just happened.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { type ChartSpec, LineChart } from '../../charts/line-chart.tsx';
import { useSelected, useTheme } from '../../frame/console-context.ts';
import { bodyColumns, bodyRows } from '../../frame/layout.ts';
import { Lines } from '../../frame/lines.tsx';
import type { DaemonData } from '../../state/daemon-data.ts';
import { meanOf } from '../../state/daemon-data.ts';
import { count, rate } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';
import { activityLines } from './activity.ts';
import { counterLines } from './counters.ts';
import { overviewLayout, paneGap } from './overview-layout.ts';
import { tileLines } from './tiles.ts';

const charts: readonly ChartSpec[] = [
  { member: 'registered', title: 'Registrations a second', colour: 'cyan', phase: 0 },
  { member: 'backlog', title: 'Backlog', colour: 'yellow', phase: 1 },
  { member: 'requests', title: 'Requests a second', colour: 'green', phase: 2 },
  { member: 'live', title: 'Live hosts', colour: 'magenta', phase: 3 },
];

export function Overview(): ReactElement {
  const theme = useTheme();
  const data = useSelected((state) => state.data);
  const width = useSelected(bodyColumns);
  const height = useSelected(bodyRows);
  if (data === null)
    return (
      <Lines lines={['', theme.paint('label', 'waiting for the name server …')]} width={width} />
    );
  const layout = overviewLayout(width, height);
  const shown = charts.slice(0, layout.chartRows * layout.chartsInRow);
  const rows = Array.from({ length: layout.chartRows }, (_, row) =>
    shown.slice(row * layout.chartsInRow, (row + 1) * layout.chartsInRow),
  );
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines lines={['', ...tileLines(theme, data, width)]} width={width} />
      {rows.map((row) => (
        <Box key={row[0]?.member} marginTop={1} columnGap={paneGap}>
          {row.map((spec) => (
            <LineChart
              key={spec.member}
              spec={spec}
              samples={data.samples}
              now={valueNow(theme, data, spec)}
              columns={layout.paneColumns(layout.chartsInRow)}
              rows={layout.chartHeight}
            />
          ))}
        </Box>
      ))}
      <Box marginTop={1} columnGap={paneGap}>
        <Box width={layout.counterColumns}>
          <Lines
            lines={counterLines(
              theme,
              data.status.counters,
              layout.counterColumns,
              layout.bottomRows,
            )}
            width={layout.counterColumns}
          />
        </Box>
        <Lines
          lines={activityLines(theme, data.activity, layout.activityColumns, layout.bottomRows)}
          width={layout.activityColumns}
        />
      </Box>
    </Box>
  );
}

function valueNow(theme: Theme, { status, samples }: DaemonData, { member }: ChartSpec): string {
  switch (member) {
    case 'backlog':
      return theme.paint('label', `peak ${count(status.backlog.peak)}`);
    case 'live':
      return theme.paint('label', count(status.hosts.live));
    default:
      return theme.paint('label', rate(meanOf(samples, member, 5)));
  }
}
