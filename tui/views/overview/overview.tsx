// The Overview: what the name server is doing now, how the last minutes or the last hour went, whether
// silent hosts are deleted and who pings them, what was counted and what just happened.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { type ChartSpec, LineChart } from '../../charts/line-chart.tsx';
import { type ChartWindow, samplesIn } from '../../charts/series.ts';
import { useSelected, useTheme } from '../../components/console-context.ts';
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { Lines } from '../../components/lines.tsx';
import { type DaemonData, meanOf } from '../../state/daemon-data.ts';
import { count, rate } from '../../text/format.ts';
import { activityLines } from './activity.ts';
import { chartsOnPage } from './charts.ts';
import { counterLines } from './counters.ts';
import { type OverviewLayout, overviewLayout, paneGap } from './overview-layout.ts';
import { chartedSpan } from './overview-state.ts';
import { standingLines } from './standing-lines.ts';
import { tileLines, tileSentences } from './tiles.ts';

export function Overview(): ReactElement {
  const theme = useTheme();
  const data = useSelected((state) => state.data);
  const readOnly = useSelected((state) => state.readOnly);
  const { page } = useSelected((state) => state.overview);
  const width = useSelected(bodyColumns);
  const height = useSelected(bodyRows);
  if (data === null)
    return (
      <Lines lines={['', theme.paint('label', 'waiting for the name server …')]} width={width} />
    );
  const standing = standingLines(theme, data, readOnly, width);
  const layout = overviewLayout(width, height, standing.length);
  const shownPage = page % layout.pages;
  const isInstead = layout.chartRows === 0 && shownPage > 0;
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Lines
        lines={['', ...tileLines(theme, data, width)]}
        width={width}
        read={tileSentences(theme, data)}
      />
      {layout.chartRows > 0 && <Charts data={data} layout={layout} page={shownPage} />}
      <Lines lines={['', ...standing]} width={width} />
      {isInstead ? (
        <Charts
          data={data}
          layout={{ ...layout, chartRows: 1, chartHeight: layout.bottomRows }}
          page={shownPage - 1}
        />
      ) : (
        <Bottom data={data} layout={layout} />
      )}
    </Box>
  );
}

function Charts(props: { data: DaemonData; layout: OverviewLayout; page: number }): ReactElement {
  const { data, layout, page } = props;
  const theme = useTheme();
  const overview = useSelected((state) => state.overview);
  const { window, samples } = chartedSpan(overview, data);
  const { chartRows, chartsInRow } = layout;
  const shown = chartsOnPage(page, chartRows * chartsInRow);
  const rows = Array.from({ length: chartRows }, (_, row) =>
    shown.slice(row * chartsInRow, (row + 1) * chartsInRow),
  );
  return (
    <>
      {rows.map((row) => (
        <Box key={row[0]?.member} marginTop={1} columnGap={paneGap}>
          {row.map((spec) => (
            <LineChart
              key={spec.member}
              spec={spec}
              samples={samples}
              window={window}
              now={theme.paint('label', besideTitle(data, spec, samples, window))}
              columns={layout.paneColumns(chartsInRow)}
              rows={layout.chartHeight}
            />
          ))}
        </Box>
      ))}
    </>
  );
}

function Bottom({ data, layout }: { data: DaemonData; layout: OverviewLayout }): ReactElement {
  const theme = useTheme();
  const { isStacked, counterColumns, counterRows, activityColumns, activityRows } = layout;
  const activity = activityLines(theme, data.calmActivity.lines, activityColumns, activityRows);
  return (
    <Box marginTop={1} columnGap={paneGap} rowGap={1} flexDirection={isStacked ? 'column' : 'row'}>
      {counterRows > 0 && (
        <Box width={counterColumns}>
          <Lines
            lines={counterLines(theme, data, counterColumns, counterRows)}
            width={counterColumns}
          />
        </Box>
      )}
      <Lines lines={activity} width={activityColumns} />
    </Box>
  );
}

/** The value now, or what the whole chart comes to. */
function besideTitle(
  { status, samples: seconds }: DaemonData,
  { member }: ChartSpec,
  samples: DaemonData['samples'],
  window: ChartWindow,
): string {
  const values = samplesIn(samples, window).map((sample) => sample[member]);
  switch (member) {
    case 'live':
      return count(status.hosts.live);
    case 'backlog':
      return `peak ${count(Math.max(0, ...values))}`;
    case 'expired':
    case 'redirected':
      return `${count(values.reduce((sum, value) => sum + value, 0))} in all`;
    default:
      return rate(meanOf(seconds, member, 5));
  }
}
