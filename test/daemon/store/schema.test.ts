// Files of older schemas are brought up to date once, with every host in them, or stay as they are.
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import Database from 'better-sqlite3';
import type { StoredHost } from '../../../daemon/core/registry/host-record.ts';
import { openDatabase, settleDatabase } from '../../../daemon/store/database.ts';
import { readHosts } from '../../../daemon/store/host-rows.ts';
import { checkOf } from '../../../daemon/store/packed-host.ts';
import { migrate, schemaVersion } from '../../../daemon/store/schema.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import { makePacked } from '../../fixture/packed-registry.ts';
import { mountSmallDisk } from '../../fixture/small-disk.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** Row, counter, last seen, ms (-1: another server's), entry. */
type PackedContact = [number, number, number, number, number];

function packContacts(contacts: readonly PackedContact[]): Buffer {
  const bytes = Buffer.alloc(8 + 32 * contacts.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(4, contacts.length, true);
  for (const [index, [row, counter, ...rest]] of contacts.entries()) {
    view.setUint32(8 + 32 * index, row, true);
    view.setUint32(12 + 32 * index, counter, true);
    for (const [i, value] of rest.entries()) view.setFloat64(16 + 32 * index + 8 * i, value, true);
  }
  view.setUint32(0, checkOf(view, 4, bytes.length), true);
  return bytes;
}

function read(file: string): StoredHost[] {
  const database = openDatabase(file);
  try {
    return Array.from(readHosts(database, file, ''), (host) => ({
      ...host,
      words: host.words.slice(),
      nodeId: typeof host.nodeId === 'string' ? host.nodeId : host.nodeId.slice(),
    }));
  } finally {
    database.close();
  }
}

function versionOf(file: string): number {
  const database = new Database(file, { readonly: true });
  const version = database.pragma('user_version', { simple: true }) as number;
  database.close();
  return version;
}

test('schema › packed hosts become rows with the same values, and little more of the disk is used', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const hosts = makePacked(file, 3_000);
  const before = statSync(file).size;
  t.deepEqual(read(file), hosts);
  t.is(versionOf(file), schemaVersion);
  t.true(statSync(file).size < 1.5 * before, `${before} and ${statSync(file).size} bytes`);
  t.deepEqual(read(file), hosts);
});

test('schema › packed contacts are in the rows afterwards, the latest of each host', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const hosts = makePacked(file, 4);
  const database = new Database(file);
  const insert = database.prepare('INSERT INTO contacts VALUES (?, ?)');
  insert.run(1, packContacts([[2, 9, 9_000, 9_001, 99]]));
  insert.run(
    2,
    packContacts([
      [4, 0, 9_100, -1, 0],
      [2, 8, 9_200, 9_201, 100],
    ]),
  );
  // Its tombstone was dropped since.
  insert.run(3, packContacts([[1, 0, 9_300, -1, 0]]));
  database.close();
  t.deepEqual(read(file), [
    hosts[0],
    { ...hosts[1], lastSeen: 9_200, version: { ms: 9_201, counter: 8, server: '' }, entry: 100 },
    { ...hosts[2], lastSeen: 9_100 },
    hosts[3],
  ]);
});

test('schema › a damaged host or contact of an older file is refused, and the file stays as it was', (t) => {
  for (const sql of [
    'UPDATE hosts SET record = zeroblob(100) WHERE row = 6',
    'UPDATE hosts SET record = (SELECT record FROM hosts WHERE row = 4) WHERE row = 6',
    'INSERT INTO contacts VALUES (1, zeroblob(40))',
  ]) {
    const file = join(makeFolder(t), 'hosts.db');
    makePacked(file, 4);
    const database = new Database(file);
    database.exec(sql);
    database.close();
    const before = readFileSync(file);
    t.is(
      t.throws(() => openDatabase(file), { instanceOf: StoreError })?.code,
      'store-corrupt',
      sql,
    );
    t.deepEqual(readFileSync(file), before);
  }
});

