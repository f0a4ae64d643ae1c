// Standard output or error for a program that must not wait for it. A pipe whose reader is stopped, a terminal after
// Ctrl-S and a socket that nobody reads accept nothing, and a blocking write would stop the whole process. Lines wait
// in order, up to a bound; beyond it, lines of the lowest rank are dropped first, the oldest of them first, and are
// counted. The program that adds lines never waits and sees no error; failures are reported once.
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';

/** Accepts bytes without blocking: an Outlet, or a stand-in of a test. */
export interface ByteSink {
  /** @returns how many bytes were taken @throws ErrnoException */
  write(bytes: Uint8Array): number;
}

/** An event of an output. */
export type OutputNews =
  /** writing began to fail; lines wait */
  | { kind: 'failing'; error: NodeJS.ErrnoException }
  /** all waiting lines are written; `dropped`: number of dropped lines by rank; `ms`: how long lines waited */
  | { kind: 'taken'; dropped: ReadonlyMap<number, number>; failed: boolean; ms: number };

/** Most characters that wait: some thousand lines, and little memory compared with a registry. */
export const mostWaiting = 1_048_576;

/** Share that is left after dropping, so that not every further line causes it again. */
const keptShare = 3 / 4;

/** Pause before a blocked output is tried again, ms: a slow reader empties a pipe of 64 KiB in less. */
const blockedRetryMs = 50;

/** Pause before a failed output is tried again, ms: a full disk, or a reader that is gone. */
const failedRetryMs = 1_000;

interface Line {
  text: string;
  rank: number;
}

/** The queue of one output. */
export class OutputQueue {
  private readonly sink: ByteSink;
  private readonly report: (news: OutputNews) => void;
  private lines: Line[] = [];
  private characters = 0;
  /** the rest of a partly written line */
  private rest: Uint8Array | null = null;
  private dropped = new Map<number, number>();
  private retry: NodeJS.Timeout | null = null;
  private isFailing = false;
  /** when lines began to wait, on the monotonic clock; 0: none wait */
  private waitingSince = 0;
  private drained: (() => void)[] = [];

  constructor(sink: ByteSink, report: (news: OutputNews) => void = () => {}) {
    this.sink = sink;
    this.report = report;
  }

  /** Writes a line if the output accepts it; otherwise the line waits. @param rank lower ranks are dropped first */
  add(text: string, rank = 0): void {
    this.lines.push({ text, rank });
    this.characters += text.length;
    if (this.characters > mostWaiting) this.shed();
    if (this.retry === null) this.flush();
  }

  /** Writes as many lines as the output accepts. @returns whether that was all */
  flush(): boolean {
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    try {
      while (this.rest !== null || this.lines.length > 0) {
        const bytes = this.rest ?? this.next();
        this.rest = bytes;
        const taken = this.sink.write(bytes);
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
        this.report({ kind: 'failing', error: error as NodeJS.ErrnoException });
      }
      return false;
    }
    this.allTaken();
    return true;
  }

  /** Waits until all lines are written, at most for `ms`. @returns whether they are */
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
    // The timer does not keep the process alive.
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
      this.report({ kind: 'taken', dropped, failed, ms });
  }

  /** Drops lines of the lowest rank, the oldest first, then of the next rank, until enough are gone. */
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

/** A file descriptor that is written without blocking. */
export class Outlet {
  private readonly fd: number;
  /** kept, because the descriptor is closed with it */
  readonly socket: Socket | null;
  /** of a regular file: its bytes after the latest write */
  private size = 0;
  /** log rotation emptied the file: what follows goes to its end, not where it was */
  private isCut = false;

  /** @param fd stays open; made non-blocking for the processes that share it only if that cannot be avoided */
  constructor(fd: number) {
    const own = reopened(fd);
    this.fd = own ?? fd;
    this.socket = own === null ? asSocket(fd) : null;
  }

  /**
   * Writes as much of `bytes` as the descriptor accepts at once. @returns the number of bytes written
   * @throws ErrnoException if writing fails: ENOSPC, EPIPE, EIO and the like
   */
  write(bytes: Uint8Array): number {
    try {
      const position = this.endIfCut();
      const written = writeSync(this.fd, bytes, 0, bytes.length, position);
      this.size += written;
      return written;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') return 0;
      throw error;
    }
  }

  /**
   * Where to write in a regular file that became shorter (`copytruncate`); null: where the descriptor is. Opened without
   * appending, as by `>`, that is where it was before, behind a hole of zeros as long as the old log.
   */
  private endIfCut(): number | null {
    const kind = fstatSync(this.fd);
    if (!kind.isFile()) return null;
    this.isCut ||= kind.size < this.size;
    this.size = kind.size;
    return this.isCut ? kind.size : null;
  }
}

/**
 * Opens the same pipe or terminal again, so that only this process's writes do not block. Null if it is neither, or if
 * the system refuses (it belongs to another user).
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

/** A socket object for the descriptor, because Node makes the descriptor non-blocking with it. */
function asSocket(fd: number): Socket | null {
  const kind = fstatSync(fd);
  if (process.platform === 'win32' || !(kind.isSocket() || kind.isFIFO())) return null;
  return new Socket({ fd, readable: false, writable: true });
}
