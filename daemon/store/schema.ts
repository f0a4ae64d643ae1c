// The schema of the registry's file, and how files of older versions are brought up to date.
import type Database from 'better-sqlite3';
import { printable } from '../../shared/output/printable.ts';
import { formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import { isNodeId } from '../../shared/protocol/tokens.ts';
import type { StoredHost } from '../core/registry/host-record.ts';
import { packNodeId } from '../core/registry/node-ids.ts';
import { hostValues, putHostSql } from './host-rows.ts';
import { contactsApplied } from './packed-contacts.ts';
import { packHost, readPackedHosts } from './packed-host.ts';
import { corrupt, StoreError } from './store-error.ts';
import { isCount } from './stored-values.ts';

/** A step is an SQL script, or what SQL cannot say. */
type Step = string | ((database: Database.Database, file: string) => void);

/**
 * The schema, one step a version. A released step is never edited: a change of the schema is a new step. The version
 * stands in SQLite's user_version, and in `identity`.
 */
const steps: readonly Step[] = [
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
  // 3: a host is one packed record under its row in the registry (packed-host.ts). The first rows are in the order of
  // the changes.
  `CREATE TABLE records (
     row    INTEGER NOT NULL PRIMARY KEY,
     record BLOB    NOT NULL
   ) STRICT;
   INSERT INTO records SELECT row, pack_host(row, address, node_id, first_seen, last_seen, state,
     dialect, change, changed_at, version_ms, version_counter, version_server, entry)
     FROM (SELECT row_number() OVER (ORDER BY change) - 1 AS row, * FROM hosts);
   DROP TABLE hosts;
   ALTER TABLE records RENAME TO hosts;`,
  // 4: contacts, beside the hosts' records (packed-contacts.ts).
  `CREATE TABLE contacts (
     number INTEGER NOT NULL PRIMARY KEY,
     record BLOB    NOT NULL
   ) STRICT;`,
  // 5: a numbering of changes is called an epoch.
  `ALTER TABLE applied RENAME COLUMN incarnation TO epoch;
   UPDATE identity SET name = 'epoch' WHERE name = 'incarnation';`,
  // 6: a host is a row of named columns (host-rows.ts), contacts are JSON (contacts.ts), and the view `hosts` has both.
  unpack,
];

/** The schema version of this ddnsd. */
export const schemaVersion = steps.length;

/** What people see: each host with its latest contact. SQLite makes an index of the contacts only for a number. */
const hostsView = `CREATE VIEW hosts AS
  SELECT address, node_id, state, dialect, is_proved, has_left, first_seen,
    coalesce(seen.last_seen, host_rows.last_seen) AS last_seen, change, changed_at,
    coalesce(seen.version_ms, host_rows.version_ms) AS version_ms,
    coalesce(seen.version_counter, host_rows.version_counter) AS version_counter,
    CASE WHEN seen.version_ms IS NOT NULL OR version_server = ''
      THEN (SELECT value FROM identity WHERE name = 'id') ELSE version_server END AS version_server,
    coalesce(seen.entry, host_rows.entry) AS entry
  FROM host_rows LEFT JOIN (
    SELECT CAST(json_extract(value, '$[0]') AS INTEGER) AS row, max(number),
      json_extract(value, '$[1]') AS last_seen, json_extract(value, '$[2]') AS version_ms,
      json_extract(value, '$[3]') AS version_counter, json_extract(value, '$[4]') AS entry
    FROM contacts, json_each(contacts.seen) GROUP BY 1
  ) AS seen ON seen.row = host_rows.row`;

/** Packed records moved at a time: the pages that they leave take the columns of the next ones. */
const movedAtOnce = 512;

function unpack(database: Database.Database, file: string): void {
  database.exec(
    `ALTER TABLE hosts RENAME TO packed_hosts;
     ALTER TABLE contacts RENAME TO packed_contacts;
     CREATE TABLE host_rows (
       row             INTEGER NOT NULL PRIMARY KEY,
       address         TEXT    NOT NULL,
       node_id         TEXT    NOT NULL,
       state           TEXT    NOT NULL,
       dialect         TEXT    NOT NULL,
       is_proved       INTEGER NOT NULL,
       has_left        INTEGER NOT NULL,
       first_seen      INTEGER NOT NULL,
       last_seen       INTEGER NOT NULL,
       change          INTEGER NOT NULL,
       changed_at      INTEGER NOT NULL,
       version_ms      INTEGER NOT NULL,
       version_counter INTEGER NOT NULL,
       version_server  TEXT    NOT NULL,
       entry           INTEGER NOT NULL,
       checksum        INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE contacts (
       number   INTEGER NOT NULL PRIMARY KEY,
       seen     TEXT    NOT NULL,
       checksum INTEGER NOT NULL
     ) STRICT;
     ${hostsView};`,
  );
  const put = database.prepare(putHostSql);
  const forget = database.prepare('DELETE FROM packed_hosts WHERE row <= ?');
  let moved = 0;
  for (const host of contactsApplied(database, file, readPackedHosts(database, file, ''))) {
    put.run(...hostValues(host, ''));
    if (++moved % movedAtOnce === 0) forget.run(host.row);
  }
  database.exec('DROP TABLE packed_hosts; DROP TABLE packed_contacts;');
}

/** The version once more, among what is copied as text; written only when it is another one. */
const keepVersionSql = `INSERT INTO identity VALUES ('schema', ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value`;

/**
 * The version of the schema; 0: the file is no registry. A copy that was made as text (`sqlite3 hosts.db .dump`) has lost
 * its user_version, with nothing else amiss.
 */
export function versionOf(database: Database.Database): number {
  const found = database.pragma('user_version', { simple: true }) as number;
  if (found > 0) return found;
  const isTable = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'identity'";
  if (database.prepare(isTable).get() === undefined) return 0;
  const kept = "SELECT value FROM identity WHERE name = 'schema'";
  return Number(database.prepare(kept).pluck().get() ?? 0);
}

/**
 * Brings the schema up to date: all missing steps in one transaction, so a file has one version or the next.
 * @param version to stop at; an older one is for tests
 * @throws StoreError when the file is of a newer daemon, or a host in it is damaged
 */
export function migrate(database: Database.Database, file: string, version = schemaVersion): void {
  const found = versionOf(database);
  if (found > schemaVersion) {
    const finding = `${file} has schema version ${found}, this ddnsd knows up to ${schemaVersion}`;
    const next = 'Install the newer ddnsd that wrote it, or set another Database in ddns.conf';
    throw new StoreError('store-newer', `${finding}. ${next}`, undefined, finding);
  }
  // The transaction runs even if no step is missing: it writes, so a file that cannot be written is noticed now.
  database.function('pack_host', { varargs: true }, (...values) =>
    packHost(checkedHost(values, file), ''),
  );
  // What a damaged page hides would not be moved, and be gone.
  if (found > 0 && found < version) {
    const said = database.pragma('quick_check(1)', { simple: true });
    if (said !== 'ok') throw corrupt(file, printable(String(said)));
  }
  const run = database.transaction(() => {
    for (const step of steps.slice(found, version))
      if (typeof step === 'string') database.exec(step);
      else step(database, file);
    database.pragma(`user_version = ${version}`);
    database.prepare(keepVersionSql).run(String(version));
  });
  try {
    run.immediate();
  } catch (error) {
    // A full disk costs registrations, not lists, also after a start: each commit says so until there is room.
    const isUpToDate = found === version;
    if (!isUpToDate || (error as { code?: string }).code !== 'SQLITE_FULL') throw error;
  }
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
