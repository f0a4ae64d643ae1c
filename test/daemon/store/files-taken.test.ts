// Files that are deleted, moved, replaced or changed while the name server runs: no answered host is lost, and
// the operator is notified.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

async function alive(server: TestServer, port: number): Promise<void> {
  await exchange(server.port, `alive n ${port}\n`).then((reply) => {
    if (reply !== 'ok\n') throw new Error(reply);
  });
}

async function hosts(server: TestServer): Promise<string[]> {
  const { rows } = await (await server.attach()).page({ limit: 100 });
  return rows.map(({ address }) => address).sort();
}

/** The notice about the files, as soon as the operator gets it. */
async function told(server: TestServer): Promise<string> {
  const client = await server.attach();
  await lookUntil(() => server.logged.some(({ level }) => level === 'error'));
  const { activity } = await lookUntil(
    () => client.subscribe(() => {}),
    ({ activity }) => activity.some(({ kind }) => kind === 'storage'),
  );
  return activity.find(({ kind }) => kind === 'storage')?.text ?? '';
}

const takings: [what: string, take: (database: string) => void, says: RegExp][] = [
  [
    'all of its files are deleted',
    (database) => {
      for (const end of ['', '-wal', '-mark']) rmSync(database + end);
    },
    /hosts\.db was removed while ddnsd was running; ddnsd wrote it again with all \d hosts/,
  ],
  [
    'only the write-ahead log is deleted',
    (database) => rmSync(`${database}-wal`),
    /hosts\.db-wal was removed while .+ wrote it again with all \d hosts/,
  ],
  [
    'the write-ahead log is emptied',
    (database) => truncateSync(`${database}-wal`),
    /hosts\.db-wal was changed while .+ wrote it again/,
  ],
  [
    'the index of the write-ahead log is deleted',
    (database) => rmSync(`${database}-shm`),
    /hosts\.db-shm was removed while .+ wrote it again/,
  ],
  [
    'the index of the write-ahead log is emptied, as by a copy of the whole folder',
    (database) => truncateSync(`${database}-shm`),
    /hosts\.db-shm was changed while .+ wrote it again/,
  ],
  [
    'another file takes its name',
    (database) => {
      writeFileSync(`${database}.other`, 'a backup\n');
      renameSync(`${database}.other`, database);
    },
    /hosts\.db was replaced while .+hosts\.db\.replaced-1 is kept\. To restore a backup, stop ddnsd/,
  ],
  [
    'a file is copied over it',
    (database) => {
      writeFileSync(`${database}.other`, 'a backup\n'.repeat(2_000));
      copyFileSync(`${database}.other`, database);
    },
    /hosts\.db was changed while .+ wrote it again/,
  ],
  [
    'another program changes a host in it',
    (database) => {
      const other = new Database(database);
      other.exec("UPDATE host_rows SET address = '192.0.2.1:1'");
      other.close();
    },
    /hosts\.db-wal was changed while .+ wrote it again/,
  ],
  [
    'its folder is deleted',
    (database) => rmSync(join(database, '..'), { recursive: true }),
    /hosts\.db was removed while/,
  ],
];

