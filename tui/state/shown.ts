// What the screen shows of the daemon, and how old it is. The daemon sends changes up to four times a second
// and a sample every second, so data age when the connection is lost, and also when it stands but the daemon
// is stopped or busy. While the operator pauses, `data` and `now` stay as they were; updates are kept beside
// them and replace them in the end. Times are the console's monotonic clock in milliseconds.
import type { DaemonData } from './daemon-data.ts';

export type ConsoleConnection =
  | { phase: 'connecting' }
  | { phase: 'live'; since: number }
  | {
      phase: 'lost';
      /** when the last live connection ended */
      since: number;
      /** attempts that failed since then */
      attempts: number;
      /** when the next one starts; null while one is under way */
      nextAt: number | null;
      /** why the last attempt failed, or why the connection ended */
      reason: string;
    };

export type ConnectionAction =
  | { type: 'attached'; now: number }
  | { type: 'lost'; now: number; reason: string; nextAt: number }
  | { type: 'retrying' }
  | { type: 'retry-failed'; now: number; reason: string; nextAt: number };

export const firstConnection: ConsoleConnection = { phase: 'connecting' };

export function reduceConnection(
  state: ConsoleConnection,
  action: ConnectionAction,
): ConsoleConnection {
  switch (action.type) {
    case 'attached':
      return { phase: 'live', since: action.now };
    case 'lost':
      return {
        phase: 'lost',
        since: action.now,
        attempts: 0,
        nextAt: action.nextAt,
        reason: action.reason,
      };
    case 'retrying':
      return state.phase === 'lost' ? { ...state, nextAt: null } : state;
    case 'retry-failed':
      return state.phase === 'lost'
        ? { ...state, attempts: state.attempts + 1, reason: action.reason, nextAt: action.nextAt }
        : state;
  }
}

interface Pause {
  /** when it began, and the last tick */
  since: number;
  now: number;
  /** the daemon's latest data */
  data: DaemonData | null;
}

/** The part of the console's state that says what is shown of the daemon. */
export interface Shown {
  connection: ConsoleConnection;
  /** null before the first snapshot */
  data: DaemonData | null;
  /** the clock that is shown: that of the last tick, unless paused */
  now: number;
  /** null while the screen follows the daemon */
  paused: Pause | null;
}

/** From this age on the header says how old data are: two updates are missing, which no busy second explains. */
export const lateAfterMs = 3_000;

/** From this age on data are dimmed and the banner says so: an operator should not act on them. */
export const staleAfterMs = 6_000;

/** How long a change stays marked: long enough for an operator who looks up. */
export const markMs = 5_000;

/** The console's clock, which a pause does not stop. */
export function clockOf({ paused, now }: Pick<Shown, 'paused' | 'now'>): number {
  return paused?.now ?? now;
}

/** The daemon's latest data, also while older data are shown. */
export function latestData({ paused, data }: Pick<Shown, 'paused' | 'data'>): DaemonData | null {
  return paused === null ? data : paused.data;
}

/** Time since the daemon last sent anything, shown or not; 0 before the first snapshot. */
export function dataAge(state: Shown): number {
  const data = latestData(state);
  return data === null ? 0 : Math.max(0, clockOf(state) - data.receivedAt);
}

/** The connection stands, but the daemon sends nothing. */
export function isSilent(state: Shown): boolean {
  return state.connection.phase === 'live' && dataAge(state) >= staleAfterMs;
}

/** The data on the screen are out of date. */
export function isStale(state: Shown): boolean {
  return state.connection.phase === 'lost' || isSilent(state);
}

/** Whether a change at `at` is still marked. Compared with the last message, so that a frozen screen stays as it is. */
export function isFresh(at: number | undefined, { receivedAt }: { receivedAt: number }): boolean {
  return at !== undefined && receivedAt - at < markMs;
}

/** Takes the daemon's data of the time `now`: shown at once, or after the pause. */
export function withLatest<S extends Shown>(state: S, data: DaemonData, now: number): S {
  return state.paused === null
    ? { ...state, data, now }
    : { ...state, paused: { ...state.paused, data, now } };
}

export function withTick<S extends Shown>(state: S, now: number): S {
  return state.paused === null ? { ...state, now } : { ...state, paused: { ...state.paused, now } };
}

/** Freezes the screen, or resumes with the latest data. */
export function togglePause<S extends Shown>(state: S): S {
  const { paused, now, data } = state;
  if (paused === null) return { ...state, paused: { since: now, now, data } };
  const resumed = { ...state, paused: null };
  return paused.data === null
    ? { ...resumed, now: paused.now }
    : withLatest(resumed, paused.data, paused.now);
}

/**
 * How many log lines, or otherwise events, arrived during the pause; null: the daemon has restarted and counts
 * from 0 again.
 */
export function waiting({ paused, data }: Shown, what: 'lines' | 'events'): number | null {
  if (paused === null || paused.data === null || data === null) return 0;
  if (paused.data.status.server.startedAt !== data.status.server.startedAt) return null;
  // The daemon numbers its events one by one, also those that it had no room to list.
  const count = ({ status, activity, redirects }: DaemonData) =>
    what === 'lines' ? status.log.lines : (activity[0]?.seq ?? 0) + (redirects[0]?.seq ?? 0);
  return count(paused.data) - count(data);
}
