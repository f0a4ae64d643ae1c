// Opens the SQLite file of the registry and turns what can be wrong with it into what the operator
// should do. The file is locked for as long as the daemon runs (locking_mode=EXCLUSIVE): two
// daemons writing one registry would each overwrite what the other has answered.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { migrate } from './migrations.ts';
import { corrupt, explain, type Phase, StoreError } from './store-error.ts';

/**
 * Pages kept in memory, in KiB (negative means KiB to SQLite): the inner pages of a million hosts are
 * 200 KiB. Others are read again from the system's cache, of which they were only a copy.
 */
const cacheKib = -2_048;

/**
 * Pages in the log, 16 MB, at which SQLite itself writes them into the file, within a commit that then
 * takes as long as ten others. `HostStore.checkpoint` mostly does it long before.
 */
const mostPagesInLog = 4_000;

/**
 * SQLite's driver, a native addon: loaded when a file is opened, so that one that is missing or does not load
 * is told like anything else that keeps the registry from being opened.
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
    // An answered registration survives a power cut: every commit is on the disk before the answer.
    database.pragma('synchronous = FULL');
    database.pragma(`cache_size = ${cacheKib}`);
    database.pragma(`wal_autocheckpoint = ${mostPagesInLog}`);
    database.pragma('foreign_keys = ON');
    checkPages(database, file);
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof StoreError ? error : explain(error, file, phase);
  }
}

function checkPages(database: Database.Database, file: string): void {
  // Reading the schema touches the header and the first page: a file of another kind fails here.
  const version = database.pragma('schema_version', { simple: true });
  if (typeof version !== 'number') throw corrupt(file, 'no schema version');
}
