// A backup is the database's own file, read while the daemon goes on. SQLite changes that file only in a checkpoint;
// commits go to the write-ahead log. So after one checkpoint the file is the registry of that moment until the next
// one, and checkpoints wait for the reader. Whatever cannot wait ends the snapshot: its reader gets an error, never
// pages of two moments.
//
// The file stays open as long as the database: a process that closes any descriptor of a file loses all its POSIX
// locks on it, SQLite's among them (sqlite.org/howtocorrupt.html, 2.2).
import { closeSync, fstatSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import type Database from 'better-sqlite3';
import { mostPagesInLog } from './database.ts';
import { readerOf } from './log-growth.ts';

const readAt = promisify(read);

/** Bytes per read: a message of 350 KB to the console, which is made in less than a millisecond. */
export const pieceBytes = 262_144;

/**
 * Bytes in the write-ahead log for which checkpoints wait: what a server under full load writes while a million hosts
 * are read. The checkpoint afterwards stops the daemon for some tenths of a second.
 */
export const mostHeldBytes = 67_108_864;

/** A reader that is silent for this long, in ms, is stopped (Ctrl-Z) or hangs. */
const silentMs = 60_000;

/** A snapshot cannot be begun or read on; `message` says why, for operators. */
export class SnapshotError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SnapshotError';
  }
}

/** The database as it was at one moment. */
export interface Snapshot {
  readonly bytes: number;
  /** At most `pieceBytes` from `at` on; with the last ones the snapshot ends. @throws SnapshotError */
  read(at: number): Promise<Buffer>;
}

interface Reader {
  isUnwanted: () => boolean;
  /** monotonic ms */
  heardAt: number;
  /** when the file was written last */
  mtimeMs: number;
}

/** The snapshots of one open database, one at a time. */
export class Snapshots {
  private readonly file: string;
  private readonly database: Database.Database;
  private descriptor: number | null = null;
  private reads = 0;
  private isClosed = false;
  private reader: Reader | null = null;
  private endedBecause = '';

  constructor(file: string, database: Database.Database) {
    this.file = file;
    this.database = database;
  }

  /**
   * Begins a snapshot of what is committed. `isUnwanted`: its reader has gone.
   * @throws SnapshotError when another one is being read; errors of SQLite and of the file system
   */
  begin(isUnwanted: () => boolean): Snapshot {
    if (this.reader !== null && !this.isLost(this.reader))
      throw new SnapshotError('another backup is in progress; try again when it has ended');
    this.end('another backup began');
    this.descriptor ??= openSync(this.file, 'r');
    const [done] = this.database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    if (done?.busy !== 0)
      throw new SnapshotError(`${readerOf(this.file)} is reading the database; try again`);
    this.database.pragma('wal_autocheckpoint = 0');
    const { size: bytes, mtimeMs } = fstatSync(this.descriptor);
    const reader = { isUnwanted, heardAt: performance.now(), mtimeMs };
    this.reader = reader;
    return { bytes, read: (at) => this.read(reader, at, bytes) };
  }

  /** Whether a checkpoint has to wait; a log of more than `mostHeldBytes` ends the snapshot instead. */
  holdCheckpoint(logBytes: number): boolean {
    if (this.reader === null) return false;
    if (this.isLost(this.reader)) this.end('it was not read on');
    else if (logBytes > mostHeldBytes)
      this.end(
        `it took so long that ${Math.round(logBytes / 1_048_576)} MB of changes waited, ${mostHeldBytes / 1_048_576} MB at most; write it to a faster disk`,
      );
    return this.reader !== null;
  }

  /** Ends the snapshot, if there is one: the file is about to change. `why` is for its reader. */
  end(why: string): void {
    if (this.reader === null) return;
    this.reader = null;
    this.endedBecause = why;
    if (this.database.open) this.database.pragma(`wal_autocheckpoint = ${mostPagesInLog}`);
  }

  /** Call once the database is closed. */
  close(): void {
    this.end('ddnsd stops');
    this.isClosed = true;
    this.release();
  }

  private isLost({ isUnwanted, heardAt }: Reader): boolean {
    return isUnwanted() || performance.now() - heardAt > silentMs;
  }

  private async read(reader: Reader, at: number, bytes: number): Promise<Buffer> {
    const check = () => {
      if (this.reader === reader && fstatSync(this.descriptor as number).mtimeMs !== reader.mtimeMs)
        this.end('another program wrote into the database; try again');
      if (this.reader !== reader) throw new SnapshotError(`the backup ended: ${this.endedBecause}`);
      reader.heardAt = performance.now();
    };
    check();
    const piece = Buffer.allocUnsafe(Math.max(0, Math.min(pieceBytes, bytes - at)));
    this.reads++;
    try {
      const { bytesRead } = await readAt(this.descriptor as number, piece, 0, piece.length, at);
      check();
      if (bytesRead < piece.length) throw new SnapshotError(`${this.file} became shorter`);
      if (at + piece.length >= bytes) this.end('it is complete');
      return piece;
    } finally {
      this.reads--;
      this.release();
    }
  }

  /** Closes the descriptor when nothing reads from it: its number is given to another file at once. */
  private release(): void {
    if (!this.isClosed || this.reads > 0 || this.descriptor === null) return;
    closeSync(this.descriptor);
    this.descriptor = null;
  }
}
