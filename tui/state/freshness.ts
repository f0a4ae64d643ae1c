// How old what is shown is. The daemon sends what changed up to four times a second, and a sample each
// second in any case, so data grow old when the connection is lost and also when it stands but the
// daemon is stopped or busy. Times are the console's monotonic clock.
import type { ConsoleState } from '../console/console-state.ts';
import { clockOf, latestData } from './pause.ts';

/** From this age on it is said: two updates did not come, which no busy second explains. */
export const lateAfterMs = 3_000;

/** From this age on nobody should act on it: it is dimmed, and the banner says so. */
export const staleAfterMs = 6_000;

/** A change is marked for so long: an operator who looks up sees it, and then it is quiet again. */
export const markMs = 5_000;

/** Time since the daemon last said anything, whether that is shown or waits; 0 when it has not yet. */
export function dataAge(state: ConsoleState): number {
  const data = latestData(state);
  return data === null ? 0 : Math.max(0, clockOf(state) - data.receivedAt);
}

/** The connection stands, but nothing comes. */
export function isSilent(state: ConsoleState): boolean {
  return state.connection.phase === 'live' && dataAge(state) >= staleAfterMs;
}

/** What is shown is not how it is now. */
export function isStale(state: ConsoleState): boolean {
  return state.connection.phase === 'lost' || isSilent(state);
}

/** Whether something that changed at `at` is marked still; compared with what came last, so that what
 * is frozen stays as it is. */
export function isFresh(at: number | undefined, { receivedAt }: { receivedAt: number }): boolean {
  return at !== undefined && receivedAt - at < markMs;
}
