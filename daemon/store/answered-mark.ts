// The file beside the database (`hosts.db-mark`) that says up to where it was committed when something
// was last answered: see core/registry/rollback.ts. One line of text, written over itself at each commit. It is
// not forced to the disk: a power cut may leave an older one, which is no harm, and `kill -9` does not.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { Committed } from '../core/registry/file-identity.ts';

/** Less than a sector, so that it is never half written. */
const markBytes = 160;

const head = 'ddnsd-mark 1';

const written = new RegExp(
  `^${head} ([0-9a-f]{16}) ([0-9a-f]{8}) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) *\n$`,
);

/** Not for the group: nobody else needs it. */
const markMode = 0o600;

export class AnsweredMark {
  private readonly file: string;
  private handle: number | null = null;
  private text = '';

  constructor(database: string) {
    this.file = `${database}-mark`;
  }

  /** What stands there; null: nothing that can be read. */
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

  /** Never throws: without a mark, or with an old one, the database is as good as before. */
  write(committed: Committed): void {
    const { serverId, epoch, entry, change, ino, logIno, logMadeAt } = committed;
    const words = [head, serverId, epoch, entry, change, ino, logIno, logMadeAt].join(' ');
    if (words === this.text) return;
    this.text = words;
    this.put();
  }

  /** Writes it anew when the file was deleted or replaced. */
  look(): void {
    try {
      const there = statSync(this.file, { throwIfNoEntry: false });
      if (this.handle !== null && there?.ino === fstatSync(this.handle).ino) return;
    } catch {
      // It cannot be looked at; perhaps it can be written.
    }
    this.release();
    if (this.text !== '') this.put();
  }

  /** Forces it to the disk. */
  close(): void {
    try {
      if (this.handle !== null) fsyncSync(this.handle);
    } catch {
      // An older one is no harm.
    }
    this.release();
  }

  private put(): void {
    try {
      this.handle ??= openSync(this.file, constants.O_RDWR | constants.O_CREAT, markMode);
      writeSync(this.handle, `${this.text.padEnd(markBytes - 1)}\n`, 0, 'latin1');
    } catch {
      this.release();
    }
  }

  private release(): void {
    const { handle } = this;
    this.handle = null;
    try {
      if (handle !== null) closeSync(handle);
    } catch {
      // It is closed all the same.
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
