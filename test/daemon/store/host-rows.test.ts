import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import type { StoredHost } from '../../../daemon/core/registry/host-record.ts';
import { packNodeId } from '../../../daemon/core/registry/node-ids.ts';
import { openDatabase } from '../../../daemon/store/database.ts';
import { hostValues, putHostSql, readHosts } from '../../../daemon/store/host-rows.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import { packed } from '../../fixture/registry.ts';
import { anyStoredHost, ownId, uuid } from '../../fixture/stored-host.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

function open(t: ExecutionContext): Database.Database {
  const database = openDatabase(join(makeFolder(t), 'hosts.db'));
  t.teardown(() => database.close());
  return database;
}

function put(database: Database.Database, hosts: Iterable<StoredHost>): void {
  const statement = database.prepare(putHostSql);
  database.transaction(() => {
    for (const host of hosts) statement.run(...hostValues(host, ownId));
  })();
}

function read(database: Database.Database): StoredHost[] {
  return Array.from(readHosts(database, 'hosts.db', ownId), (host) => ({
    ...host,
    words: host.words.slice(),
    nodeId: typeof host.nodeId === 'string' ? host.nodeId : host.nodeId.slice(),
  }));
}

const plain: StoredHost = {
  ...{ row: 7, words: packed('10.0.0.1:4000'), nodeId: packNodeId(uuid), state: 'live' },
  ...{ dialect: 'native', firstSeen: 1, lastSeen: 2, change: 3, changedAt: 4, entry: 5 },
  isProved: true,
  hasLeft: false,
  version: { ms: 6, counter: 7, server: ownId },
};

test('host rows › any host is read back unchanged, and in the order of the rows', (t) => {
  const database = open(t);
  const anyHosts = fc.uniqueArray(anyStoredHost, { maxLength: 6, selector: ({ row }) => row });
  fc.assert(
    fc.property(anyHosts, (hosts) => {
      database.exec('DELETE FROM host_rows');
      put(database, hosts);
      t.deepEqual(
        read(database),
        hosts.toSorted((a, b) => a.row - b.row),
      );
    }),
    { numRuns: 60 },
  );
});

test('host rows › more hosts than are read at a time are all read', (t) => {
  const database = open(t);
  for (const count of [511, 512, 513, 1_100]) {
    put(
      database,
      Array.from({ length: count }, (_, row) => ({ ...plain, row: 3 * row })),
    );
    t.is(read(database).length, count);
    database.exec('DELETE FROM host_rows');
  }
});

test('host rows › a column with any other value is refused', (t) => {
  const database = open(t);
  const named = { ...plain, nodeId: 'x', version: { ...plain.version, server: 'other' } };
  const changes: Record<string, unknown[]> = {
    row: [8, 2 ** 32 + 7, -7],
    address: ['10.0.0.2:4000', '10.0.0.1:4001', '[::1]:4000', '', ' '],
    node_id: ['y', `${uuid.slice(0, -1)}e`, uuid.toUpperCase(), '', 'x y', 'x\n', uuid.slice(1)],
    state: ['gone', 'dead', ''],
    dialect: ['legacy', 'udp', 'other', ''],
    is_proved: [0, 2],
    has_left: [1],
    checksum: [0, 1],
  };
  for (const column of ['first_seen', 'last_seen', 'change', 'changed_at'])
    changes[column] = [0, 2 ** 32, -1];
  for (const column of ['version_ms', 'version_counter', 'entry'])
    changes[column] = [0, 2 ** 32, -1];
  changes.version_server = ['others', ownId, 'a b'];
  for (const host of [plain, named])
    for (const [column, values] of Object.entries(changes))
      for (const value of values) {
        database.exec('DELETE FROM host_rows');
        put(database, [host]);
        t.is(read(database).length, 1);
        database.prepare(`UPDATE host_rows SET ${column} = ?`).run(value);
        const error = t.throws(
          () => read(database),
          { instanceOf: StoreError },
          `${column} ${value}`,
        );
        t.is(error?.code, 'store-corrupt');
      }
});