for (const [what, take, says] of takings)
  test(`files taken › ${what}: the daemon notices and writes the file again, and no answered host is lost`, async (t) => {
    const folder = makeFolder(t);
    mkdirSync(join(folder, 'data'));
    const settings = { database: join(folder, 'data', 'hosts.db') };
    const server = await startTestServer(t, { folder, settings });
    await alive(server, 1);
    await alive(server, 2);
    const { id } = (await server.status()).server;
    take(settings.database);
    // Nobody registers, so the check once a second must notice it.
    t.regex(await told(server), says);
    await alive(server, 3);
    t.is((await server.status()).storage.state, 'ok');
    await server.close();

    const again = await startTestServer(t, { folder, settings });
    t.deepEqual(await hosts(again), ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3']);
    t.is((await again.status()).server.id, id);
    t.deepEqual(warnings(again), []);
  });

function warnings({ logged }: TestServer): unknown[] {
  return logged.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
}

test('files taken › a registration answered right after the deletion is on the disk', async (t) => {
  const folder = makeFolder(t);
  const server = await startTestServer(t, { folder });
  await alive(server, 1);
  rmSync(server.settings.database);
  await alive(server, 2);
  // As after a kill: the daemon checks nothing any more.
  const copy = makeFolder(t);
  for (const name of readdirSync(folder))
    if (statSync(join(folder, name)).isFile()) copyFileSync(join(folder, name), join(copy, name));
  const found = await startTestServer(t, { folder: copy });
  t.deepEqual(await hosts(found), ['127.0.0.1:1', '127.0.0.1:2']);
});

test('files taken › a database that is written again keeps its mode', async (t) => {
  const server = await startTestServer(t);
  const { database } = server.settings;
  chmodSync(database, 0o640);
  await alive(server, 1);
  rmSync(database);
  await alive(server, 2);
  t.is((statSync(database).mode & 0o777).toString(8), '640');
});

test('files taken › a folder that is created again keeps its mode', async (t) => {
  const folder = makeFolder(t);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const settings = { database: join(data, 'hosts.db') };
  const server = await startTestServer(t, { folder, settings });
  await alive(server, 1);
  rmSync(data, { recursive: true });
  await alive(server, 2);
  t.is((statSync(data).mode & 0o777).toString(8), '700');
});

test('files taken › registrations are refused until the database can be written again', async (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, 'data'));
  const settings = { database: join(folder, 'data', 'hosts.db') };
  const server = await startTestServer(t, { folder, settings });
  await alive(server, 1);
  rmSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'data'), 'in the way');
  const { storage } = await server.until(({ storage }) => storage.state === 'degraded');
  t.regex(storage.reason ?? '', /hosts\.db was removed while .+, and cannot be written again: /);
  t.regex(await exchange(server.port, 'alive n 2\n'), /^error not-stored /);
  rmSync(join(folder, 'data'));
  await server.until(({ storage }) => storage.state === 'ok');
  await alive(server, 3);
  await server.close();
  const again = await startTestServer(t, { folder, settings });
  const found = await hosts(again);
  for (const port of [1, 3]) t.true(found.includes(`127.0.0.1:${port}`), `${port}`);
});

test('files taken › a deleted mark is written again', async (t) => {
  const folder = makeFolder(t);
  const server = await startTestServer(t, { folder });
  await alive(server, 1);
  const mark = `${server.settings.database}-mark`;
  rmSync(mark);
  await lookUntil(() => existsSync(mark));
  await server.close();
  t.deepEqual(warnings(await startTestServer(t, { folder })), []);
});

test('files taken › a deleted socket, or its folder, is created again for consoles', async (t) => {
  const folder = makeFolder(t);
  const socket = join(folder, 'run', 'ddnsd.sock');
  const server = await startTestServer(t, { folder, settings: { socket } });
  const attached = await server.attach();
  for (const taken of [socket, join(folder, 'run')]) {
    rmSync(taken, { recursive: true });
    await lookUntil(() => existsSync(socket));
    const another = await server.attach();
    t.is((await another.status()).server.pid, process.pid);
  }
  t.is((statSync(socket).mode & 0o777).toString(8), '660');
  const { activity } = await attached.subscribe(() => {});
  const said = `the IPC socket ${socket} was removed while ddnsd was running; it has been created again`;
  t.deepEqual(
    activity.filter(({ kind }) => kind === 'storage').map(({ text }) => text),
    [said, said],
  );
  await server.close();
  t.false(existsSync(socket));
});

test("files taken › another program's socket stays, and the operator is notified", async (t) => {
  const folder = makeFolder(t);
  const server = await startTestServer(t, { folder });
  const { socket } = server.settings;
  await server.status();
  rmSync(socket);
  const another = createServer((each) => each.destroy());
  await new Promise<void>((resolve) => another.listen(socket, resolve));
  t.teardown(() => another.close());
  const told = await lookUntil(() => server.logged.find(({ level }) => level === 'error'));
  t.regex(String(told?.msg), /^a name server is already running on .+ddnsd\.sock/);
  await server.close();
  t.true(existsSync(socket), 'a daemon that stops deletes its own socket only');
});
