import test from 'ava';
import { keptRedirects } from '../../../../daemon/clients/request-handler.ts';
import {
  History,
  keptActivity,
  keptHourSamples,
  keptSamples,
  RingBuffer,
  secondsPerHourSample,
} from '../../../../daemon/core/stats/history.ts';
import { keptLines } from '../../../../daemon/core/stats/recent-log.ts';
import { counterNames, createCounters } from '../../../../shared/counters.ts';
import { logHistory } from '../../../../shared/ipc/log-contract.ts';
import * as contract from '../../../../shared/ipc/status-contract.ts';

test("stats › the limits are those of the consoles' contract", (t) => {
  t.deepEqual(
    [keptSamples, secondsPerHourSample, keptHourSamples, keptActivity, keptLines, keptRedirects],
    [
      contract.sampleHistory,
      contract.hourSampleSeconds,
      contract.hourSampleHistory,
      contract.activityHistory,
      logHistory,
      contract.redirectHistory,
    ],
  );
});

test('counters › every counter starts at zero', (t) => {
  t.deepEqual(Object.keys(createCounters()), [...counterNames]);
  t.deepEqual(new Set(Object.values(createCounters())), new Set([0]));
});

test('history › a sample has the counts since the sample before it', (t) => {
  const history = new History();
  const counters = createCounters();
  Object.assign(counters, { registered: 3, queries: 3, alives: 2, leaves: 1, pings: 4 });
  history.sample(1_000, 3, 7, counters);
  Object.assign(counters, { registered: 4, queries: 5, expired: 2, redirected: 9 });
  history.sample(2_000, 2, 0, counters);
  history.sample(3_000, 2, 0, counters);
  const quiet = { registered: 0, requests: 0, expired: 0, redirected: 0, backlog: 0 };
  t.deepEqual(history.samples.after(0), [
    { ...quiet, seq: 1, at: 1_000, live: 3, registered: 3, requests: 10, backlog: 7 },
    { ...quiet, seq: 2, at: 2_000, live: 2, registered: 1, requests: 2, expired: 2, redirected: 9 },
    { ...quiet, seq: 3, at: 3_000, live: 2 },
  ]);
});

test('history › refusals are counted for a minute, by what was full', (t) => {
  const history = new History();
  const counters = createCounters();
  const second = () => history.sample(0, 0, 0, counters);
  Object.assign(counters, { busy: 3, registryFull: 1 });
  second();
  t.deepEqual(history.refusedLately(), { backlog: 3, registry: 1 });
  counters.busy += 4;
  for (let i = 0; i < 59; i++) second();
  t.deepEqual(history.refusedLately(), { backlog: 7, registry: 1 });
  second();
  t.deepEqual(history.refusedLately(), { backlog: 4, registry: 0 });
  second();
  t.deepEqual(history.refusedLately(), { backlog: 0, registry: 0 });
});

test('history › a sample of the hour sums its seconds, with the highest backlog and the last number of live hosts', (t) => {
  const history = new History();
  const counters = createCounters();
  const seconds = 2 * secondsPerHourSample + 1;
  for (let i = 1; i <= seconds; i++) {
    counters.registered += i;
    counters.pings += 2;
    counters.expired += i % 2;
    counters.redirected += 3;
    history.sample(i * 1_000, 100 + i, i === 4 ? 50 : i, counters);
  }
  t.deepEqual(history.hourSamples.after(0), [
    {
      ...{ seq: 1, at: 10_000, live: 110, backlog: 50 },
      ...{ registered: 55, requests: 20, expired: 5, redirected: 30 },
    },
    {
      ...{ seq: 2, at: 20_000, live: 120, backlog: 20 },
      ...{ registered: 155, requests: 20, expired: 5, redirected: 30 },
    },
  ]);
});

