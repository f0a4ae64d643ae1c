import test from 'ava';
import { loadChartPen } from '../../../tui/charts/pen.ts';
import { unpainted } from '../../../tui/theme.ts';

const pen = loadChartPen();

/** Rows, from the top, in which a line at `value` of 100 is seen. */
function rowsOf(value: number, rows: number): number[] {
  const lines = pen.draw({
    columns: 60,
    rows,
    values: new Array(30).fill(value),
    labels: new Array(30).fill(''),
    everyLabel: 5,
    max: 100,
    steps: 2,
    colour: 'cyan',
  });
  return lines.flatMap((line, row) =>
    // Behind the axis.
    /[\u2801-\u28ff]{10}/.test(unpainted(line).slice(8)) ? [row] : [],
  );
}

for (const rows of [6, 10, 17])
  test(`charts › a line anywhere between the ends of the scale is seen, in ${rows} rows`, (t) => {
    const axis = rows - 2;
    t.deepEqual(rowsOf(100, rows), [0, axis]);
    for (const value of [99, 95, 75, 50, 25, 1])
      t.is(rowsOf(value, rows).length, 2, `${value} in ${rows} rows`);
    const heights = [100, 75, 50, 25].map((value) => rowsOf(value, rows)[0] ?? -1);
    t.deepEqual(
      heights,
      heights.toSorted((a, b) => a - b),
    );
  });
