// The part of the IPC contract (contract.ts) that is about the daemon's log. The status tells a console
// how many lines there are; the console fetches the ones it lacks while it shows the log. The daemon
// queues nothing, and a console that does not show the log costs nothing.
import { RequestType } from 'vscode-jsonrpc/node';
import type { LogLevel } from '../config/settings.ts';
import type { LogLine } from '../output/log-line.ts';

/**
 * Number of lines that the daemon keeps, and the most it sends: forty screens, or at level `debug` the
 * last minute of a server with a few dozen requests a second.
 */
export const logHistory = 2_000;

/** The levels to ask for: each stands for itself and the more urgent ones. */
export const queryLevels = [
  'error',
  'warn',
  'info',
  'debug',
  'trace',
] as const satisfies LogLevel[];

/** The log's part of the status. */
export interface LogStatus {
  /** LogLevel in force: less urgent lines are not logged */
  level: LogLevel;
  /** lines logged since the start, which is also the `seq` of the newest one */
  lines: number;
}

/** Asks for lines of the log; each member narrows the result. */
export interface LogQuery {
  /** only lines with a greater `seq`; default: 0 */
  after?: number;
  /** only lines at least this urgent; default: trace */
  level?: LogLevel;
  /** words that must all occur in a line, `!word` must not; default: none */
  filter?: string;
  /** most lines, 1 to `logHistory`; default: `logHistory` */
  limit?: number;
}

/** The same with its defaults filled in. */
export type LogParams = Required<LogQuery>;

/** Lines of the log. */
export interface LogResult {
  status: LogStatus;
  /** the newest matching lines, oldest first */
  lines: LogLine[];
  /** lines after `after`, matching or not, that the daemon no longer keeps */
  forgotten: number;
}

export const logRequest = new RequestType<LogQuery, LogResult, void>('log');

/** Names a run of a name server: each run numbers its lines from 1. */
export function processOf({ pid, startedAt }: { pid: number; startedAt: number }): string {
  return `${pid} ${startedAt}`;
}
