import '../../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import { dataFromSnapshot } from '../../../../tui/state/daemon-data.ts';
import { CounterList } from '../../../../tui/views/overview/counters.tsx';
import { linesOf } from '../../drawn-lines.ts';
import { fixedSnapshot } from '../../fixture-data.ts';

test('counters › however large, a number has a blank before it, and small ones give way', (t) => {
  const snapshot = fixedSnapshot();
  for (const refreshed of [0, 11_692, 1_234_567, 123_456_789]) {
    Object.assign(snapshot.status.counters, { refreshed });
    const data = dataFromSnapshot(snapshot, 0);
    const lines = linesOf(createElement(CounterList, { data, width: 34, rows: 6 }), 34);
    const line = lines.find((each) => each.startsWith('refres')) ?? '';
    t.true(line.split(/\s+/).includes(refreshed.toLocaleString('en')), line);
    t.is(line.startsWith('refreshed '), refreshed < 1e8, line);
  }
});
