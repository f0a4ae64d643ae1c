// Which entries of the log are on the screen, and where a move leads. The screen hangs on the entry at its
// bottom: an entry takes one row or several, and as many are above it as fit.
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import type { ListMove } from '../../state/list-position.ts';
import { bottomOf, type LogEntry, type LogState, type WithLog } from './log-state.ts';
import { type EntryShape, entryHeight } from './log-text.ts';

/** Blank line, summary, levels, column titles. */
export const logHeadRows = 4;

export function logShape(state: WithLog): EntryShape {
  return {
    width: bodyColumns(state),
    rows: Math.max(1, bodyRows(state) - logHeadRows),
    isWrapped: state.log.isWrapped,
  };
}

interface LogWindow {
  /** the entries on the screen, each of them as a whole */
  entries: readonly LogEntry[];
  /** rows above them that stay empty, because one more entry does not fit */
  blankRows: number;
  /** how many newer ones are below */
  newer: number;
}

export function logWindow(state: WithLog): LogWindow {
  const { shown } = state.log;
  const shape = logShape(state);
  const bottom = settledBottom(state.log, shape);
  const { top, used } = fillUpwards(shown, bottom, shape);
  return {
    entries: shown.slice(top, bottom + 1),
    blankRows: top === 0 ? 0 : shape.rows - used,
    newer: shown.length - 1 - bottom,
  };
}

export function scrollLog(state: WithLog, move: ListMove): LogState {
  const { log } = state;
  const { shown } = log;
  const shape = logShape(state);
  const bottom = settledBottom(log, shape);
  const wanted =
    'end' in move
      ? move.end === 'first'
        ? 0
        : shown.length - 1
      : 'by' in move
        ? bottom + move.by
        : pageFrom(shown, bottom, shape, move.pages);
  const to = Math.max(fillDownwards(shown, 0, shape), wanted);
  return { ...log, anchor: to >= shown.length - 1 ? null : (shown[to]?.key ?? null) };
}

/** The entry at the bottom, as it fits the window: the first screen is as full as any. */
function settledBottom(log: LogState, shape: EntryShape): number {
  return Math.max(bottomOf(log), fillDownwards(log.shown, 0, shape));
}

/** One entry of this screen, or of the part of it, is on the next one too. */
function pageFrom(
  shown: readonly LogEntry[],
  bottom: number,
  whole: EntryShape,
  pages: number,
): number {
  const shape = { ...whole, rows: Math.max(1, Math.round(whole.rows * Math.abs(pages))) };
  return pages < 0
    ? Math.min(fillUpwards(shown, bottom, shape).top, bottom - 1)
    : Math.max(fillDownwards(shown, bottom, shape), bottom + 1);
}

/** The topmost entry of the screen that ends with `bottom`, and the rows of it that are used. */
function fillUpwards(
  shown: readonly LogEntry[],
  bottom: number,
  shape: EntryShape,
): { top: number; used: number } {
  let used = 0;
  let top = bottom + 1;
  while (top > 0) {
    const height = entryHeight(shown[top - 1] as LogEntry, shape);
    if (used + height > shape.rows) break;
    used += height;
    top--;
  }
  return { top, used };
}

/** The last entry of the screen that begins with `top`. */
function fillDownwards(shown: readonly LogEntry[], top: number, shape: EntryShape): number {
  let used = 0;
  let next = top;
  while (next < shown.length) {
    used += entryHeight(shown[next] as LogEntry, shape);
    if (used > shape.rows) break;
    next++;
  }
  return next - 1;
}
