// The Redirects view's state: where the operator stands in the list, newest first. New redirects come in at
// the top and are followed until the operator selects one; then the rows on the screen stay where they are.

import type { Redirect } from '../../../shared/ipc/status-contract.ts';
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';
import { type ListMove, type ListPosition, moved, settled } from '../../state/list-position.ts';
import { filteredRedirects } from '../../text/redirecting.ts';

interface RedirectsState {
  /** number of the redirect in the topmost row; null follows the newest */
  anchor: number | null;
  /** number of the selected redirect; null: none is */
  selected: number | null;
  /** words that must occur in what a row shows; `!word` must not */
  filter: string;
}

export interface WithRedirects extends CommonState {
  redirects: RedirectsState;
}

export const firstRedirects: RedirectsState = { anchor: null, selected: null, filter: '' };

/** Row on top and selected row, as they fit the window; no row is selected while the newest are followed. */
export function redirectsPosition(state: WithRedirects): { top: number; cursor: number | null } {
  const { anchor, selected } = state.redirects;
  const size = sizeOf(state);
  const top = anchor === null ? 0 : rowOf(state, anchor);
  if (selected !== null && size.rows > 0)
    return settled({ top, cursor: rowOf(state, selected) }, size);
  return { top: Math.min(top, Math.max(0, size.rows - size.viewport)), cursor: null };
}

export function selectedRedirect(state: WithRedirects): Redirect | null {
  const { cursor } = redirectsPosition(state);
  return cursor === null ? null : (shownRedirects(state)[cursor] ?? null);
}

/** Up from the first row, or to it, follows the newest again. */
export function moveRedirects(state: WithRedirects, move: ListMove): RedirectsState {
  const size = sizeOf(state);
  const { top, cursor } = redirectsPosition(state);
  const isFirst = 'end' in move && move.end === 'first';
  const isAbove = (cursor ?? top) === 0 && 'by' in move && move.by < 0;
  if (size.rows === 0 || isFirst || isAbove)
    return { ...state.redirects, anchor: null, selected: null };
  // Where none is selected, the first step down selects the topmost.
  const next =
    cursor === null && 'by' in move
      ? settled({ top, cursor: top + move.by - 1 }, size)
      : moved({ top, cursor: cursor ?? top }, move, size);
  return stand(state, next);
}

/** Those that pass the filter, newest first. */
export function shownRedirects({ data, redirects }: WithRedirects): readonly Redirect[] {
  return filteredRedirects(data?.redirects ?? [], redirects.filter);
}

function stand(state: WithRedirects, { top, cursor }: ListPosition): RedirectsState {
  const list = shownRedirects(state);
  return {
    ...state.redirects,
    anchor: list[top]?.seq ?? null,
    selected: list[cursor]?.seq ?? null,
  };
}

/** Of the redirect with that number, or of the next older one; the last row when there is none. */
function rowOf(state: WithRedirects, seq: number): number {
  const list = shownRedirects(state);
  const row = list.findIndex((redirect) => redirect.seq <= seq);
  return row < 0 ? Math.max(0, list.length - 1) : row;
}

function sizeOf(state: WithRedirects) {
  return { rows: shownRedirects(state).length, viewport: redirectsLayout(state).tableRows };
}

/** Blank line, summary, mode, blank line, column titles. */
const headRows = 5;
/** Totals under the table: a rule, the title, and so many name servers. */
const shownBelow = 4;
/** Enough of the table to see where one is. */
const minTableRows = 2;

export function redirectsLayout(state: CommonState): AsideLayout {
  const targets = state.data?.status.redirects.targets.length ?? 0;
  return asideLayout(state, headRows, (free) =>
    targets === 0 ? 0 : Math.min(2 + Math.min(targets, shownBelow), free - minTableRows),
  );
}
