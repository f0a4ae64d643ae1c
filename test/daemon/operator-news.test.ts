import test from 'ava';
import { Summary } from '../../daemon/operator-news.ts';
import { createCounters } from '../../shared/counters.ts';

function setUp() {
  const counters = createCounters();
  const lines: unknown[] = [];
  const log = { warn: (...line: unknown[]) => lines.push(line) };
  return { counters, lines, summary: new Summary(counters, log as never) };
}

test('summary › the first failures are reported at once, by name and number', (t) => {
  const { counters, lines, summary } = setUp();
  summary.tick(1_000);
  t.deepEqual(lines, []);
  Object.assign(counters, { queries: 10, malformed: 2, busy: 1 });
  summary.tick(2_000);
  t.deepEqual(lines, [
    [{ malformed: 2, busy: 1 }, 'requests failed: 2 malformed; 1 refused: backlog full'],
  ]);
});

test('summary › nodes that were told to come back because too many are new are among them', (t) => {
  const { counters, lines, summary } = setUp();
  counters.tooManyNew = 7;
  summary.tick(1_000);
  t.deepEqual(lines, [
    [
      { tooManyNew: 7 },
      'requests failed: 7 told to come back: too many new hosts of a source or network',
    ],
  ]);
});

test('summary › continuing failures are reported once a minute, each time the new ones', (t) => {
  const { counters, lines, summary } = setUp();
  for (let now = 0; now <= 120_000; now += 1_000) {
    counters.malformed++;
    summary.tick(now);
  }
  t.deepEqual(lines, [
    [{ malformed: 1 }, 'requests failed: 1 malformed'],
    [{ malformed: 60 }, 'requests failed: 60 malformed'],
    [{ malformed: 60 }, 'requests failed: 60 malformed'],
  ]);
});

test('summary › after a quiet minute the next failure is reported at once', (t) => {
  const { counters, lines, summary } = setUp();
  counters.busy = 1;
  summary.tick(0);
  summary.tick(60_000);
  counters.timedOut = 3;
  summary.tick(90_500);
  t.deepEqual(lines, [
    [{ busy: 1 }, 'requests failed: 1 refused: backlog full'],
    [{ timedOut: 3 }, 'requests failed: 3 timed out'],
  ]);
});

test('summary › answered requests are not reported', (t) => {
  const { counters, lines, summary } = setUp();
  Object.assign(counters, { connections: 5, queries: 5, registered: 5, left: 1, commits: 9 });
  summary.tick(1_000);
  t.deepEqual(lines, []);
});
