import test from 'ava';
import { firstState } from '../../../tui/console/console-state.ts';
import { filterOf } from '../../../tui/console/filters.ts';
import { opened } from '../../../tui/console/opening.ts';
import { viewNames } from '../../../tui/state/views.ts';

const size = { columns: 80, rows: 24 };

test('opening › the filter is that of the view, and of no other', (t) => {
  for (const view of viewNames) {
    const first = firstState({ size, view, readOnly: false, now: 0 });
    const state = opened(first, { filter: 'a !b' });
    const found = viewNames.filter((each) => filterOf({ ...state, view: each }) !== '');
    t.deepEqual(found, filterOf(state) === '' ? [] : [view]);
  }
});

test('opening › sort and level are there when their view is gone to', (t) => {
  const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });
  const sort = { by: 'lastSeen', descending: true } as const;
  const { hosts, log } = opened(first, { sort, level: 'warn' });
  t.deepEqual(hosts.sort, sort);
  t.is(log.level, 'warn');
  t.deepEqual(opened(first, {}), first);
});
