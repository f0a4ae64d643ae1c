// The Log view's state: the lines that were brought so far, which of them are shown, and where the operator
// stands. New lines come in at the bottom and are followed, as `tail -f` does, until the operator goes up;
// then the screen stays as it is. Pure: whoever talks to the daemon brings lines with `takeLines`.

import { filterWords } from '../../../shared/filter.ts';
import { type LogResult, logHistory } from '../../../shared/ipc/log-contract.ts';
import {
  isAsUrgent,
  type LineLevel,
  type LogLine,
  matchesLine,
} from '../../../shared/output/log-line.ts';
import type { CommonState } from '../../state/common-state.ts';

/** Twice what the daemon keeps: who went up is not overtaken by a burst at once. */
const mostEntries = 2 * logHistory;

/** A line, or what there is to know between two lines. Its key grows from one entry to the next. */
export type LogEntry = { key: number } & (
  | { kind: 'line'; line: LogLine }
  /** so many lines are not known here, because the daemon does not keep them any more */
  | { kind: 'missed'; count: number }
  /** what follows is from another process of the name server */
  | { kind: 'restarted' }
);

/** The least urgent level that is shown, in the order in which a key goes through them. */
const shownLevels = ['trace', 'error', 'warn', 'info', 'debug'] as const satisfies LineLevel[];
type ShownLevel = (typeof shownLevels)[number];

export interface LogState {
  /** oldest first */
  entries: readonly LogEntry[];
  /** those of them that pass level and filter; what is no line always does */
  shown: readonly LogEntry[];
  level: ShownLevel;
  /** words that must occur in a line; `!word` must not */
  filter: string;
  /** whether a long line takes several rows, or is cut */
  isWrapped: boolean;
  /** key of the entry at the bottom of the screen; null follows the newest */
  anchor: number | null;
  /** the process that the lines come from; null before the first answer */
  source: string | null;
  /** number of its newest line that was asked for */
  last: number;
  /** the console's monotonic clock when lines were last brought; null before that */
  readAt: number | null;
}

export interface WithLog extends CommonState {
  log: LogState;
}

export const firstLog: LogState = {
  entries: [],
  shown: [],
  level: 'trace',
  filter: '',
  isWrapped: true,
  anchor: null,
  source: null,
  last: 0,
  readAt: null,
};

/** The number after which lines of `source` are missing. */
export function lastOf({ source, last }: LogState, asked: string): number {
  return source === asked ? last : 0;
}

/** Takes what `source` answered to the question for lines after `lastOf`. */
export function takeLines(state: LogState, source: string, result: LogResult): LogState {
  const { status, lines, forgotten } = result;
  let key = (state.entries.at(-1)?.key ?? 0) + 1;
  const added: LogEntry[] = [];
  if (state.source !== null && state.source !== source)
    added.push({ key: key++, kind: 'restarted' });
  if (forgotten > 0) added.push({ key: key++, kind: 'missed', count: forgotten });
  for (const line of lines) added.push({ key: key++, kind: 'line', line });
  const taken = { ...state, source, last: status.lines };
  if (added.length === 0) return taken;
  const entries = [...state.entries, ...added].slice(-mostEntries);
  const oldest = entries[0]?.key ?? 0;
  const kept = state.shown.filter((entry) => entry.key >= oldest);
  return { ...taken, entries, shown: [...kept, ...passing(state, added)] };
}

export function setLogFilter(state: LogState, filter: string): LogState {
  return filter === state.filter ? state : chosen({ ...state, filter });
}

/** Shows the lines of the next level in the order of the key. */
export function nextLevel(state: LogState): LogState {
  const next = (shownLevels.indexOf(state.level) + 1) % shownLevels.length;
  return chosen({ ...state, level: shownLevels[next] ?? 'trace' });
}

function chosen(state: LogState): LogState {
  return { ...state, shown: passing(state, state.entries) };
}

function passing({ level, filter }: LogState, entries: readonly LogEntry[]): LogEntry[] {
  const words = filterWords(filter);
  return entries.filter(
    (entry) =>
      entry.kind !== 'line' ||
      (isAsUrgent(entry.line.level, level) && matchesLine(words, entry.line)),
  );
}

/** Index in `shown` of the entry at the bottom, wherever it would be by now; -1 when nothing is shown. */
export function bottomOf({ shown, anchor }: LogState): number {
  if (anchor === null) return shown.length - 1;
  const after = shown.findIndex(({ key }) => key > anchor);
  return after < 0 ? shown.length - 1 : Math.max(0, after - 1);
}
