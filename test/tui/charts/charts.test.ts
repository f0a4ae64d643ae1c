import test from 'ava';
import type { Sample } from '../../../shared/ipc/status-contract.ts';
import { loadChartPen } from '../../../tui/charts/pen.ts';
import {
  bucketAt,
  bucketText,
  fiveMinutes,
  oneHour,
  oneMinute,
  samplesIn,
  scaleFor,
  seriesOf,
  shortCount,
  windowFor,
} from '../../../tui/charts/series.ts';
import { unpainted } from '../../../tui/theme.ts';

const pen = loadChartPen();

/** Rows, from the top, in which a line at `value` of 100 is seen. */
function rowsOf(value: number, rows: number): number[] {
  const lines = pen.draw({
    columns: 60,
    rows,
    values: new Array(30).fill(value),
    unknown: 0,
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

const { bucketSeconds, buckets } = fiveMinutes;

/** Samples of the seconds that end at `from` + 1 … `from` + `count`; or of more than a second each. */
function samples(
  from: number,
  count: number,
  value: (index: number) => number,
  seconds = 1,
): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    at: (from + index + 1) * seconds * 1_000,
    live: value(index),
    registered: value(index),
    requests: value(index),
    expired: value(index),
    redirected: value(index),
    backlog: value(index),
  }));
}

test('chart series › without samples everything is unknown', (t) => {
  t.deepEqual(seriesOf([], 'live', 0, fiveMinutes), {
    values: new Array(buckets).fill(0),
    unknown: buckets,
  });
});

test('chart series › five minutes fill every bucket with the mean of its seconds', (t) => {
  const { values, unknown } = seriesOf(
    samples(0, 301, (index) => Math.floor(index / bucketSeconds)),
    'registered',
    0,
    fiveMinutes,
  );
  t.is(unknown, 0);
  t.deepEqual(
    values,
    Array.from({ length: buckets }, (_, index) => index),
  );
});

test('chart series › a backlog shows its highest level, the live hosts their last', (t) => {
  const peak = samples(0, 13, (index) => (index === 7 ? 40 : 1));
  t.deepEqual(seriesOf(peak, 'backlog', 0, fiveMinutes).values.slice(-2), [1, 40]);
  t.deepEqual(
    seriesOf(
      samples(0, 13, (index) => index),
      'live',
      0,
      fiveMinutes,
    ).values.slice(-2),
    [5, 11],
  );
});

test('chart series › time before the first sample is unknown', (t) => {
  const { values, unknown } = seriesOf(
    samples(0, 19, () => 3),
    'requests',
    0,
    fiveMinutes,
  );
  t.is(unknown, buckets - 3);
  t.deepEqual(new Set(values), new Set([3]));
});

test('chart series › a chart changes only when a bucket ends', (t) => {
  const changes = [0, 1, 2, 3, 4, 5].map((phase) => {
    const seconds: number[] = [];
    let before = '';
    for (let second = 100; second < 113; second += 1) {
      const now = JSON.stringify(
        seriesOf(
          samples(0, second, (index) => index),
          'live',
          phase,
          fiveMinutes,
        ),
      );
      if (now !== before && before !== '') seconds.push(second % bucketSeconds);
      before = now;
    }
    return seconds;
  });
  t.deepEqual(changes, [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 5],
    [0, 0],
  ]);
});

test('chart series › an hour is shown in minutes, of samples of ten seconds', (t) => {
  const of = (member: 'registered' | 'expired' | 'backlog' | 'live') =>
    seriesOf(
      samples(0, 361, (index) => 10 * Math.floor(index / 6), 10),
      member,
      0,
      oneHour,
    );
  const minutes = Array.from({ length: 60 }, (_, index) => index);
  t.deepEqual(of('registered'), { values: minutes, unknown: 0 }, 'a second');
  t.deepEqual(
    of('expired').values,
    minutes.map((each) => 60 * each),
    'a minute',
  );
  t.deepEqual(
    of('backlog').values,
    minutes.map((each) => 10 * each),
    'the highest',
  );
  t.deepEqual(
    of('live').values,
    minutes.map((each) => 10 * each),
    'the last',
  );
});

test('chart series › charts of the hour are redrawn once a minute, each with another sample', (t) => {
  const changes = [0, 1, 2, 3, 4, 5].map((phase) => {
    const changed: number[] = [];
    let before = '';
    for (let count = 100; count < 113; count += 1) {
      const series = seriesOf(
        samples(0, count, (index) => index, 10),
        'live',
        phase,
        oneHour,
      );
      const now = JSON.stringify(series);
      if (now !== before && before !== '') changed.push(count % 6);
      before = now;
    }
    return changed;
  });
  t.deepEqual(changes, [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 5],
    [0, 0],
  ]);
});

