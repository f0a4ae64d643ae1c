import '../../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import { confirmation } from '../../../../tui/state/prompt.ts';
import {
  chosenHosts,
  hiddenMarks,
  maxMarks,
  toggleMark,
  toggleScreen,
  unmark,
} from '../../../../tui/views/hosts/hosts-marks.ts';
import {
  applyPage,
  firstHosts,
  type HostsState,
  moveBy,
  setSort,
  setStale,
  setViewport,
  wantedPage,
} from '../../../../tui/views/hosts/hosts-state.ts';
import { HostsSummary } from '../../../../tui/views/hosts/hosts-view.tsx';
import { linesOf } from '../../drawn-lines.ts';
import { fixedHosts, marksOf } from '../../fixture-data.ts';

/** Brings one page of these rows, whatever was asked for. */
function withRows(state: HostsState, rows: ReturnType<typeof fixedHosts>): HostsState {
  const want = wantedPage(state);
  if (want === null) return state;
  const page = { first: 'first', last: 'last', matched: rows.length, before: 0, revision: 1 };
  return applyPage(state, want, { ...page, rows });
}

const opened = withRows(setViewport(firstHosts, 10), fixedHosts(60));
const address = (index: number) => fixedHosts(60)[index]?.address ?? '';

test('hosts marks › without a mark an action is for the selected host', (t) => {
  t.deepEqual(chosenHosts(moveBy(opened, 4)), [address(4)]);
  t.deepEqual(chosenHosts(firstHosts), []);
});

test('hosts marks › marking goes on to the next row, and marking again unmarks', (t) => {
  const two = toggleMark(toggleMark(opened));
  t.is(two.cursor, 2);
  t.deepEqual(chosenHosts(two), [address(0), address(1)]);
  const one = toggleMark(moveBy(two, -1));
  t.deepEqual(chosenHosts(one), [address(0)]);
});

test('hosts marks › stay with their hosts when rows are sorted, read anew or gone', (t) => {
  const marked = toggleMark(toggleMark(opened));
  const sorted = withRows(setSort(marked, 'nodeId'), fixedHosts(60).reverse());
  const left = withRows(setStale(sorted), fixedHosts(60).slice(1));
  t.deepEqual([...left.marked.keys()], [address(0), address(1)]);
});

test('hosts marks › the whole screen is marked, not what is below it, and unmarked again', (t) => {
  const scrolled = moveBy(opened, 14);
  const marked = toggleScreen(toggleMark(scrolled));
  t.is(marked.top, 6);
  t.deepEqual(
    [...marked.marked.keys()].sort(),
    fixedHosts(60)
      .slice(6, 16)
      .map((host) => host.address)
      .sort(),
  );
  t.is(toggleScreen(marked).marked.size, 0);
});

test('hosts marks › there are never more than the limit', (t) => {
  const almost = Array.from({ length: maxMarks - 1 }, (_, index) => `10.0.0.1:${index + 1}`);
  const full = toggleMark({ ...opened, marked: marksOf(almost) });
  t.is(full.marked.size, maxMarks);
  t.is(toggleMark(full), full);
  t.is(toggleScreen(full), full);
  t.is(toggleMark(moveBy(full, -1)).marked.size, maxMarks - 1, 'a mark can be taken away');
});

test('hosts marks › are taken away one by one, or all', (t) => {
  const marked = toggleMark(toggleMark(opened));
  t.deepEqual([...unmark(marked, [address(0), 'no such mark']).marked.keys()], [address(1)]);
  t.is(unmark(marked).marked.size, 0);
  t.is(unmark(opened), opened);
});

test('hosts marks › how many there are is said however narrow the window', (t) => {
  const many = { ...toggleMark(opened), matched: 1_000_000, filter: 'x'.repeat(90) };
  for (const width of [58, 78, 120]) {
    const [summary = ''] = linesOf(createElement(HostsSummary, { hosts: many, width }), width);
    t.true(summary.length <= width, summary);
    t.true(summary.includes('1 marked'), summary);
  }
});

test('hosts marks › it is known how many of them the filter hides, wherever they are', (t) => {
  const marked = toggleMark(toggleMark(toggleMark(opened)));
  t.is(hiddenMarks(marked), 0);
  const [one] = marked.marked.values();
  t.is(hiddenMarks({ ...marked, filter: one?.address ?? '' }), 2);
  t.is(hiddenMarks({ ...marked, filter: 'LIVE node' }), 0);
  t.is(hiddenMarks({ ...marked, filter: '!live' }), 3);
  t.is(hiddenMarks({ ...marked, filter: 'nobody' }), 3);
});

test('hosts marks › the question before a removal names the hosts, and how many are hidden', (t) => {
  const addresses = [1, 2, 3, 4, 5].map((port) => `10.0.0.1:${port}`);
  t.deepEqual(confirmation({ action: 'remove', addresses, hidden: 2 }), {
    word: 'remove 5',
    question:
      'type remove 5 to remove 5 marked hosts, 2 hidden by the filter (10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3 and 2 more): ',
  });
  t.deepEqual(confirmation({ action: 'remove', addresses: ['10.0.0.1:1'], hidden: 1 }), {
    word: 'remove',
    question: 'type remove to remove 10.0.0.1:1, 1 hidden by the filter: ',
  });
});