test('schema › a page of an older file that leads to others loses none of their hosts, whichever bit is flipped', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const hosts = makePacked(file, 600);
  const whole = readFileSync(file);
  const page = Array.from({ length: whole.length / 4_096 }, (_, i) => 4_096 * i).find(
    (at) => whole[at] === 5,
  ) as number;
  // Its cells are at its end: where they lead, and up to which row.
  for (let at = page + whole.readUInt16BE(page + 5); at < page + 4_096; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
    writeFileSync(file, damaged);
    try {
      t.is(read(file).length, hosts.length, `byte ${at - page}`);
    } catch (error) {
      t.is((error as StoreError).code, 'store-corrupt');
      t.deepEqual(readFileSync(file), damaged, 'it stays as it was');
    }
  }
});

test('schema › a disk that is full meanwhile loses nothing: with room the file is brought up to date', (t) => {
  const folder = mountSmallDisk(t, 4 * 1_024);
  if (folder === null) return;
  const file = join(folder, 'hosts.db');
  const hosts = makePacked(file, 12_000);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(2 * 1_048_576));
  const error = t.throws(() => openDatabase(file), { instanceOf: StoreError });
  t.is(error?.code, 'store-full');
  t.regex(error?.message ?? '', /Make room on it; then start ddnsd again$/);
  t.is(versionOf(file), 5);
  const roomy = join(makeFolder(t), 'hosts.db');
  copyFileSync(file, roomy);
  t.deepEqual(read(roomy), hosts);
});

test('schema › whatever a kill leaves of it in the log, the older file is still there', (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'hosts.db');
  const hosts = makePacked(file, 3_000);
  const before = readFileSync(file);
  // As a daemon does it, but the log is kept, and has all that was written before the transaction ended.
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('wal_autocheckpoint = 0');
  database.pragma('cache_size = -64');
  migrate(database, file);
  const log = readFileSync(`${file}-wal`);
  database.close();
  const versions = new Set<number>();
  const frame = 24 + 4_096;
  const frames = (log.length - 32) / frame;
  for (const kept of [1, 2, 50, frames >> 1, frames - 1, frames]) {
    const place = join(folder, `${kept}.db`);
    writeFileSync(place, before);
    writeFileSync(`${place}-wal`, log.subarray(0, 32 + kept * frame));
    versions.add(versionOf(place));
    t.deepEqual(read(place), hosts, `${kept} of ${frames} pages`);
  }
  t.deepEqual([...versions], [5, schemaVersion]);
});

test('schema › people see each host with its latest contact', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  copyFileSync(fileURLToPath(new URL('../../version-before/hosts.db', import.meta.url)), file);
  const database = openDatabase(file);
  t.teardown(() => database.close());
  database.exec(
    "INSERT INTO contacts VALUES (1, '[[0,1764000000000]]', 0), (2, '[[0,1764000001000,7,8,9]]', 0)",
  );
  const id = database.prepare("SELECT value FROM identity WHERE name = 'id'").pluck().get();
  const rows = database.prepare('SELECT * FROM hosts ORDER BY address').all() as Record<
    string,
    unknown
  >[];
  t.deepEqual(
    rows.map(({ address, node_id, state, dialect }) => [address, node_id, state, dialect]),
    [
      ['127.0.9.61:4001', 'node-1', 'live', 'native'],
      ['127.0.9.62:4002', '123e4567-e89b-42d3-a456-426614174000', 'live', 'native'],
      ['127.0.9.63:4003', '123e4567-e89b-42d3-a456-426614174000', 'live', 'legacy'],
      ['127.0.9.64:4004', 'node-4', 'gone', 'native'],
      ['127.0.9.65:4005', 'node-5', 'live', 'native'],
    ],
  );
  const [seen] = rows;
  t.deepEqual(
    [seen?.last_seen, seen?.version_ms, seen?.version_counter, seen?.version_server, seen?.entry],
    [1_764_000_001_000, 7, 8, id, 9],
  );
  t.true(
    rows.slice(1).every(({ last_seen, first_seen }) => Number(last_seen) >= Number(first_seen)),
  );
  t.not(rows[4]?.version_server, id, 'of the peer');
});

// Operators move SQLite databases as text, which has all tables and rows and no user_version.
test('schema › a copy that was made as text is read, and is a registry to restore', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const hosts = makePacked(file, 10);
  read(file);
  const database = new Database(file);
  database.pragma('user_version = 0');
  database.close();
  t.is(settleDatabase(file), schemaVersion);
  t.deepEqual(read(file), hosts);
  t.is(versionOf(file), schemaVersion);
});
