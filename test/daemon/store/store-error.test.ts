// The messages for operators when the registry's file cannot be used: the actual fault, and the next step.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { startTestServer } from '../../fixture/name-server.ts';
import { asRoot, otherUser, runModule } from '../../fixture/other-user.ts';
import { mountFailingDisk, mountSmallDisk } from '../../fixture/small-disk.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** Opens the file as that user, and prints the code and the message of the error. */
const opening = (file: string) => `
  import { HostStore } from './daemon/store/host-store.ts';
  try { new HostStore(${JSON.stringify(file)}).close(); console.log('opened'); }
  catch ({ code, message }) { console.log(code, message); }`;

for (const [what, uid, mode] of [
  ['of another user', 0, 0o644],
  ['that is read-only', otherUser, 0o444],
] as const)
  asRoot(`store error › a file ${what} is called that, with owner, mode and what to do`, (t) => {
    const folder = makeFolder(t);
    const file = join(folder, 'hosts.db');
    chownSync(folder, otherUser, otherUser);
    t.is(runModule(opening(file), { uid: otherUser }).stdout, 'opened\n');
    chownSync(file, uid, uid);
    chmodSync(file, mode);
    const { stdout, stderr } = runModule(opening(file), { uid: otherUser });
    t.is(stderr, '');
    t.regex(
      stdout,
      new RegExp(
        `^store-read-only ${file} cannot be written \\(.+\\); ${file} belongs to user ${uid} and has mode ${mode.toString(8)}, and this user is \\S+: chown \\S+ ${file}\\* && chmod u\\+rw ${file}\\*\\. Give`,
      ),
    );
  });

// Sonarr/Sonarr#2797, charmbracelet/crush#3461: where NFS has no locks, users looked for a process that did not exist.
test('store error › a file system without locks is called that, not a process that uses the file', (t) => {
  if (spawnSync('strace', ['-qq', 'true']).status !== 0) {
    t.log('not tried: strace is missing, or may not trace here');
    t.pass();
    return;
  }
  const file = join(makeFolder(t), 'hosts.db');
  t.is(runModule(opening(file)).stdout, 'opened\n');
  const whereLocksFail = (error: string) => [
    ...['strace', '-qq', '-f', '-o', `${file}-trace`, '-P', `${file}-lock`],
    ...['-e', 'trace=fcntl', '-e', `inject=fcntl:error=${error}`],
  ];
  t.regex(
    runModule(opening(file), { under: whereLocksFail('EOPNOTSUPP') }).stdout,
    /^store-failed \S+hosts\.db cannot be locked \(disk I\/O error, SQLITE_IOERR_LOCK\): its file system has no locks,.+ Set Database in ddns\.conf to a local disk,/,
  );
  t.regex(
    runModule(opening(file), { under: whereLocksFail('ENOLCK') }).stdout,
    /^store-locked \S+hosts\.db is in use by another process\. .+; if there is none, another machine uses it, or its file system has no locks/,
  );
});

asRoot('store error › an immutable file or folder is called that, with how to change it', (t) => {
  const disk = mountFailingDisk(t);
  if (disk === null) return;
  const file = join(disk.folder, 'hosts.db');
  for (const [what, path] of [
    ['', file],
    ['the folder ', disk.folder],
  ] as const) {
    // It leaves no log, so the next one has to create it.
    t.is(runModule(opening(file)).stdout, 'opened\n');
    execFileSync('chattr', ['+i', path]);
    const { stdout } = runModule(opening(file));
    execFileSync('chattr', ['-i', path]);
    const said = `; ${what}${path} has the immutable attribute: chattr -i ${path}. Give`;
    t.true(stdout.startsWith('store-read-only ') && stdout.includes(said), stdout);
  }
  execFileSync('chattr', ['+a', file]);
  const { stdout } = runModule(opening(file));
  execFileSync('chattr', ['-a', file]);
  t.true(
    stdout.includes(
      `although its rights allow it. Look at its file system (findmnt -T ${file}; dmesg) and its attributes (lsattr ${file})`,
    ),
    stdout,
  );
});

test('store error › a failing disk is not reported as full, and the daemon continues once it recovers', async (t) => {
  const disk = mountFailingDisk(t);
  if (disk === null) return;
  const database = join(disk.folder, 'hosts.db');
  const server = await startTestServer(t, { settings: { database } });
  const alive = (port: number) => exchange(server.port, `alive n ${port}\n`);
  t.is(await alive(1), 'ok\n');
  disk.fail();
  let port = 2;
  while ((await alive(port)) === 'ok\n') port++;
  const { storage } = await server.status();
  t.regex(
    storage.reason ?? '',
    /hosts\.db: the system reports an I\/O error \(disk I\/O error, SQLITE_IOERR_\w+\)\. Look at the system's log \(dmesg\).+; ddnsd tries again every second$/,
  );
  disk.heal();
  await server.until(({ storage }) => storage.state === 'ok');
  t.is(await alive(port), 'ok\n');
});

