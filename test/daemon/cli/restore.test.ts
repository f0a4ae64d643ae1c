// Backups of a running name server, and what becomes of them.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { checkBackup, restoreBackup } from '../../../daemon/cli/restore.ts';
import { Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import { schemaVersion } from '../../../daemon/store/schema.ts';
import { testSettings } from '../../fixture/name-server.ts';
import { addresses, addressesOf, register } from '../../fixture/registry.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { info: () => {}, warn: () => {} } as never;

/** A closed registry of `count` hosts in a new folder. */
function makeRegistry(t: ExecutionContext, count: number): string {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file);
  const registry = new Registry({ maxHosts: 1_000, server: store.identity.serverId });
  for (const address of addresses(count)) register(registry, address, { now: Date.now() });
  store.commit(registry);
  store.close();
  return file;
}

function open(file: string) {
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (_: object, text: string) => warnings.push(text) };
  const store = new HostStore(file);
  const registry = loadRegistry(store, 1_000, Date.now(), log as never);
  const { epoch } = store.identity;
  store.close();
  return { hosts: addressesOf(registry, registry.live), epoch, warnings };
}

test('restore › the backup takes the place of the registry, under a new epoch, and the former one is kept', async (t) => {
  const backup = makeRegistry(t, 30);
  const database = makeRegistry(t, 5);
  const { epoch } = open(backup);
  const former = open(database);
  const lines = await restoreBackup(backup, { ...testSettings(makeFolder(t)), database });
  t.regex(lines.join('\n'), /^hosts +30, and 0 deleted ones$/m);
  t.true(lines.includes(`former one   kept as ${database}.before-restore-1`));
  const restored = open(database);
  t.deepEqual([restored.hosts, restored.warnings], [addresses(30), []], 'and nothing is reported');
  t.not(restored.epoch, epoch);
  t.deepEqual(open(`${database}.before-restore-1`), former, 'whole, with its mark');
  t.deepEqual(open(backup).hosts, addresses(30), 'the backup is as it was');
});

test('restore › twice keeps both former ones', async (t) => {
  const backup = makeRegistry(t, 3);
  const database = makeRegistry(t, 5);
  const settings = { ...testSettings(makeFolder(t)), database };
  await restoreBackup(backup, settings);
  await restoreBackup(backup, settings);
  const kept = [1, 2].map((number) => open(`${database}.before-restore-${number}`).hosts.length);
  t.deepEqual(kept, [5, 3]);
});

test('restore › where no registry was, the folder is created', async (t) => {
  const backup = makeRegistry(t, 3);
  const database = join(makeFolder(t), 'new', 'hosts.db');
  const lines = await restoreBackup(backup, { ...testSettings(makeFolder(t)), database });
  t.false(lines.some((line) => line.startsWith('former one')));
  t.deepEqual(open(database).hosts, addresses(3));
});

test('restore › a registry that cannot be read is replaced, and kept', async (t) => {
  const backup = makeRegistry(t, 3);
  const database = makeRegistry(t, 5);
  writeFileSync(database, 'damaged '.repeat(1_024));
  await restoreBackup(backup, { ...testSettings(makeFolder(t)), database });
  t.deepEqual(open(database).hosts, addresses(3));
  t.regex(readFileSync(`${database}.before-restore-1`, 'utf8'), /^damaged /);
});

test('restore › a log that a killed daemon left beside the registry is not applied to the backup', async (t) => {
  const database = makeRegistry(t, 5);
  const store = new HostStore(database);
  const registry = loadRegistry(store, 1_000, Date.now(), silent);
  register(registry, '192.0.2.1:1');
  store.commit(registry);
  // As after a kill: another folder with the files of an open database.
  const killed = join(makeFolder(t), 'hosts.db');
  for (const suffix of ['', '-wal', '-mark']) copyFileSync(database + suffix, killed + suffix);
  store.close();
  t.true(statSync(`${killed}-wal`).size > 0);
  const backup = makeRegistry(t, 3);
  await restoreBackup(backup, { ...testSettings(makeFolder(t)), database: killed });
  t.deepEqual(open(killed).hosts, addresses(3));
  t.is(open(`${killed}.before-restore-1`).hosts.length, 6, 'the last one was in the log');
});

test('restore › a copied folder of a killed daemon is a backup, with the log beside it', async (t) => {
  const source = makeRegistry(t, 5);
  const store = new HostStore(source);
  const registry = loadRegistry(store, 1_000, Date.now(), silent);
  register(registry, '192.0.2.1:1');
  store.commit(registry);
  const backup = join(makeFolder(t), 'hosts.db');
  for (const suffix of ['', '-wal']) copyFileSync(source + suffix, backup + suffix);
  store.close();
  const database = join(makeFolder(t), 'hosts.db');
  await restoreBackup(backup, { ...testSettings(makeFolder(t)), database });
  t.is(open(database).hosts.length, 6);
});

