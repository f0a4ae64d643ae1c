// A line of the daemon's log, as it is read back from the daemon and printed.
import { type FilterWord, matchesFilter } from '../filter.ts';

/** From what ends the daemon to what only its makers want to know. */
export const lineLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LineLevel = (typeof lineLevels)[number];

/** One line of the log. Every text in it is printable: the daemon has escaped it. */
export interface LogLine {
  /** grows by one with each line since the daemon started; a gap means that some were left out */
  seq: number;
  at: number;
  level: LineLevel;
  msg: string;
  /** what was logged with it, by name */
  fields: Record<string, string>;
}

/** Whether a line of `level` is at least as urgent as `least`. */
export function isAsUrgent(level: LineLevel, least: LineLevel): boolean {
  return lineLevels.indexOf(level) <= lineLevels.indexOf(least);
}

/** Whether the words of a filter pass a line; they may be in its message, its level and its fields. */
export function matchesLine(
  words: readonly FilterWord[],
  { level, msg, fields }: LogLine,
): boolean {
  if (words.length === 0) return true;
  return matchesFilter(words, [level, msg, ...Object.entries(fields).map(fieldText)]);
}

/** A field as it is shown and searched. */
export function fieldText([name, value]: readonly [name: string, value: string]): string {
  return `${name}=${value}`;
}
