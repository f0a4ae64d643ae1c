// The screen stands still: every view goes on showing `data` and `now` as they were when the operator
// paused, and keys work on that. What the daemon says meanwhile is kept beside it, as bounded as ever, and
// takes its place in the end. What must not be overlooked, a lost connection for one, shows all the same.

import type { ConsoleState } from '../console/console-state.ts';
import { setStale } from '../views/hosts/hosts-state.ts';
import type { DaemonData } from './daemon-data.ts';

export interface Pause {
  /** the console's monotonic clock when it began, and at the last tick */
  since: number;
  now: number;
  /** what the daemon says now */
  data: DaemonData | null;
}

/** The console's clock, which goes on while the screen stands still. */
export function clockOf({ paused, now }: ConsoleState): number {
  return paused?.now ?? now;
}

/** What the daemon says now, whatever is shown. */
export function latestData({ paused, data }: ConsoleState): DaemonData | null {
  return paused === null ? data : paused.data;
}

/** What the daemon says now, and when that is. */
export function withLatest(state: ConsoleState, data: DaemonData, now: number): ConsoleState {
  if (state.paused !== null) return { ...state, paused: { ...state.paused, data, now } };
  const isChanged = state.data === null || changesOf(data) !== changesOf(state.data);
  return { ...state, data, now, hosts: isChanged ? setStale(state.hosts) : state.hosts };
}

export function withTick(state: ConsoleState, now: number): ConsoleState {
  return state.paused === null ? { ...state, now } : { ...state, paused: { ...state.paused, now } };
}

/** Stands still, or goes on with what came meanwhile. */
export function togglePause(state: ConsoleState): ConsoleState {
  const { paused, now, data } = state;
  if (paused === null) return { ...state, paused: { since: now, now, data } };
  const going = { ...state, paused: null };
  if (paused.data === null) return { ...going, now: paused.now };
  // The registry was not read meanwhile, not even for what the operator did to it.
  return { ...withLatest(going, paused.data, paused.now), hosts: setStale(state.hosts) };
}

/** How much waits of what the view shows; null: the daemon was started anew, and counts anew. */
export function waiting({ paused, data, view }: ConsoleState): number | null {
  if (paused === null || paused.data === null || data === null) return 0;
  if (paused.data.status.server.startedAt !== data.status.server.startedAt) return null;
  const count = view === 'log' ? linesIn : happeningsIn;
  return count(paused.data) - count(data);
}

function linesIn({ status }: DaemonData): number {
  return status.log.lines;
}

/** The daemon numbers them one by one, also those that it had no room to tell. */
function happeningsIn({ activity, redirects }: DaemonData): number {
  return (activity[0]?.seq ?? 0) + (redirects[0]?.seq ?? 0);
}

/** Grows whenever a row of the Hosts table may look different. */
function changesOf({ status: { counters, hosts } }: DaemonData): number {
  return (
    counters.registered +
    counters.refreshed +
    counters.left +
    counters.removed +
    counters.expired +
    counters.pingsAnswered +
    hosts.live
  );
}
