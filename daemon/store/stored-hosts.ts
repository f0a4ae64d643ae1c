// Reads the stored hosts at the start. SQLite puts the records of a few hundred at a time into one
// value, because making a value of JavaScript for each of a million costs more than all that follows.
import type Database from 'better-sqlite3';
import type { StoredHost } from '../core/registry/host-record.ts';
import { PackedHosts } from './packed-host.ts';
import { corrupt, explain } from './store-error.ts';

/** Some 50 KB: below the size from which the system maps and unmaps memory for each. */
const hostsPerRead = 512;

const reading = `SELECT CAST(group_concat(record, '') AS BLOB), count(*), sum(row), max(row)
  FROM (SELECT row, record FROM hosts WHERE row > ? ORDER BY row LIMIT ${hostsPerRead})`;

type Block = [bytes: Buffer | null, count: number, sum: number | null, last: number];

/**
 * Every stored host, in the order of the rows; each is good until the next one. `ownId`: whose
 * versions are stored without a name. @throws StoreError
 */
export function* readHosts(
  database: Database.Database,
  file: string,
  ownId: string,
): Generator<StoredHost, void> {
  const read = attempt(file, () => database.prepare(reading).raw());
  // A row that is none is read, and refused.
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const [bytes, count, sum, last] = attempt(file, () => read.get(after) as Block);
    const hosts = new PackedHosts(bytes ?? Buffer.alloc(0), ownId);
    let rows = 0;
    let before = after;
    for (let i = 0; i < count; i++) {
      const host = hosts.next();
      // Each record tells its row; together they are those under which they were found.
      if (host === null || host.row <= before) throw corrupt(file, damage(before));
      before = host.row;
      rows += host.row;
      yield host;
    }
    if (!hosts.isAtEnd || rows !== (sum ?? 0) || before !== (last ?? after))
      throw corrupt(file, damage(before));
    if (count < hostsPerRead) return;
    after = last;
  }
}

function damage(before: number): string {
  return `the host after row ${Math.max(before, -1)} is not as written`;
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw explain(error, file);
  }
}
