// Charts as they are drawn: of a line that changes, the terminal is sent everything behind the change.
import '../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import type { Sample } from '../../../shared/ipc/status-contract.ts';
import { LineChart } from '../../../tui/charts/line-chart.tsx';
import { preparePen } from '../../../tui/charts/pen.ts';
import { oneMinute } from '../../../tui/charts/series.ts';
import { linesOf, paintedLinesOf } from '../drawn-lines.ts';
import { fixedSamples } from '../fixture-data.ts';

preparePen();

const columns = 62;

/** A chart of as many samples, each with the same number of hosts. */
function chart(seconds: number, moment: { at: number; text: string } | null = null) {
  const samples = fixedSamples(seconds).map((sample): Sample => ({ ...sample, live: 50 }));
  return createElement(LineChart, {
    spec: { member: 'live', title: 'Live hosts', colour: 'cyan', phase: 0 },
    samples,
    window: oneMinute,
    now: '50',
    moment,
    columns,
    rows: 10,
  });
}

test('line chart › with another value only the rows of its line change', (t) => {
  const [before, after] = [12, 15].map((seconds) => paintedLinesOf(chart(seconds), columns));
  const changed = (after ?? []).flatMap((line, row) => (line === before?.[row] ? [] : [row]));
  t.is(changed.length, 1, `rows ${changed}`);
});

test('line chart › the time before the first sample is blank', (t) => {
  const drawn = linesOf(chart(30), columns);
  const [first] = drawn.slice(1, -2).flatMap((line) => {
    const at = line.slice(6).search(/[\u2801-\u28ff]/);
    return at < 0 ? [] : [at];
  });
  // Half of the chart, but for a bucket.
  t.true(Math.abs((first ?? 0) - (columns - 6) / 2) < 3, `${first}`);
});

test('line chart › an upright line shows the moment that is looked at', (t) => {
  const samples = fixedSamples(30);
  const at = samples[14]?.at ?? 0;
  const drawn = linesOf(chart(30, { at, text: '12:00:00' }), columns);
  const places = new Set(drawn.slice(1, -2).map((line) => line.indexOf('│')));
  t.is(places.size, 1);
  t.true([...places].every((place) => place > columns / 2 && place < columns));
  t.true(drawn[0]?.endsWith('50 at 12:00:00'));
});
