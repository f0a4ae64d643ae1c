import test from 'ava';
import { fiveMinutes, oneHour, oneMinute } from '../../../../tui/charts/series.ts';
import { firstState, reduceConsole } from '../../../../tui/console/console-state.ts';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import type { ListMove } from '../../../../tui/state/list-position.ts';
import {
  chartedSpan,
  firstOverview,
  moveActivity,
  moveMoment,
  selectedActivity,
  shownActivity,
  turnPage,
  turnSpan,
} from '../../../../tui/views/overview/overview-state.ts';
import { fixedSamples, fixedSnapshot } from '../../fixture-data.ts';

test('overview › the charts are of the last minutes, of the last hour, and of the minutes again', (t) => {
  const data = dataFromSnapshot(fixedSnapshot(), 0);
  const hour = turnSpan(firstOverview);
  t.deepEqual(chartedSpan(firstOverview, data), { window: fiveMinutes, samples: data.samples });
  t.deepEqual(chartedSpan(hour, data), { window: oneHour, samples: data.hourSamples });
  t.deepEqual(turnSpan(hour), firstOverview);
});

test('overview › of a server that just started the last minute is shown', (t) => {
  const data = dataFromSnapshot({ ...fixedSnapshot(), samples: fixedSamples(20) }, 0);
  t.is(chartedSpan(firstOverview, data).window, oneMinute);
});

test('overview › after the last page of charts comes the first, also in a window with fewer pages', (t) => {
  const turned = (from: number, pages: number) =>
    turnPage({ ...firstOverview, page: from }, pages).page;
  t.deepEqual([turned(0, 3), turned(1, 3), turned(2, 3), turned(6, 3)], [1, 2, 0, 1]);
});

test('overview › the first step selects the newest event, up from it none, and it stays selected', (t) => {
  const size = { columns: 80, rows: 24 };
  const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });
  const data = dataFromSnapshot(fixedSnapshot(), 0);
  const seqs: (number | null)[] = data.activity.map(({ seq }) => seq);
  let state = { ...first, data };
  const moved = (move: ListMove) => {
    state = {
      ...reduceConsole(state, {
        type: 'overview',
        change: (_, state) => moveActivity(state, move),
      }),
      data,
    };
    return selectedActivity(state)?.seq ?? null;
  };
  t.is(moved({ by: -1 }), null);
  t.is(moved({ by: 1 }), seqs[0]);
  t.is(moved({ by: 1 }), seqs[1]);
  t.is(moved({ end: 'last' }), seqs.at(-1) ?? null);
  t.is(moved({ end: 'first' }), seqs[0]);
  t.is(moved({ by: -1 }), null);
  moved({ by: 1 });
  const more = {
    ...data,
    calmActivity: { at: 0, lines: [{ ...data.activity[0], seq: 999 }, ...data.activity] },
  };
  t.is(selectedActivity({ ...state, data: more as typeof data })?.seq ?? null, seqs[0] ?? null);
});

test('overview › a time that is looked at stays, stops at the first sample, and ends with now', (t) => {
  const size = { columns: 80, rows: 24 };
  const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });
  const data = dataFromSnapshot(fixedSnapshot(), 0);
  const last = data.samples.at(-1)?.at ?? 0;
  let state = { ...first, data };
  const back = (buckets: number) => {
    state = {
      ...reduceConsole(state, {
        type: 'overview',
        change: (_, state) => moveMoment(state, buckets),
      }),
      data,
    };
    const { moment } = state.overview;
    return moment === null ? null : (moment - last) / 1_000;
  };
  t.deepEqual([back(-1), back(-1), back(1), back(1)], [-6, -12, -6, null]);
  t.deepEqual([back(-1_000), back(1)], [-294, -288], 'within what is charted');
  const events = shownActivity({ ...state.overview, moment: data.activity[2]?.at ?? 0 }, data);
  t.deepEqual(events, data.activity.slice(2), 'the events until then');
  const hour = { ...state, overview: turnSpan(state.overview) };
  t.is(hour.overview.moment, null);
  const minutes = reduceConsole(hour, {
    type: 'overview',
    change: (_, state) => moveMoment(state, -1),
  }).overview.moment;
  t.is((minutes ?? 0) - (data.hourSamples.at(-1)?.at ?? 0), -60_000);
});
