// The database while the daemon has it open: other programs may read it, another daemon is kept out.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import { StoreError } from '../../../daemon/store/store-error.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { asRoot, runModule } from '../../fixture/other-user.ts';
import { addressOf, recordsOf, register } from '../../fixture/registry.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { info: () => {}, warn: () => {} } as never;

/** What a store says of files that it wrote again. */
function mendedBy(store: HostStore): string[] {
  const mended: string[] = [];
  store.on('mended', (text) => mended.push(text));
  return mended;
}

/** Another process that has begun to read the database, until it is killed. */
async function startReader(
  t: ExecutionContext,
  file: string,
): Promise<{ pid: number; end(): Promise<unknown> }> {
  const script = `const database = new (require('better-sqlite3'))(${JSON.stringify(file)}, { readonly: true });
    database.exec('BEGIN'); database.prepare('SELECT * FROM hosts').all();
    console.log('reading'); process.stdin.resume();`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  t.teardown(() => child.kill('SIGKILL'));
  await Promise.race([once(child.stdout, 'data'), ended]);
  return {
    pid: child.pid as number,
    end: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

const opening = (file: string) => `
  import { HostStore } from './daemon/store/host-store.ts';
  try { new HostStore(${JSON.stringify(file)}).close(); console.log('opened'); }
  catch ({ code }) { console.log(code); }`;

test('shared file › another process reads the hosts while the daemon runs, also what was just answered', async (t) => {
  const folder = makeFolder(t);
  const database = join(folder, 'hosts.db');
  const server = await startTestServer(t, { folder, settings: { database } });
  for (const port of [1, 2]) t.is(await exchange(server.port, `alive n${port} ${port}\n`), 'ok\n');
  const before = Date.now();
  t.is(await exchange(server.port, 'alive n1 1\n'), 'ok\n');
  const read = `const rows = new (require('better-sqlite3'))(${JSON.stringify(database)}, { readonly: true }).prepare('SELECT address, node_id, state, last_seen FROM hosts ORDER BY address').all(); console.log(JSON.stringify(rows))`;
  const rows = JSON.parse(String(execFileSync(process.execPath, ['-e', read])));
  t.like(rows, [
    { address: '127.0.0.1:1', node_id: 'n1', state: 'live' },
    { address: '127.0.0.1:2', node_id: 'n2', state: 'live' },
  ]);
  t.true(rows[0].last_seen >= before, 'the latest contact');
  t.is(await exchange(server.port, 'alive n3 3\n'), 'ok\n');
  t.is((await server.status()).storage.state, 'ok');
  t.deepEqual(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

test('shared file › the queries of OPERATING.md work in the sqlite3 shell while the daemon runs', async (t) => {
  if (spawnSync('sqlite3', ['--version']).status !== 0) {
    t.log('not tried: sqlite3 is not installed');
    t.pass();
    return;
  }
  const folder = makeFolder(t);
  const database = join(folder, 'hosts.db');
  const server = await startTestServer(t, { folder, settings: { database } });
  for (const port of [1, 2]) t.is(await exchange(server.port, `alive n${port} ${port}\n`), 'ok\n');
  t.is(await exchange(server.port, 'alive n1 1\n'), 'ok\n');
  const guide = readFileSync(
    fileURLToPath(new URL('../../../daemon/OPERATING.md', import.meta.url)),
    'utf8',
  );
  const queries = guide.split('\n').filter((line) => line.startsWith('sudo sqlite3 '));
  t.is(queries.length, 3);
  const answers = queries.map((query) => {
    const command = query.slice('sudo '.length).replace('/var/lib/ddnsd/hosts.db', database);
    return String(execFileSync('sh', ['-c', command]))
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
      .replaceAll('\r', '')
      .trim()
      .split('\n')
      .sort();
  });
  t.deepEqual(answers, [
    ['127.0.0.1:1|n1|TIME', '127.0.0.1:2|n2|TIME'],
    ['live|native|2'],
    ['127.0.0.1:1,"TIME"', '127.0.0.1:2,"TIME"', 'address,since'],
  ]);
  t.is(await exchange(server.port, 'alive n3 3\n'), 'ok\n');
});

test('shared file › a second daemon is refused, under any name of the file, until the first one is gone', (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'hosts.db');
  const link = join(folder, 'link.db');
  symlinkSync(file, link);
  const first = new HostStore(link);
  t.teardown(() => first.close());
  const names = ['hosts.db', 'hosts.db-lock', 'hosts.db-shm', 'hosts.db-wal', 'link.db'];
  t.deepEqual(readdirSync(folder).sort(), names);
  for (const name of [file, link]) t.is(runModule(opening(name)).stdout, 'store-locked\n');
  first.close();
  t.is(runModule(opening(file)).stdout, 'opened\n');
});

test('shared file › a daemon that was killed keeps nobody out', async (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const script = `import { HostStore } from './daemon/store/host-store.ts';
    // Kept, because the collector of garbage would close it, and release the lock.
    globalThis.store = new HostStore(${JSON.stringify(file)});
    console.log('open'); process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const error = t.throws(() => new HostStore(file), { instanceOf: StoreError });
  t.is(error?.code, 'store-locked');
  child.kill('SIGKILL');
  await ended;
  t.notThrows(() => new HostStore(file).close());
});

test('shared file › a deleted lock is taken again', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file);
  t.teardown(() => store.close());
  const registry = loadRegistry(store, 100, Date.now(), silent);
  rmSync(`${file}-lock`);
  const mended = mendedBy(store);
  store.look(registry);
  t.deepEqual(mended, []);
  t.is(runModule(opening(file)).stdout, 'store-locked\n');
});

test('shared file › a program that writes stops commits while it does, and no longer', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file);
  const other = new Database(file);
  t.teardown(() => {
    other.close();
    store.close();
  });
  const registry = loadRegistry(store, 100, Date.now(), silent);
  register(registry, addressOf(1));
  other.exec('BEGIN IMMEDIATE');
  const error = t.throws(() => store.commit(registry), { instanceOf: StoreError });
  t.is(error?.code, 'store-locked');
  t.regex(
    error?.message ?? '',
    /is being changed by another program\. End it .+ tries again every second$/,
  );
  other.exec('COMMIT');
  t.notThrows(() => store.commit(registry));
  t.false(registry.hasPending);
});

test('shared file › what a program changes again and again is written again in the end', async (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file, undefined, undefined, 100);
  t.teardown(() => store.close());
  const registry = loadRegistry(store, 100, Date.now(), silent);
  for (const index of [1, 2]) register(registry, addressOf(index));
  store.commit(registry);
  const change = () => {
    const other = new Database(file);
    other.exec('DELETE FROM host_rows');
    other.close();
  };
  const stored = () => {
    const other = new Database(file, { readonly: true });
    const count = other.prepare('SELECT count(*) FROM hosts').pluck().get();
    other.close();
    return count;
  };
  const mended = mendedBy(store);
  change();
  store.look(registry);
  t.regex(String(mended), /wrote it again with all 2 hosts/);
  change();
  await lookUntil(() => {
    store.look(registry);
    return mended.length === 2;
  });
  t.is(stored(), 2);
});

test('shared file › a program that reads for long stops nothing, is named, and the log has a limit', async (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const limits = { told: 200_000, most: 1_000_000 };
  const store = new HostStore(file, undefined, limits);
  t.teardown(() => store.close());
  const registry = new Registry({ maxHosts: 1_000, server: store.identity.serverId });
  const held: string[] = [];
  store.on('held', (text) => held.push(text));
  const mended = mendedBy(store);
  let now = 1_000;
  /** Commits until a checkpoint is due, and does it. */
  const round = async () => {
    while (!store.isCheckpointDue) {
      for (let index = 0; index < 300; index++)
        register(registry, addressOf(index), { now: ++now, nodeId: `n${now}` });
      store.commit(registry);
    }
    store.checkpoint();
    await nextRound();
  };
  for (let rounds = 0; rounds < 12; rounds++) await round();
  t.deepEqual([held, mended], [[], []], 'without a reader the log begins anew each time');
  t.true(statSync(`${file}-wal`).size < limits.most);
  const reader = await startReader(t, file);
  for (let rounds = 0; rounds < 100 && mended.length === 0; rounds++) await round();
  t.is(held.length, 1);
  const who = process.platform === 'linux' ? `process ${reader.pid}` : 'another program';
  t.true(held[0]?.startsWith(`${who} has been reading ${file} for so long`), held[0]);
  t.regex(held[0] ?? '', /end its transaction\. At 0 MB ddnsd writes a new file/);
  t.true(mended[0]?.startsWith(`${who} has been reading`), mended[0]);
  t.regex(String(mended), /ddnsd wrote it again with all 300 hosts, nothing is lost/);
  t.true(statSync(`${file}-wal`).size < limits.most);
  for (let rounds = 0; rounds < 12; rounds++) await round();
  t.deepEqual([held.length, mended.length], [1, 1], 'the reader has another file now');
  await reader.end();
  const kept = recordsOf(registry, registry.live);
  store.close();
  const again = new HostStore(file);
  const loaded = loadRegistry(again, 1_000, Date.now(), silent);
  again.close();
  t.deepEqual(recordsOf(loaded, loaded.live), kept);
});

asRoot(
  'shared file › where the file system has no shared memory, the daemon has the file to itself',
  (t) => {
    const file = join(makeFolder(t), 'hosts.db');
    // A device cannot be shared; a node of its own, because SQLite gives it the rights of the database.
    execFileSync('mknod', [`${file}-shm`, 'c', '1', '3']);
    const { stdout, stderr } = runModule(opening(file));
    t.deepEqual([stdout, stderr], ['opened\n', '']);
  },
);

test('shared file › the log is short again when a reader has ended', async (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const store = new HostStore(file);
  t.teardown(() => store.close());
  const registry = new Registry({ maxHosts: 6_000, server: store.identity.serverId });
  const reader = await startReader(t, file);
  const round = (nodeId: string) => {
    for (let index = 0; index < 6_000; index++) register(registry, addressOf(index), { nodeId });
    store.commit(registry);
    store.checkpoint();
  };
  const log = () => statSync(`${file}-wal`).size;
  let rounds = 0;
  while (log() < 20_000_000 && rounds < 100) round(`n${rounds++}`);
  t.true(log() >= 20_000_000, `${rounds} rounds`);
  await reader.end();
  for (let more = 0; more < 3; more++) round(`m${more}`);
  t.true(log() <= 16_777_216, `${log()} bytes`);
});

test('shared file › a daemon starts while another program reads', async (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const first = new HostStore(file);
  const registry = loadRegistry(first, 100, Date.now(), silent);
  register(registry, addressOf(1), { now: Date.now() });
  first.commit(registry);
  const reader = await startReader(t, file);
  first.close();
  const second = new HostStore(file);
  const loaded = loadRegistry(second, 100, Date.now(), silent);
  register(loaded, addressOf(2), { now: Date.now() });
  const mended = mendedBy(second);
  second.commit(loaded);
  await reader.end();
  second.look(loaded);
  t.deepEqual(mended, []);
  second.close();
});