test('history › it keeps five minutes of seconds and an hour of ten seconds', (t) => {
  const history = new History();
  const counters = createCounters();
  const hour = 3_600;
  for (let i = 1; i <= hour + secondsPerHourSample; i++) history.sample(i * 1_000, i, 0, counters);
  const ends = (samples: readonly { at: number }[]) => [
    samples.length,
    samples[0]?.at,
    samples.at(-1)?.at,
  ];
  t.deepEqual(ends(history.samples.after(0)), [keptSamples, 3_311_000, 3_610_000]);
  t.deepEqual(ends(history.hourSamples.after(0)), [keptHourSamples, 20_000, 3_610_000]);
});

test('history › a clock that is set back hides no sample from a reader', (t) => {
  const history = new History();
  history.sample(7_200_000, 1, 0, createCounters());
  history.sample(3_600_000, 2, 0, createCounters());
  t.deepEqual(
    history.samples.after(1).map(({ at }) => at),
    [3_600_000],
  );
});

test('history › a reader gets the events after the number that it has', (t) => {
  const history = new History();
  history.add(1, 'registered', '10.0.0.1:4000', 'first');
  history.add(2, 'left', '10.0.0.1:4000', 'second');
  t.deepEqual(history.activity.after(1), [
    { seq: 2, at: 2, kind: 'left', address: '10.0.0.1:4000', text: 'second' },
  ]);
  t.deepEqual(history.activity.after(2), []);
});

test('history › a busy source does not push out the events of others or of the server', (t) => {
  const history = new History();
  history.add(1_000, 'storage', null, 'the registry cannot be written');
  history.addOf('192.0.2.7', { mono: 0, wall: 2_000 }, 'refused', '192.0.2.7', 'malformed');
  for (let i = 0; i < 10_000; i++) {
    const now = { mono: i, wall: 3_000 + i };
    history.addOf('192.0.2.1', now, i % 2 ? 'left' : 'registered', '192.0.2.1:4000', 'native');
  }
  const kept = history.activity.after(0);
  t.deepEqual(
    kept.slice(0, 2).map(({ kind }) => kind),
    ['storage', 'refused'],
  );
  t.is(kept.length, 2 + keptActivity / 4);
  history.addOf('192.0.2.1', { mono: 20_000, wall: 20_000 }, 'left', '192.0.2.1:4000', 'native');
  t.is(history.activity.after(0).length, 3 + keptActivity / 4, 'some of it comes back');
});

function bufferOf(limit: number, count: number): RingBuffer<{ seq: number; name: string }> {
  const buffer = new RingBuffer<{ seq: number; name: string }>(limit);
  for (let i = 1; i <= count; i++) buffer.add({ name: `no. ${i}` });
  return buffer;
}

test('ring buffer › entries are numbered from 1 on and read oldest first', (t) => {
  t.deepEqual(bufferOf(3, 0).after(0), []);
  t.deepEqual(bufferOf(3, 2).after(0), [
    { seq: 1, name: 'no. 1' },
    { seq: 2, name: 'no. 2' },
  ]);
});

test('ring buffer › one entry more than the limit drops the oldest', (t) => {
  const seqs = (count: number) =>
    bufferOf(3, count)
      .after(0)
      .map(({ seq }) => seq);
  t.deepEqual([3, 4, 9].map(seqs), [
    [1, 2, 3],
    [2, 3, 4],
    [7, 8, 9],
  ]);
});

test('ring buffer › a reader gets the entries after the number that it has, as far as they are kept', (t) => {
  const buffer = bufferOf(3, 9);
  const cases: [known: number, missing: number[]][] = [
    [0, [7, 8, 9]],
    [5, [7, 8, 9]],
    [6, [7, 8, 9]],
    [7, [8, 9]],
    [9, []],
  ];
  for (const [known, missing] of cases)
    t.deepEqual(
      buffer.after(known).map(({ seq }) => seq),
      missing,
      `${known}`,
    );
  t.is(buffer.total, 9);
});
