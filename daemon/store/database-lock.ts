// Keeps a second daemon from the database, while any other program may read it. Two daemons on one file would overwrite
// what the other has answered.
//
// Node has no call that locks a file, so the lock is one of SQLite's, on an empty database beside the real one
// (`hosts.db-lock`): the system releases it when the process ends, however that ends.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { privateMode } from '../../shared/config/write-file.ts';
import { fileState, giveRights } from '../../shared/file-rights.ts';
import { makeFolders } from '../../shared/make-folders.ts';
import { loadDriver } from './driver.ts';
import { leadsTo } from './open-files.ts';
import { explain } from './store-error.ts';

/** The lock of the database `file`, under whichever of its names. */
export function lockFile(file: string): string {
  return `${leadsTo(file) ?? file}-lock`;
}

/** The lock of one database, held until `release`. */
export class DatabaseLock {
  private readonly file: string;
  private readonly database: string;
  private held: { connection: Database.Database; ino: number } | null = null;

  /** Creates the folder of the database, too. @throws StoreError with code `store-locked` if another process has it */
  constructor(database: string) {
    this.database = database;
    try {
      makeFolders(dirname(database));
      this.file = lockFile(database);
      this.take();
    } catch (error) {
      throw explain(error, database);
    }
  }

  /** Call once a second: takes the lock again if its file was deleted, as soon as that is possible. */
  look(): void {
    if (this.held !== null && fileState(this.file)?.ino === this.held.ino) return;
    this.release();
    try {
      this.take();
    } catch {
      // The folder is gone, or another daemon began meanwhile: open-files.ts notices what that writes.
    }
  }

  release(): void {
    this.held?.connection.close();
    this.held = null;
  }

  private take(): void {
    const isNew = fileState(this.file) === null;
    const connection = new (loadDriver())(this.file, { timeout: 0 });
    try {
      // Nothing is ever written, so no journal is needed on the disk.
      connection.pragma('journal_mode = MEMORY');
      connection.exec('BEGIN EXCLUSIVE');
      // Root restores a backup, and the daemon's user has to lock it afterwards.
      const owner = fileState(this.database) ?? statSync(dirname(this.file));
      if (isNew) giveRights(this.file, { ...owner, mode: privateMode });
      this.held = { connection, ino: statSync(this.file).ino };
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}
