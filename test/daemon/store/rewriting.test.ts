// The registry's file is written again while the daemon goes on.
import { copyFileSync, existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { asRoot, runModule } from '../../fixture/other-user.ts';
import { addresses, addressOf, recordsOf, register } from '../../fixture/registry.ts';
import { mountSmallDisk } from '../../fixture/small-disk.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { info: () => {}, warn: () => {} } as never;

/** Some dozen slices, more than is written at once. */
const hosts = 20_000;

/** Bytes of some hundred commits. */
const limits = { told: 200_000, most: 1_000_000 };

interface Open {
  file: string;
  store: HostStore;
  registry: Registry;
  mended: string[];
  held: string[];
  /** Commits two new hosts and a contact. */
  commit(): void;
}

/** @param rewriteAfterMs see host-store.ts */
function openStore(
  t: ExecutionContext,
  folder: string,
  { count = hosts, rewriteAfterMs }: { count?: number; rewriteAfterMs?: number } = {},
): Open {
  const file = join(folder, 'hosts.db');
  const store = new HostStore(file, undefined, limits, rewriteAfterMs);
  t.teardown(() => store.close());
  const registry = new Registry({ maxHosts: 60_000, server: store.identity.serverId });
  const [mended, held]: [string[], string[]] = [[], []];
  store.on('mended', (text) => mended.push(text));
  store.on('held', (text) => held.push(text));
  for (const address of addresses(count)) register(registry, address);
  store.commit(registry);
  store.checkpoint();
  let next = count;
  const commit = () => {
    register(registry, addressOf(next++));
    register(registry, addressOf(next++));
    register(registry, addressOf(next % count), { now: 1_000 + next });
    store.commit(registry);
    if (store.isCheckpointDue) store.checkpoint();
  };
  return { file, store, registry, mended, held, commit };
}

/** A program that reads, and keeps the log from being shortened. */
function startReader(t: ExecutionContext, file: string): Database.Database {
  const reader = new Database(file, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM host_rows LIMIT 1').get();
  t.teardown(() => reader.close());
  return reader;
}

/** What a daemon loads after a kill at this moment. */
function hostsNow(t: ExecutionContext, file: string) {
  const copy = join(makeFolder(t), 'hosts.db');
  for (const end of ['', '-wal', '-new', '-next', '-mark'])
    if (existsSync(file + end)) copyFileSync(file + end, copy + end);
  const store = new HostStore(copy);
  try {
    const registry = loadRegistry(store, 60_000, Date.now(), silent);
    return recordsOf(registry, registry.live);
  } finally {
    store.close();
  }
}

test('rewriting › commits go on between the slices of a new file, and a kill meanwhile loses none', async (t) => {
  const { file, store, registry, mended, commit } = openStore(t, makeFolder(t));
  startReader(t, file);
  let rounds = 0;
  while (mended.length === 0) {
    commit();
    if (existsSync(`${file}-new`) && ++rounds % 16 === 1)
      t.deepEqual(hostsNow(t, file), recordsOf(registry, registry.live));
    await nextRound();
  }
  t.true(rounds > 20, `${rounds} rounds of the event loop`);
  t.regex(String(mended), /its write-ahead log has grown to \d+ MB; ddnsd wrote it again with all/);
  t.true(statSync(`${file}-wal`).size < limits.told);
  commit();
  t.deepEqual(hostsNow(t, file), recordsOf(registry, registry.live));
  t.false(existsSync(`${file}-new`));
  store.close();
});

test('rewriting › where the reader ends meanwhile, the file stays, and its log becomes short', async (t) => {
  const { file, mended, commit } = openStore(t, makeFolder(t));
  const reader = startReader(t, file);
  const { ino } = statSync(file);
  while (!existsSync(`${file}-new`)) {
    commit();
    await nextRound();
  }
  reader.close();
  await lookUntil(() => !existsSync(`${file}-new`));
  commit();
  t.deepEqual(mended, []);
  t.is(statSync(file).ino, ino);
});

test('rewriting › a disk without room for a new file costs no registration: operators are told, and it is tried again', async (t) => {
  const disk = mountSmallDisk(t, 48 * 1_024);
  if (disk === null) return;
  const { file, registry, mended, held, commit } = openStore(t, disk, {
    count: 2 * hosts,
    rewriteAfterMs: 1,
  });
  startReader(t, file);
  const filler = join(disk, 'filler');
  // Room for some hundred commits, and less than twice the file.
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(bavail * bsize - Math.floor(1.9 * statSync(file).size)));
  while (!held.some((text) => text.includes('no new file'))) {
    commit();
    await nextRound();
  }
  t.regex(
    held.at(-1) ?? '',
    /has been reading .+ has grown to \d+ MB, and no new file can be written: the disk has \d+ MB free, and \d+ MB are needed\. End its transaction; ddnsd tries again in 1 min$/,
  );
  commit();
  t.deepEqual(hostsNow(t, file), recordsOf(registry, registry.live));
  rmSync(filler);
  while (mended.length === 0) {
    commit();
    await nextRound();
  }
  t.deepEqual(hostsNow(t, file), recordsOf(registry, registry.live));
});

test('rewriting › a large registry that was deleted is written again in slices, and nothing is stored meanwhile', async (t) => {
  const { file, store, registry, mended, commit } = openStore(t, makeFolder(t));
  rmSync(file);
  const { code, message } = t.throws(commit, { instanceOf: StoreError }) as StoreError;
  t.is(code, 'store-failed');
  t.regex(
    message,
    /hosts\.db was removed while ddnsd was running; ddnsd is writing it again, \d % so/,
  );
  let rounds = 0;
  while (mended.length === 0) {
    t.throws(commit, { message: /ddnsd is writing it again, \d+ % so far$/ });
    rounds++;
    await nextRound();
  }
  t.true(rounds > 20, `${rounds} rounds of the event loop`);
  t.false(registry.hasPending);
  t.deepEqual(hostsNow(t, file), recordsOf(registry, registry.live));
  t.notThrows(commit);
  t.deepEqual(hostsNow(t, file), recordsOf(registry, registry.live));
  store.close();
});

test('rewriting › a daemon that stops meanwhile writes all of it first', async (t) => {
  const { file, store, registry, mended, commit } = openStore(t, makeFolder(t));
  rmSync(file);
  t.throws(commit, { instanceOf: StoreError });
  await nextRound();
  store.look(registry, true);
  t.is(mended.length, 1);
  store.close();
  t.deepEqual(hostsNow(t, file), recordsOf(registry, registry.live));
});

test('rewriting › a new file that was complete when the daemon was killed takes the name at the next start', (t) => {
  const former = openStore(t, makeFolder(t));
  const later = openStore(t, makeFolder(t));
  later.commit();
  later.store.close();
  const file = join(makeFolder(t), 'hosts.db');
  copyFileSync(former.file, file);
  copyFileSync(`${former.file}-wal`, `${file}-wal`);
  copyFileSync(later.file, `${file}-next`);
  writeFileSync(`${file}-new`, 'not complete');
  t.deepEqual(hostsNow(t, file), recordsOf(later.registry, later.registry.live));
  new HostStore(file).close();
  for (const end of ['-new', '-next', '-wal']) t.false(existsSync(file + end), end);
});

asRoot('rewriting › a file that is a mount of its own is left as it is, with what to do', (t) => {
  const folder = makeFolder(t);
  const outside = join(makeFolder(t), 'hosts.db');
  const file = join(folder, 'hosts.db');
  new HostStore(outside).close();
  writeFileSync(file, '');
  const writing = `
    import { readdirSync, rmSync } from 'node:fs';
    import { Registry } from './daemon/core/registry/registry.ts';
    import { HostStore } from './daemon/store/host-store.ts';
    import { addressOf, register } from './test/fixture/registry.ts';
    const store = new HostStore(${JSON.stringify(file)});
    const registry = new Registry({ maxHosts: 100, server: store.identity.serverId });
    register(registry, addressOf(1));
    rmSync(${JSON.stringify(`${file}-wal`)});
    try { store.commit(registry); } catch ({ message }) { console.log(message); }
    console.log(readdirSync(${JSON.stringify(folder)}).join());`;
  const { stdout, stderr } = runModule(writing, { mounts: [[outside, file]] });
  t.is(stderr, '');
  t.is(
    stdout,
    `${file}-wal was removed while ddnsd was running, and cannot be written again: ${file} is mounted as a single file, which no new file can replace: mount its folder instead\nhosts.db,hosts.db-lock,hosts.db-shm\n`,
  );
});
