// The file beside the database (`hosts.db-mark`) that records up to where the database was committed when the
// daemon last answered, so that the next start notices an older database (core/registry/file-identity.ts). It
// is one line of text, overwritten at each commit and not synced: a power cut may leave an older line, which
// does no harm, and `kill -9` leaves the latest one.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { Committed } from '../core/registry/file-identity.ts';

/** Less than a sector, so a write is never torn. */
const markBytes = 160;

const head = 'ddnsd-mark 1';

const written = new RegExp(
  `^${head} ([0-9a-f]{16}) ([0-9a-f]{8}) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) *\n$`,
);

/** Nobody but the daemon's user needs it. */
const markMode = 0o600;

/** The mark beside one database. */
export class AnsweredMark {
  private readonly file: string;
  private handle: number | null = null;
  private text = '';

  constructor(database: string) {
    this.file = `${database}-mark`;
  }

  /** The recorded commit; null if there is none that can be read. */
  read(): Committed | null {
    try {
      const handle = openSync(this.file, 'r');
      try {
        const bytes = Buffer.alloc(markBytes);
        return parse(bytes.toString('latin1', 0, readSync(handle, bytes, 0, markBytes, 0)));
      } finally {
        closeSync(handle);
      }
    } catch {
      return null;
    }
  }

  /** Records a commit. Never throws: the database is sound without a mark, or with an old one. */
  write(committed: Committed): void {
    const { serverId, epoch, entry, change, ino, logIno, logMadeAt } = committed;
    const words = [head, serverId, epoch, entry, change, ino, logIno, logMadeAt].join(' ');
    if (words === this.text) return;
    this.text = words;
    this.put();
  }

  /** Writes the file again if it was deleted or replaced. */
  look(): void {
    try {
      const there = statSync(this.file, { throwIfNoEntry: false });
      if (this.handle !== null && there?.ino === fstatSync(this.handle).ino) return;
    } catch {
      // stat failed; writing may still succeed.
    }
    this.release();
    if (this.text !== '') this.put();
  }

  /** Syncs and closes the file. */
  close(): void {
    try {
      if (this.handle !== null) fsyncSync(this.handle);
    } catch {
      // An older mark does no harm.
    }
    this.release();
  }

  private put(): void {
    try {
      this.handle ??= this.open();
      writeSync(this.handle, `${this.text.padEnd(markBytes - 1)}\n`, 0, 'latin1');
    } catch {
      this.release();
    }
  }

  /** One that belongs to another user, as after a start as root, is replaced: only the folder has to be this user's. */
  private open(): number {
    const flags = constants.O_RDWR | constants.O_CREAT;
    try {
      return openSync(this.file, flags, markMode);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
      rmSync(this.file);
      return openSync(this.file, flags, markMode);
    }
  }

  private release(): void {
    const { handle } = this;
    this.handle = null;
    try {
      if (handle !== null) closeSync(handle);
    } catch {
      // The descriptor is released all the same.
    }
  }
}

function parse(text: string): Committed | null {
  const match = written.exec(text);
  if (match === null) return null;
  const [, serverId = '', epoch = '', entry, change, ino, logIno, logMadeAt] = match;
  return {
    serverId,
    epoch,
    entry: Number(entry),
    change: Number(change),
    ino: Number(ino),
    logIno: Number(logIno),
    logMadeAt: Number(logMadeAt),
  };
}
