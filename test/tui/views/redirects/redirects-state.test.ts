import test from 'ava';
import type { Redirect } from '../../../../shared/ipc/contract.ts';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/state/console-state.ts';
import type { ListMove } from '../../../../tui/state/list-position.ts';
import { redirectsTop, shownRedirects } from '../../../../tui/views/redirects/redirects-state.ts';
import { fixedDelta, fixedRedirects, fixedSnapshot, fixedTotals } from '../../fixture-data.ts';

/** Rows of the table at 24×80 under totals of two name servers. */
const rows = 12;

function stateWith(redirects: Redirect[]): ConsoleState {
  const size = { columns: 80, rows: 24 };
  const first = firstState({ size, view: 'redirects', readOnly: false, now: 0 });
  const snapshot = { ...fixedSnapshot({ redirects: fixedTotals }), redirects };
  return reduceConsole(first, { type: 'snapshot', snapshot, now: 0 });
}

function scrolled(state: ConsoleState, move: ListMove): ConsoleState {
  return reduceConsole(state, { type: 'redirects-scroll', move });
}

function withNew(state: ConsoleState, redirects: Redirect[]): ConsoleState {
  return reduceConsole(state, { type: 'delta', delta: fixedDelta({ redirects }), now: 1 });
}

const all = fixedRedirects(230);
const seqs = (state: ConsoleState) => state.data?.redirects.map(({ seq }) => seq) ?? [];

test('redirects › are kept newest first, and no more than the daemon keeps', (t) => {
  const state = withNew(stateWith(all.slice(0, 190)), all.slice(190));
  t.deepEqual(
    seqs(state),
    all
      .slice(30)
      .map(({ seq }) => seq)
      .reverse(),
  );
});

test('redirects › at the top new ones come into view, further down the rows stay where they are', (t) => {
  const state = stateWith(all.slice(0, 50));
  t.is(redirectsTop(withNew(state, all.slice(50, 55))), 0);
  const down = scrolled(state, { by: 3 });
  t.is(redirectsTop(down), 3);
  const later = withNew(down, all.slice(50, 55));
  t.is(redirectsTop(later), 8);
  t.is(seqs(later)[8], seqs(down)[3]);
});

test('redirects › scroll by rows, screens and to both ends', (t) => {
  const state = stateWith(all.slice(0, 50));
  t.is(redirectsTop(scrolled(state, { by: -1 })), 0);
  t.is(redirectsTop(scrolled(state, { pages: 1 })), rows - 1);
  const last = scrolled(state, { end: 'last' });
  t.is(redirectsTop(last), 50 - rows);
  t.is(redirectsTop(scrolled(last, { by: 1 })), 50 - rows);
  const first = scrolled(last, { end: 'first' });
  t.is(first.redirects.anchor, null);
});

test('redirects › rows that were dropped meanwhile leave the view at the oldest ones', (t) => {
  const down = scrolled(stateWith(all.slice(0, 20)), { end: 'last' });
  const later = withNew(down, all.slice(20));
  t.is(redirectsTop(later), 200 - rows);
});

test('redirects › a list that fits does not scroll', (t) => {
  t.is(redirectsTop(scrolled(stateWith(all.slice(0, 3)), { end: 'last' })), 0);
  t.is(redirectsTop(scrolled(stateWith([]), { by: 1 })), 0);
});

test('redirects › a filter looks at who asked, the dialect, the target and the reason', (t) => {
  const [first, second] = fixedRedirects(2) as [Redirect, Redirect];
  const all = [
    { ...first, asker: '198.51.100.7:4000', to: '192.0.2.2:4524', why: 'full' as const },
    { ...second, asker: '198.51.100.8:4000', to: '192.0.2.3:4524', why: 'drain' as const },
  ];
  const shown = (text: string) =>
    shownRedirects(reduceConsole(stateWith(all), { type: 'filter', text })).map(({ why }) => why);
  t.deepEqual(shown('100.7'), ['full']);
  t.deepEqual(shown('!full'), ['drain']);
  t.deepEqual(shown('192.0.2.3 drain'), ['drain']);
  t.deepEqual(shown('192.0.2.3 full'), []);
  t.is(shown('').length, 2);
});
