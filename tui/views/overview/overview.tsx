// The Overview: what the name server is doing now, how the last minutes or the last hour went, whether
// silent hosts are deleted and who pings them, what was counted and what just happened.
import { Box } from 'ink';
import { type ReactElement, useContext } from 'react';
import { type ChartSpec, LineChart } from '../../charts/line-chart.tsx';
import { type ChartWindow, samplesIn } from '../../charts/series.ts';
import { useSelected } from '../../components/following.ts';
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { ReadContext, Rows, Waiting } from '../../components/styled.tsx';
import { zoneOf } from '../../state/common-state.ts';
import { type DaemonData, meanOf } from '../../state/daemon-data.ts';
import { count, rate, timeOfDay, type Zone } from '../../text/format.ts';
import { ActivityList } from './activity.tsx';
import { CounterList } from './counters.tsx';
import { chartsOnPage, type OverviewLayout, overviewLayout, paneGap } from './overview-layout.ts';
import {
  chartedSpan,
  type OverviewState,
  shownActivity,
  type WithOverview,
} from './overview-state.ts';
import { standingLines } from './standing-lines.ts';
import { Tiles } from './tiles.tsx';

export function Overview(): ReactElement {
  const { data, readOnly, isUtc, overview, width, height } = useSelected((state: WithOverview) => ({
    ...{ data: state.data, readOnly: state.readOnly, isUtc: state.isUtc, overview: state.overview },
    ...{ width: bodyColumns(state), height: bodyRows(state) },
  }));
  const isRead = useContext(ReadContext);
  if (data === null) return <Waiting />;
  const { page } = overview;
  const zone = zoneOf({ isUtc, data });
  const standing = standingLines(data, readOnly, zone, width);
  const layout = overviewLayout(width, height, standing.length);
  const shownPage = page % layout.pages;
  const isInstead = layout.chartRows === 0 && shownPage > 0;
  return (
    <Box flexDirection="column" width={width} height={isRead ? 'auto' : height}>
      <Box marginTop={layout.blankRows} flexShrink={0} flexDirection="column">
        <Tiles data={data} width={width} />
      </Box>
      {layout.chartRows > 0 && <Charts {...{ data, overview, zone, layout }} page={shownPage} />}
      <Box marginTop={layout.blankRows} flexShrink={0} flexDirection="column">
        <Rows rows={standing.slice(0, layout.lineRows)} />
      </Box>
      {isInstead ? (
        <Charts
          {...{ data, overview, zone }}
          layout={{ ...layout, chartRows: 1, chartHeight: layout.bottomRows }}
          page={shownPage - 1}
        />
      ) : (
        <Bottom {...{ data, overview, zone, layout }} />
      )}
    </Box>
  );
}

interface ChartsProps {
  data: DaemonData;
  overview: OverviewState;
  zone: Zone;
  layout: OverviewLayout;
  page: number;
}

function Charts({ data, overview, zone, layout, page }: ChartsProps): ReactElement {
  const flexDirection = useContext(ReadContext) ? 'column' : 'row';
  const { window, samples } = chartedSpan(overview, data);
  const { moment } = overview;
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
              now={besideTitle(data, spec, samples, window)}
              moment={moment === null ? null : { at: moment, text: timeOfDay(moment, zone) }}
              columns={layout.paneColumns(chartsInRow)}
              rows={layout.chartHeight}
            />
          ))}
        </Box>
      ))}
    </>
  );
}

type BottomProps = Omit<ChartsProps, 'page'>;

function Bottom({ data, overview, zone, layout }: BottomProps): ReactElement {
  const isRead = useContext(ReadContext);
  const { isStacked, counterColumns, counterRows, activityColumns, activityRows } = layout;
  return (
    <Box
      marginTop={layout.blankRows}
      columnGap={paneGap}
      rowGap={1}
      flexDirection={isStacked || isRead ? 'column' : 'row'}
    >
      {counterRows > 0 && <CounterList data={data} width={counterColumns} rows={counterRows} />}
      <ActivityList
        activity={shownActivity(overview, data)}
        selected={overview.selected}
        until={overview.moment}
        zone={zone}
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
