// How the Overview shares out its space, from 20×60 to the largest window: tiles on top, charts in
// the middle, as many as stay readable, counters and activity below. Every row is accounted for, so
// nothing is ever cut in the middle.
import { paneWidth } from '../../frame/panes.ts';

export const paneGap = 3;

/** A blank row and three rows of tiles. */
const tileRows = 4;
/** Title, a few rows of data, axis and labels. */
const minChartHeight = 7;
const maxChartHeight = 18;
/** Title and four lines. */
const minBottomRows = 5;
const twoChartsFromColumns = 76;
const twoChartRowsFromRows = 34;
const spaciousFromRows = 28;
/** An activity line with an IPv4 address fits beside the counters even at 80 columns. */
const activityColumns = 42;
const maxCounterColumns = 76;

export interface OverviewLayout {
  chartRows: number;
  chartsInRow: number;
  chartHeight: number;
  bottomRows: number;
  counterColumns: number;
  activityColumns: number;
  paneColumns(panes: number): number;
}

export function overviewLayout(columns: number, rows: number): OverviewLayout {
  const chartsInRow = columns >= twoChartsFromColumns ? 2 : 1;
  const wanted = rows >= twoChartRowsFromRows ? 2 : 1;
  const free = rows - tileRows;
  const chartRows = free >= minChartHeight + minBottomRows + 2 ? wanted : 0;
  // One blank row above each row of charts and above the bottom, and one below it if there is room.
  const room = free - chartRows - 1 - (rows >= spaciousFromRows ? 1 : 0);
  const share = chartRows === 2 ? 0.64 : 0.56;
  const chartHeight =
    chartRows === 0
      ? 0
      : Math.max(minChartHeight, Math.min(maxChartHeight, Math.floor((room * share) / chartRows)));
  const half = Math.min(
    maxCounterColumns,
    Math.floor((columns - paneGap) / 2),
    columns - paneGap - activityColumns,
  );
  return {
    chartRows,
    chartsInRow,
    chartHeight,
    bottomRows: room - chartRows * chartHeight,
    counterColumns: half,
    activityColumns: columns - half - paneGap,
    paneColumns: (panes) => paneWidth(columns, panes, paneGap),
  };
}
