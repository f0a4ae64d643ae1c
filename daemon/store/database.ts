// Opens the registry's SQLite file and brings its schema up to date. The file is locked for as long as the
// daemon runs (locking_mode=EXCLUSIVE), because two daemons on one file would overwrite what the other has
// answered.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { printable } from '../../shared/output/printable.ts';
import { formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import { isNodeId } from '../../shared/protocol/tokens.ts';
import type { StoredHost } from '../core/registry/host-record.ts';
import { packNodeId } from '../core/registry/node-ids.ts';
import { packHost } from './packed-host.ts';
import { attempt, corrupt, explain, type Phase, StoreError } from './store-error.ts';

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

/**
 * The schema, one SQL script a version. A released step is never edited: a change of the schema is a new step.
 * The version stands in SQLite's user_version.
 */
export const migrationSteps: readonly string[] = [
  // 1: hosts by address, and the registry's identity. Times are ms since 1970; `change` is the number of the
  // change that made the host live or gone, `changed_at` its time.
  `CREATE TABLE hosts (
     address    TEXT    NOT NULL PRIMARY KEY,
     node_id    TEXT    NOT NULL,
     first_seen INTEGER NOT NULL,
     last_seen  INTEGER NOT NULL,
     state      TEXT    NOT NULL CHECK (state IN ('live', 'gone')),
     dialect    TEXT    NOT NULL CHECK (dialect IN ('native', 'legacy')),
     change     INTEGER NOT NULL,
     changed_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE identity (
     name  TEXT NOT NULL PRIMARY KEY,
     value TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // 2: a version for each host, with server '' for those made here, and its entry in the change log, 0 for another
  // server's version. All existing hosts were changed here. `applied` is the version vector.
  `ALTER TABLE hosts ADD COLUMN version_ms INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE hosts ADD COLUMN version_counter INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE hosts ADD COLUMN version_server TEXT NOT NULL DEFAULT '';
   ALTER TABLE hosts ADD COLUMN entry INTEGER NOT NULL DEFAULT 0;
   UPDATE hosts SET version_ms = changed_at, entry = change;
   INSERT INTO identity SELECT 'entry', CAST(max(change) AS TEXT) FROM hosts WHERE true
     HAVING count(*) > 0;
   CREATE TABLE applied (
     server      TEXT    NOT NULL PRIMARY KEY,
     incarnation TEXT    NOT NULL,
     entry       INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // 3: a host is one packed record under its row in the registry: hosts written at the same time share pages, and a
  // million are read four times as fast. The first rows are in the order of the changes.
  `CREATE TABLE records (
     row    INTEGER NOT NULL PRIMARY KEY,
     record BLOB    NOT NULL
   ) STRICT;
   INSERT INTO records SELECT row, pack_host(row, address, node_id, first_seen, last_seen, state,
     dialect, change, changed_at, version_ms, version_counter, version_server, entry)
     FROM (SELECT row_number() OVER (ORDER BY change) - 1 AS row, * FROM hosts);
   DROP TABLE hosts;
   ALTER TABLE records RENAME TO hosts;`,
  // 4: contacts, beside the hosts' records (contacts.ts).
  `CREATE TABLE contacts (
     number INTEGER NOT NULL PRIMARY KEY,
     record BLOB    NOT NULL
   ) STRICT;`,
  // 5: a numbering of changes is called an epoch.
  `ALTER TABLE applied RENAME COLUMN incarnation TO epoch;
   UPDATE identity SET name = 'epoch' WHERE name = 'incarnation';`,
];

/** The schema version of this ddnsd. */
export const schemaVersion = migrationSteps.length;

/**
 * Brings the schema up to date: all missing steps in one transaction, so a file has one version or the next.
 * @throws StoreError when the file is of a newer daemon
 */
function migrate(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > schemaVersion) {
    const finding = `${file} has schema version ${version}, this ddnsd knows up to ${schemaVersion}`;
    const next = 'Install the newer ddnsd that wrote it, or set another Database in ddns.conf';
    throw new StoreError('store-newer', `${finding}. ${next}`, undefined, finding);
  }
  // The transaction runs even if no step is missing: it takes the write lock, so a file in use is noticed now.
  database.function('pack_host', { varargs: true }, (...values) =>
    packHost(checkedHost(values, file), ''),
  );
  const run = database.transaction(() => {
    for (const step of migrationSteps.slice(version)) database.exec(step);
    database.pragma(`user_version = ${schemaVersion}`);
  });
  run.immediate();
}

/** A host of schema 1 or 2, whose values have no checksum and are validated instead. @throws StoreError */
function checkedHost(values: unknown[], file: string): StoredHost {
  // By index: destructuring so many values costs more than all the rest.
  const words = parseAddress(String(values[1]));
  const nodeId = String(values[2]);
  const server = String(values[11]);
  const host = {
    row: Number(values[0]),
    words: words ?? new Uint32Array(0),
    nodeId: packNodeId(nodeId),
    firstSeen: Number(values[3]),
    lastSeen: Number(values[4]),
    state: values[5] as StoredHost['state'],
    dialect: values[6] as StoredHost['dialect'],
    change: Number(values[7]),
    changedAt: Number(values[8]),
    version: { ms: Number(values[9]), counter: Number(values[10]), server },
    isProved: false,
    hasLeft: false,
    entry: Number(values[12]),
  };
  const isSound =
    words !== null &&
    formatAddress(words, 0) === values[1] &&
    isNodeId(nodeId) &&
    (server === '' || isNodeId(server)) &&
    isCount(host.firstSeen) &&
    isCount(host.lastSeen) &&
    isCount(host.change) &&
    isCount(host.changedAt) &&
    isCount(host.version.ms) &&
    isCount(host.entry) &&
    host.version.counter >= 0 &&
    host.version.counter < 2 ** 32;
  if (!isSound)
    throw corrupt(file, `the host ${printable(String(values[1]), 64)} has invalid values`);
  return host;
}

/** Whether a number is a count: a whole number that JavaScript represents exactly, not negative. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
