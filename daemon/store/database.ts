// Opens the registry's SQLite file and brings its schema up to date. The file is locked for as long as the
// daemon runs (locking_mode=EXCLUSIVE), because two daemons on one file would overwrite what the other has
// answered.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { migrate } from './schema.ts';
import { attempt, corrupt, explain, type Phase } from './store-error.ts';

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

/**
 * SQLite's driver, a native addon, loaded late so that a missing or broken one is reported like any other
 * StoreError.
 */
function loadDriver(): typeof Database {
  return createRequire(import.meta.url)('better-sqlite3');
}

/**
 * Opens or creates the registry's file and brings its schema up to date.
 * @throws StoreError
 */
export function openDatabase(file: string, phase: Phase = 'starting'): Database.Database {
  let database: Database.Database | undefined;
  try {
    const Driver = loadDriver();
    mkdirSync(dirname(file), { recursive: true });
    database = new Driver(file, { timeout: 0 });
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    // An answered registration survives a power cut: a commit is on the disk before the answer is sent.
    database.pragma('synchronous = FULL');
    database.pragma(`cache_size = ${cacheKib}`);
    database.pragma(`wal_autocheckpoint = ${mostPagesInLog}`);
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
      return database.pragma('user_version', { simple: true }) as number;
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