test('chart series › the hour of a server that just started is unknown except its end', (t) => {
  const of = (count: number) =>
    seriesOf(
      samples(0, count, () => 20, 10),
      'requests',
      0,
      oneHour,
    );
  t.deepEqual(of(6), { values: new Array(60).fill(0), unknown: 60 }, 'the minute is not over');
  t.deepEqual(of(7), { values: new Array(60).fill(2), unknown: 59 });
});

test('chart series › expired and redirected hosts, which are rare, are counts of a bucket', (t) => {
  const seconds = samples(0, 13, (index) => (index === 8 ? 1 : 0));
  for (const member of ['expired', 'redirected'] as const)
    t.deepEqual(seriesOf(seconds, member, 0, fiveMinutes).values.slice(-2), [0, 1]);
  t.deepEqual([oneMinute, fiveMinutes, oneHour].map(bucketText), ['3 s', '6 s', 'minute']);
});

test('chart series › a window takes the newest samples', (t) => {
  const of = (window: typeof oneHour, seconds: number) =>
    samplesIn(
      samples(0, 400, (index) => index, seconds),
      window,
    );
  t.deepEqual([of(fiveMinutes, 1).length, of(fiveMinutes, 1)[0]?.live], [300, 100]);
  t.deepEqual([of(oneHour, 10).length, of(oneHour, 10).at(-1)?.live], [360, 399]);
  t.is(of(oneMinute, 1).length, 60);
});

test('chart series › a scale ends above the highest value in round whole steps', (t) => {
  const cases: [highest: number, steps: number, top: number][] = [
    [0, 2, 2],
    [0.4, 4, 4],
    [2, 2, 4],
    [11, 2, 12],
    [22, 2, 30],
    [37, 4, 40],
    [40, 4, 60],
    [1_234, 4, 1_600],
    [999_999, 2, 1_000_000],
  ];
  for (const [highest, steps, top] of cases) t.is(scaleFor(highest, steps), top, `${highest}`);
});

test('chart series › the top of a scale is written as the library writes the rest', (t) => {
  t.deepEqual([4, 999, 1_600, 1_000_000, 2_500_000_000].map(shortCount), [
    '4',
    '999',
    '1.6k',
    '1m',
    '2.5b',
  ]);
});

test('chart series › a time is in the bucket whose samples span it', (t) => {
  const seconds = samples(0, 13, (index) => index);
  const { values } = seriesOf(seconds, 'live', 0, fiveMinutes);
  const at = (index: number) => bucketAt(seconds[index]?.at ?? 0, seconds, 0, fiveMinutes);
  for (const [index, live] of [
    [0, 5],
    [5, 5],
    [6, 11],
    [11, 11],
  ] as const)
    t.is(values[at(index) ?? -1], live, `${index}`);
  t.is(at(12), 49, 'one that has not ended is shown with the last');
  t.is(bucketAt((seconds[0]?.at ?? 0) - 300_000, seconds, 0, fiveMinutes), null);
});

test('chart series › the window is one minute until there are more samples, then five', (t) => {
  const of = (count: number) => windowFor(samples(0, count, () => 0));
  t.deepEqual(
    [0, 1, 61, 62, 300].map((count) => of(count).seconds),
    [60, 60, 60, 300, 300],
  );
});

test('chart series › labels say how long ago, from the start of the window on', (t) => {
  const shown = ({ labels }: typeof oneMinute) => labels.filter((label) => label !== '');
  t.deepEqual(shown(oneMinute), ['-1m', '-45s', '-30s', '-15s']);
  t.deepEqual(shown(fiveMinutes), ['-5m', '-4m', '-3m', '-2m', '-1m']);
  t.deepEqual(shown(oneHour), ['-1h', '-50m', '-40m', '-30m', '-20m', '-10m']);
  t.deepEqual([oneMinute.labels.length, oneMinute.labels[15]], [oneMinute.buckets, '-15s']);
});

test('chart series › a minute is shown in steps of three seconds', (t) => {
  const { values, unknown } = seriesOf(
    samples(0, 21, (index) => index),
    'live',
    0,
    oneMinute,
  );
  t.is(unknown, 14);
  t.deepEqual(values.slice(14), [2, 5, 8, 11, 14, 17]);
});
