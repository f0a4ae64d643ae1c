import test from 'ava';
import { createCounters } from '../../../daemon/core/counters.ts';
import { History } from '../../../daemon/core/history.ts';
import { activityHistory, sampleHistory } from '../../../shared/ipc/contract.ts';

test('history › a sample counts what happened since the one before', (t) => {
  const history = new History();
  const counters = createCounters();
  Object.assign(counters, { registered: 3, queries: 3, alives: 2, leaves: 1, pings: 4 });
  history.sample(1_000, 3, 7, counters);
  Object.assign(counters, { registered: 4, queries: 5 });
  history.sample(2_000, 4, 0, counters);
  history.sample(3_000, 4, 0, counters);
  t.deepEqual(history.samples, [
    { at: 1_000, live: 3, registered: 3, requests: 10, backlog: 7 },
    { at: 2_000, live: 4, registered: 1, requests: 2, backlog: 0 },
    { at: 3_000, live: 4, registered: 0, requests: 0, backlog: 0 },
  ]);
  t.deepEqual(
    history.samplesAfter(1_000).map((sample) => sample.at),
    [2_000, 3_000],
  );
});

test('history › both rings keep the latest and forget the oldest', (t) => {
  const history = new History();
  const counters = createCounters();
  for (let i = 1; i <= sampleHistory + 5; i++) history.sample(i, i, 0, counters);
  for (let i = 1; i <= activityHistory + 5; i++) history.add(i, 'registered', null, `${i}`);
  t.deepEqual([history.samples.length, history.samples[0]?.at], [sampleHistory, 6]);
  t.deepEqual([history.activity.length, history.activity[0]?.seq], [activityHistory, 6]);
  t.is(history.lastSeq, activityHistory + 5);
});

test('history › the number of an activity tells a reader what it missed', (t) => {
  const history = new History();
  history.add(1, 'registered', '10.0.0.1:4000', 'first');
  history.add(2, 'left', '10.0.0.1:4000', 'second');
  t.deepEqual(history.activityAfter(1), [
    { seq: 2, at: 2, kind: 'left', address: '10.0.0.1:4000', text: 'second' },
  ]);
  t.deepEqual(history.activityAfter(2), []);
});
