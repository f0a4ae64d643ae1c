// Lines for an outlet that may take nothing for a while: they wait in order, up to a bound; beyond it
// those of the lowest rank go first, the oldest of them before the others, and are counted. Whoever
// writes never waits and never hears of an error; what is to be known of it is told once.
// Standard output or error for a program that has more to do than to write: what is taken now is
// written, and nobody waits for the rest. A pipe whose reader is stopped, a terminal after Ctrl-S and a
// socket that nobody reads take nothing; a blocking write to one of them would stop the whole process.

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';

/** Where lines go: an Outlet. */
export interface Taker {
  /** @returns how many bytes were taken @throws ErrnoException */
  write(bytes: Uint8Array): number;
}

export type OutputNews =
  /** nothing can be written, told when it begins; what comes waits */
  | { kind: 'failing'; error: NodeJS.ErrnoException }
  /** all that was kept is written; `dropped`: how many lines were not, by rank */
  | { kind: 'taken'; dropped: ReadonlyMap<number, number>; failed: boolean; ms: number };

/** Characters that wait: some thousand lines, as many as consoles are shown, and little beside a registry. */
export const mostWaiting = 1_048_576;

/** What is left when lines are dropped, so that it is not done for every line that comes. */
const keptShare = 3 / 4;

/** A reader that is only slow empties a pipe of 64 KiB in less; more often would be a busy loop. */
const blockedRetryMs = 50;

/** A full disk, or a reader that is gone, is not asked more often. */
const failedRetryMs = 1_000;

interface Line {
  text: string;
  rank: number;
}

export class OutputQueue {
  private readonly taker: Taker;
  private readonly told: (news: OutputNews) => void;
  private lines: Line[] = [];
  private characters = 0;
  /** the rest of a line of which the beginning is written */
  private rest: Uint8Array | null = null;
  private dropped = new Map<number, number>();
  private retry: NodeJS.Timeout | null = null;
  private isFailing = false;
  /** since when lines wait, on the monotonic clock */
  private waitingSince = 0;
  private drained: (() => void)[] = [];

  constructor(taker: Taker, told: (news: OutputNews) => void = () => {}) {
    this.taker = taker;
    this.told = told;
  }

  /** Writes the line now if it is taken; otherwise it waits. @param rank lower ones are dropped first */
  add(text: string, rank = 0): void {
    this.lines.push({ text, rank });
    this.characters += text.length;
    if (this.characters > mostWaiting) this.shed();
    if (this.retry === null) this.flush();
  }

  /** Writes what is taken now. @returns whether that was all */
  flush(): boolean {
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    try {
      while (this.rest !== null || this.lines.length > 0) {
        const bytes = this.rest ?? this.next();
        this.rest = bytes;
        const taken = this.taker.write(bytes);
        this.rest = taken === bytes.length ? null : bytes.subarray(taken);
        if (taken === 0) {
          this.later(blockedRetryMs);
          return false;
        }
      }
    } catch (error) {
      this.later(failedRetryMs);
      if (!this.isFailing) {
        this.isFailing = true;
        this.told({ kind: 'failing', error: error as NodeJS.ErrnoException });
      }
      return false;
    }
    this.allTaken();
    return true;
  }

  /** Waits until all is written, but not for longer than `ms`. @returns whether it is */
  async drain(ms: number): Promise<boolean> {
    if (this.flush()) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.drained.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return this.flush();
  }

  private next(): Uint8Array {
    const { text } = this.lines.shift() as Line;
    this.characters -= text.length;
    return Buffer.from(text);
  }

  private later(ms: number): void {
    if (this.waitingSince === 0) this.waitingSince = performance.now();
    // Whoever wants to end does not wait for it.
    this.retry = setTimeout(() => this.flush(), ms).unref();
  }

  private allTaken(): void {
    const { dropped, isFailing: failed } = this;
    const ms = Math.round(performance.now() - this.waitingSince);
    const wasWaiting = this.waitingSince !== 0;
    this.waitingSince = 0;
    this.isFailing = false;
    this.dropped = new Map();
    for (const each of this.drained.splice(0)) each();
    if (wasWaiting && (failed || dropped.size > 0))
      this.told({ kind: 'taken', dropped, failed, ms });
  }

  /** Drops lines of the lowest rank, the oldest first, then of the next one, until enough is gone. */
  private shed(): void {
    const enough = mostWaiting * keptShare;
    const ranks = [...new Set(this.lines.map(({ rank }) => rank))].toSorted((a, b) => a - b);
    for (const lowest of ranks) {
      this.lines = this.lines.filter(({ text, rank }) => {
        if (rank !== lowest || this.characters <= enough) return true;
        this.characters -= text.length;
        this.dropped.set(rank, (this.dropped.get(rank) ?? 0) + 1);
        return false;
      });
      if (this.characters <= enough) return;
    }
  }
}

export class Outlet {
  private readonly fd: number;
  /** Kept for as long as this is, because the descriptor is closed with it. */
  readonly socket: Socket | null;

  /** @param fd stays open, and is not made non-blocking for those who share it where that can be avoided */
  constructor(fd: number) {
    const own = reopened(fd);
    this.fd = own ?? fd;
    this.socket = own === null ? asSocket(fd) : null;
  }

  /**
   * Writes the beginning of `bytes`, as much as is taken at once. @returns how many bytes that were
   * @throws ErrnoException when nothing can be written: ENOSPC, EPIPE, EIO and the like
   */
  write(bytes: Uint8Array): number {
    try {
      return writeSync(this.fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') return 0;
      throw error;
    }
  }
}

/**
 * The same pipe or terminal, opened once more so that only this process's writes do not block; null
 * where it is another kind, or the system does not open it (it belongs to another user).
 */
function reopened(fd: number): number | null {
  if (!isatty(fd) && !fstatSync(fd).isFIFO()) return null;
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    return openSync(`/proc/self/fd/${fd}`, flags);
  } catch {
    return null;
  }
}

/** Node makes the descriptor of a socket or pipe non-blocking; only that is wanted of it. */
function asSocket(fd: number): Socket | null {
  const kind = fstatSync(fd);
  if (process.platform === 'win32' || !(kind.isSocket() || kind.isFIFO())) return null;
  return new Socket({ fd, readable: false, writable: true });
}
