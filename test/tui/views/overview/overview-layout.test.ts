import test from 'ava';
import {
  charts,
  chartsOnPage,
  type OverviewLayout,
  overviewLayout,
} from '../../../../tui/views/overview/overview-layout.ts';

/** A view as wide and high as in a terminal without banners. */
const inTerminal = (rows: number, columns: number, lineRows = 2) =>
  overviewLayout(columns - 2, rows - 3, lineRows);

const shown = ({ chartRows, chartsInRow }: OverviewLayout) => chartRows * chartsInRow;

test('overview layout › every chart is seen at 50x200 and 50x80, two at 24x80', (t) => {
  t.deepEqual(
    [inTerminal(50, 200), inTerminal(50, 80), inTerminal(24, 80)].map((layout) => [
      shown(layout),
      layout.pages,
    ]),
    [
      [6, 1],
      [6, 1],
      [2, 3],
    ],
  );
});

test('overview layout › where no chart fits beside the rest, each has a page of its own', (t) => {
  const layout = inTerminal(20, 60);
  t.deepEqual([layout.chartRows, layout.chartsInRow, layout.pages], [0, 1, 7]);
});

test('overview layout › no size and no number of lines leaves the window', (t) => {
  for (let rows = 10; rows <= 80; rows++)
    for (let columns = 60; columns <= 300; columns += 10)
      for (const banners of [0, 1, 2])
        for (const lineRows of [2, 4, 6]) {
          const layout = inTerminal(rows - banners, columns, lineRows);
          const { chartRows, chartHeight, bottomRows, counterRows, activityRows } = layout;
          const { blankRows } = layout;
          const used =
            3 + chartRows * (1 + chartHeight) + 3 * blankRows + layout.lineRows + bottomRows;
          const what = `${rows}x${columns}, ${banners} banners, ${lineRows} lines`;
          t.true(used <= rows - 3 - banners, what);
          t.true(chartRows === 0 || chartHeight >= 6, what);
          t.true(bottomRows >= (rows - banners < 10 ? 0 : 2), what);
          t.true(rows < 20 || layout.lineRows === lineRows, what);
          const below = layout.isStacked
            ? activityRows + (counterRows > 0 ? 1 + counterRows : 0)
            : Math.max(counterRows, activityRows);
          t.is(below, bottomRows, what);
          t.true(layout.paneColumns(layout.chartsInRow) >= 36, what);
        }
});

test('overview charts › turning the pages shows each of them, every page full', (t) => {
  for (const count of [1, 2, 3, 4, 6]) {
    const pages = Math.ceil(charts.length / count);
    const seen = new Set<string>();
    for (let page = 0; page < pages; page++) {
      const members = chartsOnPage(page, count).map(({ member }) => member);
      t.is(members.length, count);
      for (const member of members) seen.add(member);
    }
    t.is(seen.size, charts.length, `${count} at a time`);
  }
});

test('overview charts › those beside each other in a wide window move together', (t) => {
  const phases = charts.map(({ phase }) => phase);
  t.deepEqual([new Set(phases.slice(0, 3)).size, new Set(phases.slice(3)).size], [1, 1]);
});

test('overview charts › none has a colour that says good or bad, nor that of its neighbour', (t) => {
  for (const { colour } of charts) t.false(['red', 'yellow', 'green'].includes(colour), colour);
  for (const [index, { colour }] of charts.entries()) t.not(colour, charts[index + 1]?.colour);
});
