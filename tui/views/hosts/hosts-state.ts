// The Hosts view's state: a few pages of a table that may have a million rows, and where the operator
// stands in it. Pure: it says which page it wants next (`wantedPage`), and whoever talks to the
// daemon brings it (`applyPage`). Row numbers count from the first row that matches the filter.
// Invariant: `pages` are contiguous, and `selected` is the address of row `cursor` if that is loaded.

import {
  type Host,
  type HostColumn,
  type HostsPage,
  maxFilterLength,
  type PageQuery,
} from '../../../shared/ipc/contract.ts';
import { type AsideLayout, asideLayout, bodyRows } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';
import { clamp, rowsOf } from '../../state/list-position.ts';

/** Rows of one page: finding a page costs the daemon more than its rows do, so it is several screens;
 * 250 rows are about 40 KB. */
const minPageRows = 250;
const screensPerPage = 3;
/** Pages kept; with the screen in the middle one, moving on never waits. */
const keptPages = 3;
/** Most rows fetched to renew what is loaded. */
const maxRefreshRows = 1_000;

interface Slice {
  rows: readonly Host[];
  first: string;
  last: string;
}

type Goal = 'query' | 'first' | 'last' | 'refresh';

export interface HostsState {
  filter: string;
  sort: { by: HostColumn; descending: boolean };
  pages: readonly Slice[];
  /** number of the first loaded row */
  before: number;
  matched: number;
  /** of the registry when it was last read; null before the first page */
  revision: number | null;
  /** the console's monotonic clock when what is loaded was last asked for as a whole */
  readAt: number | null;
  /** what must be read anew, apart from pages that are missing at the edges */
  goal: Goal | null;
  /** what the daemon was asked for and has not answered yet */
  asked: Want['kind'] | null;
  /** grows with every change of the question, so that a late answer to an old one is known */
  generation: number;
  /** number of the topmost visible row, of the selected one, and the latter's address */
  top: number;
  cursor: number;
  selected: string | null;
  viewport: number;
  /** whether the detail pane is wanted where it is not always there */
  detail: boolean;
  /** by address, wherever they are in the table now, or whether they still are; as they were when marked */
  marked: ReadonlyMap<string, Host>;
}

export interface WithHosts extends CommonState {
  hosts: HostsState;
}

export const firstHosts: HostsState = {
  filter: '',
  sort: { by: 'address', descending: false },
  pages: [],
  before: 0,
  matched: 0,
  revision: null,
  readAt: null,
  goal: 'query',
  asked: null,
  generation: 0,
  top: 0,
  cursor: 0,
  selected: null,
  viewport: 10,
  detail: false,
  marked: new Map(),
};

export interface Want {
  kind: Goal | 'after' | 'before';
  generation: number;
  query: PageQuery;
}

/** The page to ask for next, or null when nothing is missing. */
export function wantedPage(state: HostsState): Want | null {
  const rows = Math.max(minPageRows, state.viewport * screensPerPage);
  const loaded = loadedRows(state);
  const want = (kind: Want['kind'], part: Partial<PageQuery>): Want => ({
    kind,
    generation: state.generation,
    query: { filter: state.filter, sort: state.sort, limit: rows, ...part },
  });
  const first = state.pages[0];
  const last = state.pages.at(-1);
  if (state.goal === 'last') return want('last', { direction: 'backward' });
  if (state.goal === 'query' || state.goal === 'first') return want(state.goal, {});
  if (first && last) {
    const end = state.before + loaded;
    if (end < state.matched && state.top + 2 * state.viewport > end)
      return want('after', { anchor: last.last });
    if (state.before > 0 && state.top - state.viewport < state.before)
      return want('before', { anchor: first.first, direction: 'backward' });
  }
  if (state.goal !== 'refresh') return null;
  const limit = Math.min(maxRefreshRows, Math.max(rows, loaded));
  return state.before === 0 || !first
    ? want('refresh', { limit })
    : want('refresh', { limit, anchor: first.first, inclusive: true });
}

/** `want` is on its way; what becomes stale from now on needs another question. */
export function setAsked(state: HostsState, want: Want): HostsState {
  return { ...state, asked: want.kind, goal: state.goal === want.kind ? null : state.goal };
}

/** `want` was not answered: it is wanted still, unless something newer is. */
export function setFailed(state: HostsState, want: Want): HostsState {
  if (want.generation !== state.generation) return { ...state, asked: null };
  const goal = want.kind === 'after' || want.kind === 'before' ? 'refresh' : want.kind;
  return { ...state, asked: null, goal: state.goal ?? goal };
}

