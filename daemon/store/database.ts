// Opens the registry's SQLite file and brings its schema up to date. Other programs may read the file
// meanwhile; another daemon is kept out by a lock (database-lock.ts).
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { makeFolders } from '../../shared/make-folders.ts';
import { loadDriver } from './driver.ts';
import { migrate, versionOf } from './schema.ts';
import { attempt, corrupt, explain, type Phase, type StoreError } from './store-error.ts';

/**
 * SQLite's page cache in KiB (SQLite wants it negative). The inner pages of a million hosts take 200 KiB; other
 * pages are read again from the system's cache.
 */
const cacheKib = -2_048;

/**
 * Pages in the write-ahead log, 16 MB, at which SQLite checkpoints by itself, within a commit that then takes
 * as long as ten others. `HostStore.checkpoint` usually does it long before.
 */
export const mostPagesInLog = 4_000;

/** Bytes of the log that are kept when it begins anew, after a reader or a backup held it. */
const keptLogBytes = 16_777_216;

/** How long to wait for another program that opens or closes the database, ms: nobody is answered meanwhile. */
const busyMs = 200;

/** Bytes of a page: SQLite's default. */
export const pageBytes = 4_096;

/**
 * Opens or creates the registry's file and brings its schema up to date.
 * @throws StoreError
 */
export function openDatabase(file: string, phase: Phase = 'starting'): Database.Database {
  try {
    return open(file, phase, true);
  } catch (error) {
    // Without shared memory, as on some network file systems, SQLite can do without if nobody else opens the file.
    const { cause } = error as StoreError;
    if (!(cause as { code?: string } | undefined)?.code?.startsWith('SQLITE_IOERR_SHM'))
      throw error;
    return open(file, phase, false);
  }
}

function open(file: string, phase: Phase, isShared: boolean): Database.Database {
  let database: Database.Database | undefined;
  try {
    const Driver = loadDriver();
    makeFolders(dirname(file));
    database = new Driver(file, { timeout: busyMs });
    if (!isShared) database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    // An answered registration survives a power cut: a commit is on the disk before the answer is sent.
    database.pragma('synchronous = FULL');
    database.pragma(`cache_size = ${cacheKib}`);
    database.pragma(`wal_autocheckpoint = ${mostPagesInLog}`);
    database.pragma(`journal_size_limit = ${keptLogBytes}`);
    database.pragma('foreign_keys = ON');
    checkPages(database, file);
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, file, phase);
  }
}

/**
 * Creates a file that is worth nothing until it is complete (new-file.ts): without a journal, and without waiting for the
 * disk.
 * @throws StoreError
 */
export function openNewDatabase(file: string, phase: Phase = 'running'): Database.Database {
  return attempt(
    file,
    () => {
      const database = new (loadDriver())(file);
      database.pragma('journal_mode = OFF');
      database.pragma('synchronous = OFF');
      database.pragma(`cache_size = ${cacheKib}`);
      migrate(database, file);
      return database;
    },
    phase,
  );
}

/**
 * Writes the write-ahead log of a database that is not in use into it, whatever its schema.
 * @returns the version of its schema; 0: it is not a registry
 * @throws StoreError; `store-locked` when a process uses it
 */
export function settleDatabase(file: string): number {
  return attempt(file, () => {
    const database = new (loadDriver())(file, { timeout: 0, fileMustExist: true });
    try {
      database.pragma('locking_mode = EXCLUSIVE');
      database.exec('BEGIN IMMEDIATE; COMMIT');
      return versionOf(database);
    } finally {
      database.close();
    }
  });
}

function checkPages(database: Database.Database, file: string): void {
  // Reading the schema reads the header and the first page, so a file of another kind fails here.
  const version = database.pragma('schema_version', { simple: true });
  if (typeof version !== 'number') throw corrupt(file, 'no schema version');
}
