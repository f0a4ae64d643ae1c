// Opens the SQLite file of the registry and turns what can be wrong with it into what the operator
// should do. The file is locked for as long as the daemon runs (locking_mode=EXCLUSIVE): two
// daemons writing one registry would each overwrite what the other has answered.
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

/**
 * The schema, one SQL script a version. A released step is never edited: a change of the schema is a new step.
 * The version stands in SQLite's user_version.
 */
export const migrationSteps: readonly string[] = [
  // 1: hosts by their address, and what identifies the registry. Times are ms since 1970, `change`
  // is the number of the change that made the host live or gone, `changed_at` when that was.
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
  // 2: a version for each host, whose server is '' for this registry's own, and its number in this
  // server's own log, 0 for another server's version. All that is there was changed here. `applied`:
  // up to which entry the logs of other servers are in here.
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
  // 3: a host is one record of bytes under its row in the registry: what is written last stands
  // together, and a million are read four times as fast. The rows begin in the order of the changes.
  `CREATE TABLE records (
     row    INTEGER NOT NULL PRIMARY KEY,
     record BLOB    NOT NULL
   ) STRICT;
   INSERT INTO records SELECT row, pack_host(row, address, node_id, first_seen, last_seen, state,
     dialect, change, changed_at, version_ms, version_counter, version_server, entry)
     FROM (SELECT row_number() OVER (ORDER BY change) - 1 AS row, * FROM hosts);
   DROP TABLE hosts;
   ALTER TABLE records RENAME TO hosts;`,
  // 4: what was written of hosts that were only seen again, beside their records: see contacts.ts.
  `CREATE TABLE contacts (
     number INTEGER NOT NULL PRIMARY KEY,
     record BLOB    NOT NULL
   ) STRICT;`,
  // 5: a numbering of changes is called an epoch, here as everywhere.
  `ALTER TABLE applied RENAME COLUMN incarnation TO epoch;
   UPDATE identity SET name = 'epoch' WHERE name = 'incarnation';`,
];

export const schemaVersion = migrationSteps.length;

/**
 * Brings the schema up to date: all missing steps in one transaction, so a file has one version or the next.
 * @throws StoreError when the file is of a newer daemon
 */
function migrate(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > schemaVersion)
    throw new StoreError(
      'store-newer',
      `${file} has schema version ${version}, this ddnsd knows up to ${schemaVersion}. Install the newer ddnsd that wrote it, or set another Database in ddns.conf`,
    );
  // Also when nothing is missing: it takes the write lock, so a file in use is noticed now.
  // Own versions had no name in columns either.
  database.function('pack_host', { varargs: true }, (...values) =>
    packHost(checkedHost(values, file), ''),
  );
  const run = database.transaction(() => {
    for (const step of migrationSteps.slice(version)) database.exec(step);
    database.pragma(`user_version = ${schemaVersion}`);
  });
  run.immediate();
}

/** A host of the first two schemas, whose values were not protected by a checksum. */
function checkedHost(values: unknown[], file: string): StoredHost {
  // By index: taking so many values apart as an iterable costs more than all the rest.
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
    throw corrupt(file, `the host ${printable(String(values[1]), 64)} is not as written`);
  return host;
}

/** What is counted here is exact as a number of JavaScript. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