export function applyPage(before: HostsState, want: Want, page: HostsPage): HostsState {
  const state = { ...before, asked: null };
  if (want.generation !== state.generation) return state;
  const known = { ...state, matched: page.matched, revision: page.revision };
  if (want.kind === 'after' || want.kind === 'before') return extend(known, want.kind, page);
  if (page.rows.length === 0 && page.matched > 0 && want.kind === 'refresh')
    return { ...known, goal: 'last' };
  const loaded: HostsState = {
    ...known,
    pages: slices(page),
    before: page.before,
  };
  return placeCursor(state, loaded, want.kind);
}

/** `want` was answered; it was asked for at `askedAt`. */
export function setRead(state: HostsState, want: Want, askedAt: number): HostsState {
  const isWhole = want.kind !== 'after' && want.kind !== 'before';
  return isWhole && want.generation === state.generation ? { ...state, readAt: askedAt } : state;
}

/** Nothing has happened to the hosts until `now`: rows that were read before are as new as that. */
export function confirmRead(state: HostsState, now: number): HostsState {
  const isKnown = state.readAt !== null && state.goal === null && state.asked === null;
  return isKnown ? { ...state, readAt: now } : state;
}

/** How much older the rows are than something newer that is known of at `latest`; 0: they are as new. */
export function rowsBehind({ readAt, goal, asked }: HostsState, latest: number): number {
  const isOutdated = goal === 'refresh' || asked === 'refresh';
  return isOutdated && readAt !== null ? Math.max(0, latest - readAt) : 0;
}

function slices(page: HostsPage): Slice[] {
  return page.first === null || page.last === null
    ? []
    : [{ rows: page.rows, first: page.first, last: page.last }];
}

/** Where the operator stands after a reload: on the same address where it still is. */
function placeCursor(previous: HostsState, loaded: HostsState, kind: Goal): HostsState {
  const rows = loadedRows(loaded);
  if (rows === 0) return { ...loaded, top: 0, cursor: 0, selected: null };
  const kept =
    (kind === 'refresh' && !isAtMovingTop(previous)) || kind === 'query'
      ? rowOf(loaded, previous.selected)
      : null;
  if (kind === 'refresh') {
    const cursor = kept ?? clamp(previous.cursor, loaded.before, loaded.before + rows - 1);
    // At the very top new rows push the others down; elsewhere the selected row stays in place.
    const shift =
      previous.top === 0 && previous.cursor < previous.viewport ? 0 : cursor - previous.cursor;
    return stand({ ...loaded, top: previous.top + shift }, cursor);
  }
  if (kind === 'last') return stand({ ...loaded, top: loaded.matched }, loaded.matched - 1);
  return stand({ ...loaded, top: 0 }, kept ?? 0);
}

/** Whether the first row is selected in an order in which rows move by themselves: then the first one stays selected. */
function isAtMovingTop({ cursor, sort }: HostsState): boolean {
  return cursor === 0 && (sort.by === 'state' || sort.by === 'lastSeen');
}

function extend(state: HostsState, kind: 'after' | 'before', page: HostsPage): HostsState {
  const loaded = loadedRows(state);
  const expected = kind === 'after' ? state.before + loaded : state.before - page.rows.length;
  // Rows came or went in front of the loaded ones: every number moves, nothing on the screen does.
  const shift = page.before - expected;
  const moved = {
    ...state,
    before: state.before + shift,
    top: Math.max(0, state.top + shift),
    cursor: Math.max(0, state.cursor + shift),
  };
  const extended =
    kind === 'after'
      ? { ...moved, pages: [...moved.pages, ...slices(page)] }
      : { ...moved, pages: [...slices(page), ...moved.pages], before: page.before };
  return withoutFarPages(extended, kind);
}

function withoutFarPages(state: HostsState, kind: 'after' | 'before'): HostsState {
  if (state.pages.length <= keptPages) return state;
  if (kind === 'before') return { ...state, pages: state.pages.slice(0, keptPages) };
  const dropped = state.pages.slice(0, -keptPages);
  return {
    ...state,
    pages: state.pages.slice(-keptPages),
    before: state.before + dropped.reduce((sum, { rows }) => sum + rows.length, 0),
  };
}