test('store error › a file size limit is not reported as a full disk', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const writing = `
    import { Registry } from './daemon/core/registry/registry.ts';
    import { HostStore } from './daemon/store/host-store.ts';
    import { addressOf, register } from './test/fixture/registry.ts';
    const store = new HostStore(${JSON.stringify(file)});
    const registry = new Registry({ maxHosts: 100000 });
    try {
      for (let index = 0; ; index++) {
        register(registry, addressOf(index));
        if (index % 100 === 0) store.commit(registry);
      }
    } catch ({ code, message }) { console.log(code, message); }`;
  const { stdout } = runModule(writing, { limits: '-f 1000' });
  t.regex(
    stdout,
    /^store-failed .+ an I\/O error .+ and at the size limit for files \(ulimit -f\)/,
  );
});

test('store error › a log that cannot be written into the database is reported, once, before it fills the disk', (t) => {
  const file = join(makeFolder(t), 'hosts.db');
  const writing = `
    import { Registry } from './daemon/core/registry/registry.ts';
    import { HostStore } from './daemon/store/host-store.ts';
    import { addressOf, register } from './test/fixture/registry.ts';
    const store = new HostStore(${JSON.stringify(file)});
    store.on('held', (text) => console.log(text));
    const registry = new Registry({ maxHosts: 100000 });
    for (let index = 0; index < 16_000; ) {
      for (let more = 0; more < 2_000; more++) register(registry, addressOf(index++));
      store.commit(registry);
      store.checkpoint();
    }`;
  // A megabyte: more than each of these logs, and less than the database in the end.
  const { stdout, stderr } = runModule(writing, { limits: '-f 2048' });
  t.is(stderr, '');
  t.regex(
    stdout,
    /^the write-ahead log of \S+hosts\.db cannot be written into it, and grows: .+\. Look at the system's log \(dmesg\), at quotas and at ulimit -f\n$/,
  );
});

test('store error › a disk without an inode left is named as that, not as rights', (t) => {
  const folder = mountSmallDisk(t, 4_096, 'nr_inodes=4');
  if (folder === null) return;
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), '');
  t.regex(
    runModule(opening(join(folder, 'hosts.db'))).stdout,
    /^store-full \S+hosts\.db: no more files can be created on this disk \(.+\): all its inodes are taken \(df -i \S+\)\. Remove files there; then start ddnsd again\n$/,
  );
});

test('store error › a file that is damaged while the daemon runs is written again, and kept', async (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, 'data'));
  const database = join(folder, 'data', 'hosts.db');
  const server = await startTestServer(t, { folder, settings: { database } });
  t.is(await exchange(server.port, 'alive n 1\n'), 'ok\n');
  const length = readFileSync(database).length;
  writeFileSync(database, Buffer.alloc(length, 0xff), { flag: 'r+' });
  t.is(await exchange(server.port, 'alive n 2\n'), 'ok\n');
  await server.close();
  const again = await startTestServer(t, { folder, settings: { database } });
  const { rows } = await (await again.attach()).page({ limit: 10 });
  t.deepEqual(rows.map(({ address }) => address).sort(), ['127.0.0.1:1', '127.0.0.1:2']);
});

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Starts ddnsd from an installation whose driver is what `spoil` leaves of it. */
function startWith(
  t: ExecutionContext,
  spoil: (driver: string) => void,
  env: NodeJS.ProcessEnv = {},
) {
  const folder = makeFolder(t);
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  const driver = join(folder, 'node_modules', 'better-sqlite3');
  mkdirSync(driver, { recursive: true });
  for (const part of ['package.json', 'lib', 'prebuilds'])
    cpSync(join(root, 'node_modules', 'better-sqlite3', part), join(driver, part), {
      recursive: true,
    });
  spoil(driver);
  const program = join(folder, 'dist', 'ddnsd.js');
  return spawnSync(process.execPath, [program, '--data', join(folder, 'data')], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    // If it starts after all, it would not end.
    timeout: 30_000,
  });
}

const spoilt: [how: string, spoil: (driver: string) => void, reason: RegExp][] = [
  ['is missing', (driver) => rmSync(driver, { recursive: true }), /Cannot find module/],
  [
    'has no binary for this platform',
    (driver) => rmSync(join(driver, 'prebuilds'), { recursive: true }),
    /Cannot find module/,
  ],
  [
    'has a binary that does not load',
    (driver) =>
      writeFileSync(
        join(driver, 'prebuilds', `${process.platform}-${process.arch}.node`),
        'not an addon',
      ),
    /invalid ELF header|not a mach-o file|file too short|too short/,
  ],
];

for (const [how, spoil, reason] of spoilt)
  test(`driver › a driver that ${how} is named as the fault, not the disk`, (t) => {
    const { status, stderr } = startWith(t, spoil);
    t.is(status, 1);
    t.regex(stderr, reason);
    t.regex(
      stderr,
      /^ddnsd: SQLite's driver, better-sqlite3, is missing or does not load in Node \S+ on \S+ \(.*\)\. Install dynamo-dns again on this machine; the registry's file was not touched\n$/,
    );
  });

test('driver › where Node may load no addons, that is named as the fault, not the disk', (t) => {
  const { status, stderr } = startWith(t, () => {}, { NODE_OPTIONS: '--no-addons' });
  t.is(status, 1);
  t.is(
    stderr,
    "ddnsd: Node was told to load no addons, and SQLite's driver is one. Start ddnsd without --no-addons (NODE_OPTIONS); the registry's file was not touched\n",
  );
});
