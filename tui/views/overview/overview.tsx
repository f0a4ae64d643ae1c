// The Overview: what the name server is doing now, how the last minutes or the last hour went, whether
// silent hosts are deleted and who pings them, what was counted and what just happened.
import { Box } from 'ink';
import { memo, type ReactElement, useContext } from 'react';
import { type ChartSpec, LineChart } from '../../charts/line-chart.tsx';
import { type ChartWindow, samplesIn } from '../../charts/series.ts';
import { Lines, ReadContext, useTheme, WaitingLines } from '../../components/lines.tsx';
import { zoneOf } from '../../state/common-state.ts';
import { type DaemonData, meanOf } from '../../state/daemon-data.ts';
import { count, rate, type Zone } from '../../text/format.ts';
import { ActivityList } from './activity.tsx';
import { counterLines } from './counters.ts';
import { chartsOnPage, type OverviewLayout, overviewLayout, paneGap } from './overview-layout.ts';
import { chartedSpan, type WithOverview } from './overview-state.ts';
import { standingLines } from './standing-lines.ts';
import { tileLines, tileSentences } from './tiles.ts';

export interface OverviewProps
  extends Pick<WithOverview, 'data' | 'readOnly' | 'isUtc' | 'overview'> {
  width: number;
  height: number;
}

/** Drawn again only when something that it shows has changed: its charts cost more than all other views. */
export const Overview = memo(function Overview(props: OverviewProps): ReactElement {
  const { data, readOnly, isUtc, overview, width, height } = props;
  const theme = useTheme();
  const isRead = useContext(ReadContext);
  if (data === null) return <WaitingLines width={width} />;
  const { page } = overview;
  const zone = zoneOf({ isUtc, data });
  const standing = standingLines(theme, data, readOnly, zone, width);
  const layout = overviewLayout(width, height, standing.length);
  const shownPage = page % layout.pages;
  const isInstead = layout.chartRows === 0 && shownPage > 0;
  return (
    <Box flexDirection="column" width={width} height={isRead ? 'auto' : height}>
      <Lines
        lines={['', ...tileLines(theme, data, width)]}
        width={width}
        read={tileSentences(theme, data)}
      />
      {layout.chartRows > 0 && (
        <Charts data={data} overview={overview} layout={layout} page={shownPage} />
      )}
      <Lines lines={['', ...standing]} width={width} />
      {isInstead ? (
        <Charts
          data={data}
          overview={overview}
          layout={{ ...layout, chartRows: 1, chartHeight: layout.bottomRows }}
          page={shownPage - 1}
        />
      ) : (
        <Bottom {...{ data, zone, layout }} selected={overview.selected} />
      )}
    </Box>
  );
});

interface ChartsProps {
  data: DaemonData;
  overview: WithOverview['overview'];
  layout: OverviewLayout;
  page: number;
}

function Charts({ data, overview, layout, page }: ChartsProps): ReactElement {
  const theme = useTheme();
  const flexDirection = useContext(ReadContext) ? 'column' : 'row';
  const { window, samples } = chartedSpan(overview, data);
  const { chartRows, chartsInRow } = layout;
  const shown = chartsOnPage(page, chartRows * chartsInRow);
  const rows = Array.from({ length: chartRows }, (_, row) =>
    shown.slice(row * chartsInRow, (row + 1) * chartsInRow),
  );
  return (
    <>
      {rows.map((row) => (
        <Box
          key={row[0]?.member}
          marginTop={1}
          columnGap={paneGap}
          flexShrink={0}
          flexDirection={flexDirection}
        >
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

interface BottomProps {
  data: DaemonData;
  zone: Zone;
  /** number of the selected event; null: none is */
  selected: number | null;
  layout: OverviewLayout;
}

function Bottom({ data, zone, selected, layout }: BottomProps): ReactElement {
  const theme = useTheme();
  const isRead = useContext(ReadContext);
  const { isStacked, counterColumns, counterRows, activityColumns, activityRows } = layout;
  return (
    <Box
      marginTop={1}
      columnGap={paneGap}
      rowGap={1}
      flexDirection={isStacked || isRead ? 'column' : 'row'}
    >
      {counterRows > 0 && (
        <Box width={counterColumns}>
          <Lines
            lines={counterLines(theme, data, counterColumns, counterRows)}
            width={counterColumns}
          />
        </Box>
      )}
      <ActivityList
        activity={data.calmActivity.lines}
        {...{ selected, zone }}
        width={activityColumns}
        rows={activityRows}
      />
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
      return `${count(values.reduce((sum, value) => sum + value, 0))} total`;
    default:
      return rate(meanOf(seconds, member, 5));
  }
}
