// The part of the IPC contract (contract.ts) that is about the daemon's log. A console is told with the
// status how many lines there are, and asks for those that it does not have while it shows them: the
// daemon queues nothing, and whoever does not look costs it nothing.
import { RequestType } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { LogLevel } from '../config/settings.ts';
import type { LogLine } from '../output/log-line.ts';
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
