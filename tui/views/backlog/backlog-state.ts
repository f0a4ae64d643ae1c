// The Backlog view's state: who is in the backlog as the daemon last reported it, and where the operator stands
// in the list. It changes from one second to the next, so the selection is a connection, not a row; when
// the connection is gone, it goes to whoever has the row then.

import type { Backlog, BacklogEntry } from '../../../shared/ipc/contract.ts';
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';
import { type ListMove, type ListPosition, moved, settled } from '../../state/list-position.ts';
import { filteredBacklog } from '../../text/backlog.ts';

export interface BacklogState {
  /** null: not reported yet, or too long ago */
  list: Backlog | null;
  /** why the daemon does not report it; null: it does */
  failure: string | null;
  /** id of the selected connection; null until the operator moves: whoever waits longest */
  selected: string | null;
  /** the row it was last in */
  row: number;
  top: number;
  /** words that must occur in what a row shows; `!word` must not */
  filter: string;
}

export interface WithBacklog extends CommonState {
  backlog: BacklogState;
}

export const firstBacklog: BacklogState = {
  list: null,
  failure: null,
  selected: null,
  row: 0,
  top: 0,
  filter: '',
};

export function takeBacklog(state: BacklogState, list: Backlog): BacklogState {
  const taken = { ...state, list, failure: null };
  if (state.selected === null) return taken;
  const shown = filteredBacklog(list.entries, state.filter);
  const row = shown.findIndex(({ id }) => id === state.selected);
  if (row >= 0) return { ...taken, row };
  const instead = shown[Math.min(state.row, shown.length - 1)];
  return { ...taken, selected: instead?.id ?? null };
}

/** Forgets the report: it is too old, or from a daemon that knows other connections now. */
export function forgetBacklog(state: BacklogState): BacklogState {
  return state.list === null && state.failure === null
    ? state
    : { ...state, list: null, failure: null };
}

export function shownBacklog({ backlog }: WithBacklog): readonly BacklogEntry[] {
  return filteredBacklog(backlog.list?.entries ?? [], backlog.filter);
}

/** Row on top and selected row, as they fit the window and the connections there are now. */
export function backlogPosition(state: WithBacklog): ListPosition {
  return settled(position(state), sizeOf(state));
}

export function selectedConnection(state: WithBacklog): BacklogEntry | null {
  return shownBacklog(state)[backlogPosition(state).cursor] ?? null;
}

export function moveBacklog(state: WithBacklog, move: ListMove): BacklogState {
  const { top, cursor } = moved(position(state), move, sizeOf(state));
  const selected = shownBacklog(state)[cursor]?.id ?? null;
  return { ...state.backlog, top, row: cursor, selected };
}

function position(state: WithBacklog): ListPosition {
  const { selected, row, top } = state.backlog;
  if (selected === null) return { top, cursor: 0 };
  const cursor = shownBacklog(state).findIndex(({ id }) => id === selected);
  return { top, cursor: cursor < 0 ? row : cursor };
}

function sizeOf(state: WithBacklog) {
  return { rows: shownBacklog(state).length, viewport: backlogLayout(state).tableRows };
}

/** Blank line, summary, other connections, what is missing or a blank line, column titles. */
const headRows = 5;

export function backlogLayout(state: CommonState): AsideLayout {
  return asideLayout(state, headRows, () => 0);
}
