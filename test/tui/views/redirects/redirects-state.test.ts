import test from 'ava';
import type { Redirect } from '../../../../shared/ipc/status-contract.ts';
import {
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import type { ListMove } from '../../../../tui/state/list-position.ts';
import {
  moveRedirects,
  redirectsPosition,
  selectedRedirect,
  shownRedirects,
} from '../../../../tui/views/redirects/redirects-state.ts';
import { fixedDelta, fixedRedirects, fixedSnapshot, fixedTotals } from '../../fixture-data.ts';

/** Rows of the table at 24×80 under totals of two name servers. */
const rows = 12;

function stateWith(redirects: Redirect[]): ConsoleState {
  const size = { columns: 80, rows: 24 };
  const first = firstState({ size, view: 'redirects', readOnly: false, now: 0 });
  const snapshot = { ...fixedSnapshot({ redirects: fixedTotals }), redirects };
  return reduceConsole(first, { type: 'snapshot', snapshot, now: 0 });
}

function moved(state: ConsoleState, move: ListMove): ConsoleState {
  return reduceConsole(state, {
    type: 'redirects',
    change: (_, state) => moveRedirects(state, move),
  });
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

test('redirects › the newest are followed until one is selected, then the rows stay', (t) => {
  const state = stateWith(all.slice(0, 50));
  t.deepEqual(redirectsPosition(withNew(state, all.slice(50, 55))), { top: 0, cursor: null });
  t.is(selectedRedirect(state), null);
  const down = moved(state, { by: 1 });
  t.deepEqual(redirectsPosition(down), { top: 0, cursor: 0 });
  t.is(selectedRedirect(down), all[49]);
  const later = withNew(down, all.slice(50, 55));
  t.deepEqual(redirectsPosition(later), { top: 5, cursor: 5 });
  t.is(selectedRedirect(later), all[49]);
  t.deepEqual(redirectsPosition(moved(later, { by: -1 })), { top: 4, cursor: 4 });
});

test('redirects › up from the first row, or to it, follows the newest again', (t) => {
  const down = moved(stateWith(all.slice(0, 50)), { by: 1 });
  for (const move of [{ by: -1 }, { end: 'first' }] as const)
    t.deepEqual(redirectsPosition(withNew(moved(down, move), all.slice(50, 55))), {
      top: 0,
      cursor: null,
    });
});

test('redirects › are moved through by rows, screens and to both ends', (t) => {
  const state = stateWith(all.slice(0, 50));
  t.deepEqual(redirectsPosition(moved(state, { by: -1 })), { top: 0, cursor: null });
  t.deepEqual(redirectsPosition(moved(state, { by: 3 })), { top: 0, cursor: 2 });
  t.deepEqual(redirectsPosition(moved(state, { pages: 1 })), { top: rows - 1, cursor: rows - 1 });
  const last = moved(state, { end: 'last' });
  t.deepEqual(redirectsPosition(last), { top: 50 - rows, cursor: 49 });
  t.deepEqual(redirectsPosition(moved(last, { by: 1 })), { top: 50 - rows, cursor: 49 });
});

test('redirects › rows that were dropped meanwhile leave the view at the oldest ones', (t) => {
  const down = moved(stateWith(all.slice(0, 20)), { end: 'last' });
  const later = withNew(down, all.slice(20));
  t.deepEqual(redirectsPosition(later), { top: 200 - rows, cursor: 199 });
});

test('redirects › without any, or with none that passes, nothing is selected', (t) => {
  t.deepEqual(redirectsPosition(moved(stateWith([]), { by: 1 })), { top: 0, cursor: null });
  const down = moved(stateWith(all.slice(0, 3)), { end: 'last' });
  t.deepEqual(redirectsPosition(down), { top: 0, cursor: 2 });
  const none = reduceConsole(down, { type: 'filter', text: 'nobody' });
  t.is(selectedRedirect(none), null);
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
