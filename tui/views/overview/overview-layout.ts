// How the Overview shares out its space, from 20×60 to the largest window: tiles on top, charts, as
// many as stay readable, then the lines about expiry and shares, counters and activity below. Every row
// is accounted for, so nothing is ever cut in the middle.
import type { ChartSpec } from '../../charts/line-chart.tsx';
import { paneWidth } from '../../components/layout.ts';

export const paneGap = 3;

/** A blank row and three rows of tiles. */
const tileRows = 4;
/** Title, a few rows of data, axis and labels. */
const minChartHeight = 6;
const maxChartHeight = 18;
/** Lower ones are for windows that have room for a single row of charts only. */
const goodChartHeight = 7;
/** Title and two lines. */
const minBottomRows = 3;
/** Title and one line. */
const leastBottomRows = 2;
const twoPanesFromColumns = 76;
const threeChartsFromColumns = 150;
const spaciousFromRows = 28;
/** An activity line with an IPv4 address fits beside the counters even at 80 columns. */
const activityColumns = 42;
const maxCounterColumns = 76;

export interface OverviewLayout {
  /** None: then there is a page without charts, and on the others they take the place of the bottom. */
  chartRows: number;
  chartsInRow: number;
  chartHeight: number;
  /** over the tiles, the lines and the bottom */
  blankRows: 0 | 1;
  /** of the lines about expiry and shares */
  lineRows: number;
  bottomRows: number;
  /** of charts, to be turned one by one */
  pages: number;
  /** Beside each other; in a narrow window one above the other, with a blank row between. */
  isStacked: boolean;
  counterColumns: number;
  counterRows: number;
  activityColumns: number;
  activityRows: number;
  paneColumns(panes: number): number;
}

/** @param lineRows rows of the lines about expiry and shares */
export function overviewLayout(columns: number, rows: number, lineRows: number): OverviewLayout {
  const layout = roomyLayout(columns, rows, lineRows);
  return layout.bottomRows >= leastBottomRows ? layout : tightLayout(columns, rows, lineRows);
}

/** For a low window, such as a split of tmux: neither blank rows, charts nor counters. */
function tightLayout(columns: number, rows: number, lineRows: number): OverviewLayout {
  const free = rows - (tileRows - 1);
  const shownLines = Math.max(0, Math.min(lineRows, free - leastBottomRows));
  return {
    ...roomyLayout(columns, rows, lineRows),
    blankRows: 0,
    lineRows: shownLines,
    chartRows: 0,
    pages: 1,
    isStacked: true,
    counterRows: 0,
    activityColumns: columns,
    activityRows: free - shownLines,
    bottomRows: free - shownLines,
  };
}

function roomyLayout(columns: number, rows: number, lineRows: number): OverviewLayout {
  const chartsInRow =
    columns >= threeChartsFromColumns ? 3 : columns >= twoPanesFromColumns ? 2 : 1;
  // A blank row above the lines, above the bottom, and below it if there is room.
  const free = rows - tileRows - (1 + lineRows) - 1 - (rows >= spaciousFromRows ? 1 : 0);
  const { chartRows, chartHeight } = chartSpace(free, Math.ceil(charts.length / chartsInRow));
  const bottomRows = free - chartRows * (1 + chartHeight);
  return {
    chartRows,
    chartsInRow,
    chartHeight,
    blankRows: 1,
    lineRows,
    bottomRows,
    pages: chartRows === 0 ? 1 + pagesOf(chartsInRow) : pagesOf(chartRows * chartsInRow),
    ...bottomSpace(columns, bottomRows),
    paneColumns: (panes) => paneWidth(columns, panes, paneGap),
  };
}

type BottomSpace = Pick<
  OverviewLayout,
  'isStacked' | 'counterColumns' | 'counterRows' | 'activityColumns' | 'activityRows'
>;

function bottomSpace(columns: number, rows: number): BottomSpace {
  if (columns < twoPanesFromColumns) {
    // What just happened is worth more than what adds up.
    const counterRows = Math.floor((rows - 1) / 2);
    const isRoom = counterRows >= minBottomRows;
    return {
      isStacked: true,
      counterColumns: columns,
      counterRows: isRoom ? counterRows : 0,
      activityColumns: columns,
      activityRows: isRoom ? rows - 1 - counterRows : rows,
    };
  }
  const half = Math.min(
    maxCounterColumns,
    Math.floor((columns - paneGap) / 2),
    columns - paneGap - activityColumns,
  );
  return {
    isStacked: false,
    counterColumns: half,
    counterRows: rows,
    activityColumns: columns - half - paneGap,
    activityRows: rows,
  };
}

/** As many rows of charts, of at most `wanted`, as leave each one readable, a blank row above each. */
function chartSpace(free: number, wanted: number): { chartRows: number; chartHeight: number } {
  for (let chartRows = wanted; chartRows > 1; chartRows--) {
    const height = Math.floor(((free - chartRows) * 0.64) / chartRows);
    if (height >= goodChartHeight)
      return { chartRows, chartHeight: Math.min(maxChartHeight, height) };
  }
  const room = free - 1;
  if (room < minChartHeight + minBottomRows) return { chartRows: 0, chartHeight: 0 };
  const height = Math.max(minChartHeight, Math.min(maxChartHeight, Math.floor(room * 0.56)));
  return { chartRows: 1, chartHeight: height };
}

/** In none of the colours that say good or bad; in the order of their weight. Those beside each other move together: of a line, all behind a change is written. */
export const charts: readonly ChartSpec[] = [
  { member: 'registered', title: 'Registrations per second', colour: 'cyan', phase: 0 },
  { member: 'backlog', title: 'Backlog', colour: 'blue', phase: 0 },
  { member: 'requests', title: 'Requests per second', colour: 'magenta', phase: 0 },
  { member: 'live', title: 'Live hosts', colour: 'cyan', phase: 3 },
  { member: 'expired', title: 'Expired', isPerBucket: true, colour: 'blue', phase: 3 },
  { member: 'redirected', title: 'Redirects', isPerBucket: true, colour: 'magenta', phase: 3 },
];

function pagesOf(shown: number): number {
  return Math.ceil(charts.length / shown);
}

/** The last page is full, too: it repeats some of the one before. */
export function chartsOnPage(page: number, shown: number): readonly ChartSpec[] {
  const from = Math.max(0, Math.min(page * shown, charts.length - shown));
  return charts.slice(from, from + shown);
}
