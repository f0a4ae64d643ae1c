// A line of the daemon's log, as a console reads it back and prints it.
import { type FilterWord, matchesFilter } from '../filter.ts';

/** The levels of a line, the most urgent first. */
export const lineLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LineLevel = (typeof lineLevels)[number];

/** One line of the log. The daemon has escaped its texts: all are printable. */
export interface LogLine {
  /** grows by one with each line since the daemon started; a gap means that lines were left out */
  seq: number;
  /** when it was logged, ms since the Unix epoch */
  at: number;
  level: LineLevel;
  msg: string;
  /** the values logged with the message, by name */
  fields: Record<string, string>;
}

/** Whether a line of `level` is at least as urgent as `least`. */
export function isAsUrgent(level: LineLevel, least: LineLevel): boolean {
  return lineLevels.indexOf(level) <= lineLevels.indexOf(least);
}

/** Whether a line passes a filter; its words may be in the message, the level or the fields. */
export function matchesLine(
  words: readonly FilterWord[],
  { level, msg, fields }: LogLine,
): boolean {
  if (words.length === 0) return true;
  return matchesFilter(words, [level, msg, ...Object.entries(fields).map(fieldText)]);
}

/** A field as it is shown and searched: `name=value`. */
export function fieldText([name, value]: readonly [name: string, value: string]): string {
  return `${name}=${value}`;
}