export function loadedRows(state: HostsState): number {
  return state.pages.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** The host in row `number`, or null while it is not loaded. */
export function hostAt(state: HostsState, number: number): Host | null {
  let offset = number - state.before;
  if (offset < 0) return null;
  for (const { rows } of state.pages) {
    if (offset < rows.length) return rows[offset] ?? null;
    offset -= rows.length;
  }
  return null;
}

export function selectedHost(state: HostsState): Host | null {
  return hostAt(state, state.cursor);
}

function rowOf(state: HostsState, address: string | null): number | null {
  if (address === null) return null;
  let number = state.before;
  for (const { rows } of state.pages) {
    const offset = rows.findIndex((host) => host.address === address);
    if (offset >= 0) return number + offset;
    number += rows.length;
  }
  return null;
}

/** Stands on row `cursor`, scrolled just as far as needed to see it. */
function stand(state: HostsState, cursor: number): HostsState {
  const lowest = Math.max(0, state.matched - state.viewport);
  const visible = clamp(state.top, cursor - state.viewport + 1, cursor);
  return {
    ...state,
    cursor,
    top: clamp(visible, 0, lowest),
    selected: hostAt(state, cursor)?.address ?? null,
  };
}

/** Moves the selection by rows; it stops at the last loaded row until more are there. */
export function moveBy(state: HostsState, rows: number): HostsState {
  const loaded = loadedRows(state);
  if (loaded === 0) return state;
  return stand(state, clamp(state.cursor + rows, state.before, state.before + loaded - 1));
}

export function movePage(state: HostsState, pages: number): HostsState {
  const rows = rowsOf(pages, state.viewport);
  return moveBy({ ...state, top: Math.max(0, state.top + rows) }, rows);
}

/** Does not go on to the other end, which was asked for before. */
function withoutWay(state: HostsState): HostsState {
  const isOnWay = [state.goal, state.asked].some((kind) => kind === 'first' || kind === 'last');
  return isOnWay ? { ...state, goal: 'refresh', generation: state.generation + 1 } : state;
}

/** To the first or the last row of all that match. */
export function moveToEnd(state: HostsState, end: 'first' | 'last'): HostsState {
  if (loadedRows(state) === 0) return state;
  const isLoaded =
    end === 'first' ? state.before === 0 : state.before + loadedRows(state) >= state.matched;
  if (isLoaded) return stand(withoutWay(state), end === 'first' ? 0 : state.matched - 1);
  return { ...state, goal: end, generation: state.generation + 1 };
}

export function setFilter(state: HostsState, filter: string): HostsState {
  const bounded = filter.slice(0, maxFilterLength);
  if (bounded === state.filter) return state;
  return { ...state, filter: bounded, goal: 'query', generation: state.generation + 1 };
}

export function setSort(state: HostsState, by: HostColumn): HostsState {
  // First come the latest contacts, and the hosts that are about to go.
  const isFirst = by === 'firstSeen' || by === 'lastSeen' || by === 'state';
  const descending = state.sort.by === by ? !state.sort.descending : isFirst;
  return {
    ...state,
    sort: { by, descending },
    // The first rows of the new order are wanted, not the selected one wherever it is now.
    selected: null,
    goal: 'query',
    generation: state.generation + 1,
  };
}

export function setViewport(state: HostsState, viewport: number): HostsState {
  if (viewport === state.viewport) return state;
  const resized = { ...state, viewport: Math.max(1, viewport) };
  return loadedRows(state) === 0 ? resized : stand(resized, state.cursor);
}

/** What is loaded may be outdated: read it again, when nothing more urgent is wanted. */
export function setStale(state: HostsState): HostsState {
  return state.goal === null ? { ...state, goal: 'refresh' } : state;
}

/** Blank line, summary, blank line, column titles. */
const headRows = 4;
/** Under the table: a rule, the title and one line for each fact. */
const belowRows = 10;
export function hostsLayout(state: WithHosts): AsideLayout {
  const { detail } = state.hosts;
  const layout = asideLayout(state, headRows, (free) =>
    detail && free > belowRows ? belowRows : 0,
  );
  // A low window has no room for both.
  return detail && layout.asideRows === 0
    ? { ...layout, place: 'alone', asideRows: bodyRows(state) }
    : layout;
}

/** What the view shows of the table: not what is loaded beyond the screen, nor what was asked for. */
export interface ShownHosts
  extends Pick<HostsState, 'marked' | 'matched' | 'cursor' | 'top' | 'filter' | 'sort'> {
  isLoaded: boolean;
  /** those on the screen; null: not loaded yet */
  rows: readonly (Host | null)[];
  selected: Host | null;
}

export function shownHosts(state: WithHosts): ShownHosts {
  const { hosts } = state;
  const { marked, matched, cursor, top, filter, sort } = hosts;
  const rows = Math.max(0, Math.min(hostsLayout(state).tableRows, matched - top));
  return {
    ...{ marked, matched, cursor, top, filter, sort },
    isLoaded: hosts.revision !== null,
    rows: Array.from({ length: rows }, (_, row) => hostAt(hosts, top + row)),
    selected: selectedHost(hosts),
  };
}
