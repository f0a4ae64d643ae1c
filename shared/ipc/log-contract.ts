// The part of the IPC contract (contract.ts) that is about the daemon's log. A console is told with the
// status how many lines there are, and asks for those that it does not have while it shows them: the
// daemon queues nothing, and whoever does not look costs it nothing.
import { RequestType } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { LogLevel } from '../config/settings.ts';
import { type FilterWord, matchesFilter } from '../filter.ts';
import type { Status } from './contract.ts';
import type { logParams } from './params.ts';

/**
 * Lines that the daemon keeps, and sends at most: forty screens, and with the details of `debug` the last
 * minute of a server that a few dozen nodes a second turn to.
 */
export const logHistory = 2_000;

/** What can be asked for: lines of one of these levels and of those before it. */
export const queryLevels = [
  'error',
  'warn',
  'info',
  'debug',
  'trace',
] as const satisfies LogLevel[];

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

/** A member of the status. */
export interface LogStatus {
  /** in force: lines of lesser levels are not logged at all */
  level: LogLevel;
  /** logged since the start, which is also the number of the newest one */
  lines: number;
}

export interface LogResult {
  status: LogStatus;
  /** the latest that were asked for, oldest first */
  lines: LogLine[];
  /** lines of any kind, after the one that was named, that the daemon does not keep any more */
  forgotten: number;
}

export const logRequest = new RequestType<LogQuery, LogResult, void>('log');

export type LogQuery = z.input<typeof logParams>;
export type LogParams = z.output<typeof logParams>;

/** The process of a name server: each numbers its lines from 1 on. */
export function processOf({ pid, startedAt }: Status['server']): string {
  return `${pid} ${startedAt}`;
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
