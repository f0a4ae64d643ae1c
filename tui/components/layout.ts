// How the screen is shared out: header on top, footer at the bottom, a banner for what must not be
// overlooked, and the view in between.
import type { ConsoleState } from '../console/console-state.ts';
import { isStale } from '../state/freshness.ts';
import { latestData } from '../state/pause.ts';
import { sendsEverybody } from '../text/redirecting.ts';

/** Below this nothing useful fits. */
export const minSize = { columns: 60, rows: 20 };

export const headerRows = 2;
export const footerRows = 1;
/** Blank columns at either side of a view. */
export const margin = 1;

export function isTooSmall({ size }: ConsoleState): boolean {
  return size.columns < minSize.columns || size.rows < minSize.rows;
}

/** One for what is stale, one while every node is sent elsewhere. */
export function bannerRows(state: ConsoleState): number {
  const data = latestData(state);
  const isSending = data !== null && sendsEverybody(data.status.redirecting);
  return (isStale(state) ? 1 : 0) + (isSending ? 1 : 0);
}

/** Columns that a view may use. */
export function bodyColumns({ size }: ConsoleState): number {
  return size.columns - 2 * margin;
}

/** Rows that a view may use. */
export function bodyRows(state: ConsoleState): number {
  return state.size.rows - headerRows - footerRows - bannerRows(state);
}
