import test from 'ava';
import {
  ago,
  bytes,
  count,
  counted,
  dateTime,
  durationText,
  localZone,
  milliseconds,
  rate,
  size,
  timeOfDay,
  utc,
  zonedTime,
} from '../../../tui/text/format.ts';

function table<T>(name: string, format: (value: T) => string, cases: [T, string][]) {
  test(`format › ${name}`, (t) => {
    for (const [value, expected] of cases) t.is(format(value), expected, String(value));
  });
}

table('a count has its thousands apart', count, [
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1234567, '1,234,567'],
]);
table('a noun agrees with its number', (value: number) => counted(value, 'host'), [
  [0, '0 hosts'],
  [1, '1 host'],
  [1200, '1,200 hosts'],
]);
table('a duration has at most two units', durationText, [
  [-5, '0 s'],
  [999, '0 s'],
  [1_000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [8_040_000, '2 h 14 min'],
  [86_400_000, '1 d'],
  [273_600_000, '3 d 4 h'],
]);
table('how long ago', ago, [
  [-1, 'now'],
  [500, 'now'],
  [12_000, '12 s ago'],
]);
table('a rate keeps the digits that matter', rate, [
  [0, '0'],
  [0.04, '0.0'],
  [0.3, '0.3'],
  [12.34, '12.3'],
  [99.94, '99.9'],
  [99.96, '100'],
  [12_000, '12,000'],
]);
table('memory', bytes, [
  [0, '0 MB'],
  [84.4 * 2 ** 20, '84 MB'],
  [1.5 * 2 ** 30, '1.5 GB'],
]);
table('milliseconds', milliseconds, [
  [0.36, '0.4 ms'],
  [12.4, '12 ms'],
]);

table('a size has as few digits as say how much it is', size, [
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KB'],
  [10_100, '9.9 KB'],
  [10_240, '10 KB'],
  [1_047_551, '1023 KB'],
  [1_048_100, '1 MB'],
  [19_400_000, '19 MB'],
]);

test.serial(
  'format › times are those of one zone, which is named: that of the machine, or UTC',
  (t) => {
    const { TZ } = process.env;
    t.teardown(() => {
      process.env.TZ = TZ;
    });
    const summer = Date.UTC(2026, 6, 1, 12);
    const winter = Date.UTC(2026, 0, 31, 23, 30);
    const shown = (zone: string) => {
      process.env.TZ = zone;
      return [summer, winter].map((at) => zonedTime(at, localZone(summer)));
    };
    t.deepEqual(shown('Europe/Berlin'), [
      '2026-07-01 14:00:00 +02:00',
      '2026-02-01 01:30:00 +02:00',
    ]);
    t.deepEqual(shown('America/St_Johns'), [
      '2026-07-01 09:30:00 -02:30',
      '2026-01-31 21:00:00 -02:30',
    ]);
    t.deepEqual(shown('UTC'), ['2026-07-01 12:00:00 UTC', '2026-01-31 23:30:00 UTC']);
    t.deepEqual(
      [dateTime(winter, utc), timeOfDay(winter, utc)],
      ['2026-01-31 23:30:00', '23:30:00'],
    );
  },
);
