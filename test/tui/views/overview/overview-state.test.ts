import test from 'ava';
import { fiveMinutes, oneHour, oneMinute } from '../../../../tui/charts/series.ts';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import {
  chartedSpan,
  firstOverview,
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
