// The Redirects view's state: how far the list, newest first, is scrolled. New redirects come in at
// the top; whoever has scrolled away from there keeps the rows on the screen where they are.
import type { Redirect } from '../../../shared/ipc/contract.ts';
import type { ConsoleState } from '../../state/console-state.ts';
import type { ListMove } from '../../state/list-position.ts';
import { filteredRedirects } from '../../text/redirecting.ts';
import { redirectsLayout } from './redirects-layout.ts';

export interface RedirectsState {
  /** number of the redirect in the topmost row; null follows the newest */
  anchor: number | null;
  /** words that must occur in what a row shows; `!word` must not */
  filter: string;
}

export const firstRedirects: RedirectsState = { anchor: null, filter: '' };

/** Which row of the list is on top of the screen, as it fits the window. */
export function redirectsTop(state: ConsoleState): number {
  const list = shownRedirects(state);
  const { anchor } = state.redirects;
  const lowest = Math.max(0, list.length - redirectsLayout(state).tableRows);
  if (anchor === null) return 0;
  const row = list.findIndex(({ seq }) => seq <= anchor);
  return row < 0 ? lowest : Math.min(row, lowest);
}

export function scrollRedirects(state: ConsoleState, move: ListMove): RedirectsState {
  const list = shownRedirects(state);
  const { tableRows } = redirectsLayout(state);
  const lowest = Math.max(0, list.length - tableRows);
  const top = redirectsTop(state);
  const wanted =
    'end' in move
      ? move.end === 'first'
        ? 0
        : lowest
      : top + ('by' in move ? move.by : move.pages * Math.max(1, tableRows - 1));
  const row = Math.max(0, Math.min(lowest, wanted));
  return { ...state.redirects, anchor: row === 0 ? null : (list[row]?.seq ?? null) };
}

/** Those that pass the filter, newest first. */
export function shownRedirects({ data, redirects }: ConsoleState): readonly Redirect[] {
  return filteredRedirects(data?.redirects ?? [], redirects.filter);
}
