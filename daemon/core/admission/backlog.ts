// Who is in the backlog, for people. Each process that has connections tells its part of it; here the
// parts become one list, whoever waits longest first.
// A connection's id is the number of its process and its number in there: `2-1041`. No number is given
// twice.
import {
  type Backlog,
  type BacklogEntry,
  type BacklogStage,
  maxBacklogRows,
  type SilentWorker,
} from '../../../shared/ipc/contract.ts';

/** The process that has the registry; workers are numbered from 1. */
export const mainProcess = 0;

/** A connection in the backlog, as its own process sees it. */
export interface Asking extends Omit<BacklogEntry, 'id'> {
  serial: number;
}

/** What one process tells. */
export interface BacklogPart {
  total: number;
  silent: number;
  idle: number;
  /** those who wait longest first, at most `maxBacklogRows` */
  asking: Asking[];
}

/** What somebody who asks is to know of `stage`: what is owed, and what of it is on its way. */
export function stageOf(isOwed: boolean, isBeingWritten: boolean): BacklogStage {
  if (isBeingWritten) return 'writing';
  return isOwed ? 'deciding' : 'reading';
}

/** Puts those who wait longest first, and leaves out what goes beyond the limit. */
export function longestFirst<T extends { since: number }>(asking: T[]): T[] {
  return asking.sort((a, b) => a.since - b.since).slice(0, maxBacklogRows);
}

export function entryOf(processNumber: number, { serial, ...rest }: Asking): BacklogEntry {
  return { id: `${processNumber}-${serial}`, ...rest };
}

/** @param parts by the number of the process; `missing` are the processes that did not tell theirs */
export function joinBacklog(
  parts: ReadonlyMap<number, BacklogPart>,
  missing: SilentWorker[],
  now: number,
): Backlog {
  const entries = [...parts].flatMap(([number, { asking }]) =>
    asking.map((each) => entryOf(number, each)),
  );
  const sum = (what: 'total' | 'silent' | 'idle') =>
    [...parts.values()].reduce((total, part) => total + part[what], 0);
  return {
    at: now,
    total: sum('total') + missing.reduce((total, { backlog }) => total + backlog, 0),
    entries: longestFirst(entries),
    silent: sum('silent'),
    idle: sum('idle'),
    missing,
  };
}

/** An id taken apart, or null when it is none. */
export function parseConnectionId(id: string): { processNumber: number; serial: number } | null {
  const [, processNumber, serial] = /^(\d{1,9})-(\d{1,15})$/.exec(id) ?? [];
  return processNumber === undefined
    ? null
    : { processNumber: Number(processNumber), serial: Number(serial) };
}
