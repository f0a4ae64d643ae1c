import '../../../fixture/production.ts';
import test from 'ava';
import { createElement } from 'react';
import type { Host } from '../../../../shared/ipc/contract.ts';
import { Dialog } from '../../../../tui/components/dialog.tsx';
import { confirmation } from '../../../../tui/state/confirmation.ts';
import {
  chosenHosts,
  hiddenMarks,
  markTexts,
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
    const [summary = ''] = linesOf(
      createElement(HostsSummary, { hosts: { ...many, isLoaded: true } }),
      width,
    );
    t.true(summary.length <= width, summary);
    t.true(summary.includes('1 marked'), summary);
  }
});

test('hosts marks › it is known how many of them the filter hides, wherever they are', (t) => {
  const marked = toggleMark(toggleMark(toggleMark(opened)));
  t.is(hiddenMarks(marked).length, 0);
  const [one] = marked.marked.values();
  t.is(hiddenMarks({ ...marked, filter: one?.address ?? '' }).length, 2);
  t.is(hiddenMarks({ ...marked, filter: 'LIVE node' }).length, 0);
  t.is(hiddenMarks({ ...marked, filter: '!live' }).length, 3);
  t.is(hiddenMarks({ ...marked, filter: 'nobody' }).length, 3);
});

test('hosts marks › the question before a removal says how many there are, and how many are hidden', (t) => {
  const addresses = [1, 2, 3, 4, 5].map((port) => `10.0.0.1:${port}`);
  t.deepEqual(confirmation({ action: 'remove', addresses, hidden: 2 }), {
    title: 'Remove 5 hosts, 2 of them hidden by the filter?',
    outcome: 'Each returns if its node registers again.',
    word: 'remove 5',
  });
  t.deepEqual(confirmation({ action: 'remove', addresses: ['10.0.0.1:1'], hidden: 1 }), {
    title: 'Remove 10.0.0.1:1, hidden by the filter?',
    outcome: 'It returns if its node registers again.',
    word: 'remove',
  });
});

test('hosts marks › a removal lists every host, those that the filter hides first', (t) => {
  const marked = toggleMark(toggleMark(toggleMark(opened)));
  const [first, second, third] = [...marked.marked.values()] as [Host, Host, Host];
  t.deepEqual(markTexts({ ...marked, filter: second.address }), [
    `${first.address} (${first.nodeId}), hidden by the filter`,
    `${third.address} (${third.nodeId}), hidden by the filter`,
    `${second.address} (${second.nodeId})`,
  ]);
  t.deepEqual(markTexts(toggleMark(opened)), [], 'the title names the only one');
});

test('dialog › what has no room is counted, and what follows is always said', (t) => {
  const hits = [1, 2, 3, 4, 5, 6].map((port) => `10.0.0.1:${port} (node-${port})`);
  const shown = (rows: number) =>
    linesOf(
      createElement(Dialog, { title: 'Remove?', outcome: 'They return.', hits, width: 40, rows }),
      40,
    );
  t.deepEqual(shown(5), [
    'Remove? ────────────────────────────────',
    '  10.0.0.1:1 (node-1)',
    '  10.0.0.1:2 (node-2)',
    '  and 4 more',
    'They return.',
  ]);
  t.is(shown(8).length, 8);
  t.false(shown(8).join().includes('more'));
});