const unusable: [what: string, make: (file: string) => void, said: RegExp][] = [
  ['truncated', (file) => truncateSync(file, statSync(file).size - 4_096), /is damaged or not/],
  ['half empty', (file) => zero(file, 8_192, 4_096), /is damaged or not/],
  ['empty', (file) => truncateSync(file), /is damaged or not a registry \(it has none of its/],
  ['a text', (file) => writeFileSync(file, 'hosts\n'.repeat(900)), /file is not a database/],
  ['another database', makeForeign, /is damaged or not a registry \(it has none of its tables\)/],
  [
    'of a newer ddnsd',
    makeNewer,
    new RegExp(
      `has schema version ${schemaVersion + 1}, this ddnsd knows up to ${schemaVersion}: install the newer ddnsd`,
    ),
  ],
];

function zero(file: string, at: number, length: number): void {
  writeFileSync(file, readFileSync(file).fill(0, at, at + length));
}

function makeForeign(file: string): void {
  writeFileSync(file, '');
  const database = new Database(file);
  database.exec('CREATE TABLE cookies (name TEXT)');
  database.close();
}

function makeNewer(file: string): void {
  const database = new Database(file);
  database.pragma(`user_version = ${schemaVersion + 1}`);
  database.close();
}

for (const [what, make, said] of unusable)
  test(`restore › a backup that is ${what} is refused, and nothing is changed`, async (t) => {
    const backup = makeRegistry(t, 30);
    make(backup);
    const database = makeRegistry(t, 5);
    const folder = readdirSync(join(database, '..'));
    const settings = { ...testSettings(makeFolder(t)), database };
    const error = await t.throwsAsync(restoreBackup(backup, settings), { message: said });
    t.regex(error?.message ?? '', /; nothing was changed$/);
    t.true(error?.message.startsWith(backup), error?.message);
    t.throws(() => checkBackup(backup, settings), { message: error?.message });
    t.deepEqual(readdirSync(join(database, '..')), folder, 'no file is left');
    t.deepEqual(open(database).hosts, addresses(5));
  });

test('restore › more hosts than MaxHosts are refused, with the number to set', async (t) => {
  const backup = makeRegistry(t, 30);
  const database = join(makeFolder(t), 'hosts.db');
  const settings = { ...testSettings(makeFolder(t)), database, maxHosts: 29 };
  await t.throwsAsync(restoreBackup(backup, settings), {
    message: /holds 30 hosts, MaxHosts is 29\. Set MaxHosts in ddns\.conf to at least 30/,
  });
  t.false(existsSync(database));
});

test('restore › a file that is missing, or a folder, is named', async (t) => {
  const settings = testSettings(makeFolder(t));
  await t.throwsAsync(restoreBackup('/nowhere/b.db', settings), {
    message: '/nowhere/b.db is missing: name a backup that ddns-tui backup wrote',
  });
  await t.throwsAsync(restoreBackup('/tmp', settings), { message: /^\/tmp is no file: / });
});

test('restore › --check says what is in a backup, and changes nothing', (t) => {
  const backup = makeRegistry(t, 7);
  const { mtimeMs } = statSync(backup);
  const settings = testSettings(makeFolder(t));
  const lines = checkBackup(backup, settings);
  t.deepEqual([lines[2], lines.at(-1)], ['hosts        7, and 0 deleted ones', 'Backup OK.']);
  t.deepEqual([statSync(backup).mtimeMs, existsSync(settings.database)], [mtimeMs, false]);
});

test('restore › the restored registry belongs to whom the former one belonged', async (t) => {
  if (process.getuid?.() !== 0) {
    t.log('not tried: only root may give files away');
    t.pass();
    return;
  }
  const backup = makeRegistry(t, 3);
  const database = makeRegistry(t, 5);
  for (const file of [database, `${database}-mark`]) chownSync(file, 4_711, 4_712);
  chmodSync(database, 0o640);
  await restoreBackup(backup, { ...testSettings(makeFolder(t)), database });
  const rights = (file: string) => {
    const { uid, gid, mode } = statSync(file);
    return [uid, gid, mode & 0o777];
  };
  t.deepEqual(rights(database), [4_711, 4_712, 0o640]);
  t.deepEqual(rights(`${database}-mark`), [4_711, 4_712, 0o600]);
});
