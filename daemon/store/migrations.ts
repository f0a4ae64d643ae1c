// The schema, one step a version. A step is never edited once it was released: a change of the
// schema is a new step. The version stands in SQLite's user_version; all steps that are missing run
// in one transaction, so a file is of one version or of the next, never between.
import type Database from 'better-sqlite3';
import { parseAddress } from '../../shared/protocol/address.ts';
import { hashAddress } from '../core/address-hash.ts';
import { StoreError } from './store-error.ts';

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
  // 3: hosts by their row in the registry: what is written last stands together, a row is found by a
  // number, and the hosts are read in the order of their changes. The hash of the address is stored
  // beside it, since an address that was damaged into another one no longer stands out of an order.
  `CREATE TABLE hosts_by_row (
     row             INTEGER NOT NULL PRIMARY KEY,
     address         TEXT    NOT NULL,
     address_hash    INTEGER NOT NULL,
     node_id         TEXT    NOT NULL,
     first_seen      INTEGER NOT NULL,
     last_seen       INTEGER NOT NULL,
     state           TEXT    NOT NULL CHECK (state IN ('live', 'gone')),
     dialect         TEXT    NOT NULL CHECK (dialect IN ('native', 'legacy')),
     change          INTEGER NOT NULL,
     changed_at      INTEGER NOT NULL,
     version_ms      INTEGER NOT NULL,
     version_counter INTEGER NOT NULL,
     version_server  TEXT    NOT NULL,
     entry           INTEGER NOT NULL
   ) STRICT;
   INSERT INTO hosts_by_row SELECT row_number() OVER (ORDER BY change) - 1, address,
     address_hash(address), node_id, first_seen, last_seen, state, dialect, change, changed_at,
     version_ms, version_counter, version_server, entry FROM hosts;
   DROP TABLE hosts;
   ALTER TABLE hosts_by_row RENAME TO hosts;`,
];

export const schemaVersion = migrationSteps.length;

/** Brings the schema up to date. @throws StoreError when the file is of a newer daemon. */
export function migrate(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > schemaVersion)
    throw new StoreError(
      'store-newer',
      `${file} has schema version ${version}, this ddnsd knows up to ${schemaVersion}. Install the newer ddnsd that wrote it, or set another Database in ddns.conf`,
    );
  // Also when nothing is missing: it takes the write lock, so a file in use is noticed now.
  database.function('address_hash', { deterministic: true }, addressHash);
  const run = database.transaction(() => {
    for (const step of migrationSteps.slice(version)) database.exec(step);
    database.pragma(`user_version = ${schemaVersion}`);
  });
  run.immediate();
}

/** A text that is no address gets a hash that none has: reading it tells. */
function addressHash(address: unknown): number {
  const words = parseAddress(String(address));
  return words === null ? -1 : hashAddress(words, 0);
}
