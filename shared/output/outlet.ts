// Standard output or error for a program that has more to do than to write: what is taken now is
// written, and nobody waits for the rest. A pipe whose reader is stopped, a terminal after Ctrl-S and a
// socket that nobody reads take nothing; a blocking write to one of them would stop the whole process.
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';

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
