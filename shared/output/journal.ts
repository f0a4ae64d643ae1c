// Lines for the journal of systemd: `<4>` at the start of a line is its priority (sd-daemon(3)), so that
// `journalctl -p warning` finds it. The journal shows the line without it.
import { fstatSync } from 'node:fs';
import type { LineLevel } from './log-line.ts';

/** The priorities of syslog(3). */
const priorities: Record<LineLevel, number> = {
  fatal: 2,
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
  trace: 7,
};

/** Whether the descriptor leads to the journal: systemd names its stream in JOURNAL_STREAM, as DEVICE:INODE. */
export function isJournal(fd: number, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.JOURNAL_STREAM === undefined) return false;
  const { dev, ino } = fstatSync(fd);
  return env.JOURNAL_STREAM === `${dev}:${ino}`;
}

/** The lines of `text`, each with the priority of `level`. */
export function withPriority(level: LineLevel, text: string): string {
  return text.replace(/^(?=.)/gm, `<${priorities[level]}>`);
}
