import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { openDatabase } from '../../../daemon/store/database.ts';
import { migrate, schemaVersion } from '../../../daemon/store/schema.ts';
import { StoreError, type StoreErrorCode } from '../../../daemon/store/store-error.ts';
import { makeReadOnly, mountSmallDisk } from '../../fixture/small-disk.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** Opening `file` fails with `code` and a message that names the file and the next step. */
function refuses(t: ExecutionContext, file: string, code: StoreErrorCode, next: RegExp): void {
  const error = t.throws(() => openDatabase(file), { instanceOf: StoreError });
  t.is(error?.code, code);
  t.true(error?.message.startsWith(file), error?.message);
  t.regex(error?.message ?? '', next);
}

test('database › a missing file is created with its folder, with the current schema', (t) => {
  const file = join(makeFolder(t), 'made', 'with', 'it', 'hosts.db');
  const database = openDatabase(file);
  t.is(database.pragma('user_version', { simple: true }), schemaVersion);
  t.is(database.pragma('journal_mode', { simple: true }), 'wal');
  t.is(database.pragma('synchronous', { simple: true }), 2);
  const names = database.prepare('SELECT name FROM sqlite_master WHERE sql NOT NULL').pluck();
  t.deepEqual(names.all(), ['identity', 'applied', 'host_rows', 'contacts', 'hosts']);
  database.close();
});

test('database › an empty file is an empty registry', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  writeFileSync(file, '');
  const database = openDatabase(file);
  t.is(database.pragma('user_version', { simple: true }), schemaVersion);
  database.close();
});

test('database › an up-to-date file is opened unchanged', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const first = openDatabase(file);
  first.exec("INSERT INTO identity VALUES ('id', 'kept')");
  first.close();
  const second = openDatabase(file);
  t.is(second.prepare('SELECT value FROM identity').pluck().get(), 'kept');
  second.close();
});

test('database › the column of an older schema is renamed to epoch', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const before = new Database(file);
  migrate(before, file, 2);
  before.exec("INSERT INTO identity VALUES ('incarnation', '0123abcd')");
  before.exec("INSERT INTO applied VALUES ('a peer', '89abcdef', 7)");
  before.close();
  const database = openDatabase(file);
  t.deepEqual(database.prepare("SELECT * FROM identity WHERE name = 'epoch'").all(), [
    { name: 'epoch', value: '0123abcd' },
  ]);
  t.deepEqual(database.prepare('SELECT * FROM applied').all(), [
    { server: 'a peer', epoch: '89abcdef', entry: 7 },
  ]);
  database.close();
});

test('database › a newer schema is refused and left alone', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const newer = openDatabase(file);
  newer.pragma(`user_version = ${schemaVersion + 1}`);
  newer.close();
  refuses(t, file, 'store-newer', /Install the newer ddnsd that wrote it, or set another Database/);
  refuses(t, file, 'store-newer', new RegExp(`has schema version ${schemaVersion + 1}`));
});

test('database › a file that is not SQLite is refused with the next step', (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'hosts.db');
  for (const bytes of [
    'this is a text file\n'.repeat(200),
    Buffer.alloc(8_192, 0xff),
    'SQLite format 3\0',
    `SQLite format 3\0${'x'.repeat(8_000)}`,
  ]) {
    writeFileSync(file, bytes);
    refuses(t, file, 'store-corrupt', /Restore a backup, or move it away \(mv .+ .+\.damaged\)/);
  }
});

test('database › a file that an older ddnsd has open is refused, with how to find that', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  openDatabase(file).close();
  const holder = new Database(file);
  holder.pragma('locking_mode = EXCLUSIVE');
  holder.exec('BEGIN IMMEDIATE; COMMIT');
  refuses(t, file, 'store-locked', /is in use by another process\. Stop it \(fuser .+ names it\)/);
  holder.close();
  openDatabase(file).close();
  t.pass();
});

test('database › a folder in its place, or a file in its path, is refused', (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, 'hosts.db'));
  refuses(t, join(folder, 'hosts.db'), 'store-read-only', /set another Database in ddns\.conf/);
  writeFileSync(join(folder, 'file'), '');
  refuses(t, join(folder, 'file', 'hosts.db'), 'store-read-only', /set another Database/);
  refuses(t, join(folder, 'file', 'deep', 'hosts.db'), 'store-read-only', /set another Database/);
});

test('database › a read-only file system is refused as that, whether the file exists or not', (t) => {
  const folder = mountSmallDisk(t, 1_024);
  if (folder === null) return;
  const file = join(folder, 'hosts.db');
  openDatabase(file).close();
  makeReadOnly(folder);
  const next =
    /: its file system is read-only, .+\(findmnt -T \S+ names it\); then start ddnsd again$/;
  refuses(t, file, 'store-read-only', next);
  refuses(t, join(folder, 'other.db'), 'store-read-only', next);
  refuses(t, join(folder, 'made', 'hosts.db'), 'store-read-only', next);
  t.deepEqual(readdirSync(folder), ['hosts.db']);
});

test('database › a disk without room for an empty registry is refused as full', (t) => {
  const folder = mountSmallDisk(t, 16);
  if (folder === null) return;
  writeFileSync(join(folder, 'filler'), Buffer.alloc(12 * 1_024));
  refuses(
    t,
    join(folder, 'hosts.db'),
    'store-full',
    /the disk is full .+ Make room on it; then start ddnsd again$/,
  );
});
