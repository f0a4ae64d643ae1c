// A registry that is older than what was answered from it: SQLite accepts it, the daemon notices.
import {
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startTestServer } from '../../fixture/name-server.ts';
import { asRoot, otherUser, runModule } from '../../fixture/other-user.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { Daemons } from '../daemons.ts';
import { messages, type Running } from '../program.ts';

const ip = '127.0.8.61';

/** Kills a daemon that has answered `count` hosts, so that they are in SQLite's write-ahead log. */
async function killed(
  t: ExecutionContext,
  count: number,
): Promise<[Daemons, database: string, cursor: string]> {
  const daemons = await Daemons.prepare(t, [ip]);
  await daemons.start(0);
  await register(daemons, 1, count);
  const [, , cursor = ''] = await lastWords(daemons);
  await daemons.kill(0);
  return [daemons, join(daemons.folders[0] as string, 'hosts.db'), cursor];
}

async function register(daemons: Daemons, from: number, to: number): Promise<void> {
  for (let port = from; port <= to; port++) {
    const reply = await exchange(daemons.port, `alive n ${port}\n`, { host: ip });
    if (reply !== 'ok\n') throw new Error(reply);
  }
}

async function lastWords(daemons: Daemons, since = ''): Promise<string[]> {
  const reply = await exchange(daemons.port, `query watcher 60000${since}\n`, { host: ip });
  return reply.trim().split('\n').at(-1)?.split(' ') ?? [];
}

async function warned(daemons: Daemons, running: Running): Promise<string[]> {
  await daemons.kill(0, 'SIGTERM');
  const { stdout } = await running.ended;
  return messages(stdout).filter((line) => /^warn: .+ is not as it was/.test(line));
}

const losses: [what: string, lose: (log: string) => void][] = [
  ['cut', (log) => truncateSync(log, 60_000)],
  ['emptied', (log) => truncateSync(log)],
  ['zeroed', (log) => writeFileSync(log, Buffer.alloc(200_000))],
  ['missing', (log) => rmSync(log)],
];

for (const [what, lose] of losses)
  test(`rollback › a write-ahead log that is ${what} causes a warning and makes old cursors invalid`, async (t) => {
    const [daemons, database, cursor] = await killed(t, 30);
    lose(`${database}-wal`);
    const again = await daemons.start(0);
    const [, , fresh, kind] = await lastWords(daemons, ` since=${cursor}`);
    t.truthy(kind, 'full, or partial while it asks the others: no delta');
    t.not(fresh?.split('.')[0], cursor.split('.')[0]);
    const [warning, ...others] = await warned(daemons, again);
    t.deepEqual(others, []);
    t.regex(
      warning ?? '',
      /hosts\.db is not as it was when ddnsd last answered: it ends with change \d+ .+ but change 31 .+ was answered: its write-ahead log was truncated or lost/,
    );
    const third = await daemons.start(0);
    t.deepEqual(await warned(daemons, third), [], 'it is said once');
  });

test('rollback › a kill loses nothing and causes no warning', async (t) => {
  const [daemons] = await killed(t, 30);
  const again = await daemons.start(0);
  t.deepEqual(await warned(daemons, again), []);
});

test('rollback › a node with a cursor from before a restore gets a full list', async (t) => {
  const folder = makeFolder(t);
  const first = await startTestServer(t, { folder });
  const { database } = first.settings;
  const say = (port: number, line: string) => exchange(port, line, { from: '127.0.0.9' });
  await exchange(first.port, 'alive a 1\n');
  await first.close();
  const backup = makeFolder(t);
  cpSync(folder, backup, { recursive: true });

  const second = await startTestServer(t, { folder });
  await exchange(second.port, 'alive b 2\nalive c 3\n');
  const known = (await say(second.port, 'query n 4\n')).trim().split(' ').at(-2);
  await second.close();

  // Overwrites the file, which keeps its inode but gets the backup's time, as with rsync --inplace.
  copyFileSync(join(backup, 'hosts.db'), database);
  utimesSync(database, 1, 1);
  const third = await startTestServer(t, { folder });
  // As many new changes as were lost.
  await exchange(third.port, 'alive d 5\nalive e 6\nalive f 7\n');
  const list = await say(third.port, `query n 4 since=${known}\n`);
  t.regex(list, /127\.0\.0\.1:1\b/);
  t.regex(list, /^end \d+ \S+ full$/m, 'it lacks b and c from now on, and a node must learn so');
});

test('rollback › a folder that was restored as a whole is recognized by its files', async (t) => {
  const folder = makeFolder(t);
  const first = await startTestServer(t, { folder });
  await exchange(first.port, 'alive a 1\n');
  const list = await exchange(first.port, 'query n 4\n', { from: '127.0.0.9' });
  await first.close();
  // As tar and rsync restore: a new file replaces the old one. The mark is equally old.
  const { database } = first.settings;
  copyFileSync(database, `${database}.restored`);
  renameSync(`${database}.restored`, database);
  const second = await startTestServer(t, { folder });
  const since = list.trim().split(' ').at(-2);
  const again = await exchange(second.port, `query n 4 since=${since}\n`, { from: '127.0.0.9' });
  t.regex(again, / full\n$/);
});

test('rollback › a database without its mark causes a warning, a new one does not', async (t) => {
  const folder = makeFolder(t);
  const warnings = async () => {
    const server = await startTestServer(t, { folder });
    await exchange(server.port, 'alive a 1\n');
    await server.close();
    return server.logged.filter(({ level }) => level === 'warn').map(({ msg }) => String(msg));
  };
  t.deepEqual(await warnings(), []);
  t.deepEqual(await warnings(), []);
  rmSync(join(folder, 'hosts.db-mark'));
  const [warning] = await warnings();
  t.regex(
    warning ?? '',
    /it was moved or restored without its -mark file, or this user cannot read that file\. It begins a new epoch/,
  );
  t.deepEqual(await warnings(), []);
});

// rstudio/rstudio#2372, servo/saltfs#332: what one start as root left, the usual user could not write, without a word.
asRoot(
  'rollback › a mark of another user, which a start as root leaves, costs one new epoch, not one at each start',
  (t) => {
    const folder = makeFolder(t);
    const file = join(folder, 'hosts.db');
    chownSync(folder, otherUser, otherUser);
    const starting = `
    import { HostStore, readRegistry } from './daemon/store/host-store.ts';
    const store = new HostStore(${JSON.stringify(file)});
    console.log(store.beginAnswering(readRegistry(store, 10, 0)));
    store.close();`;
    const begun = () => runModule(starting, { uid: otherUser }).stdout;
    t.is(begun(), 'null\n');
    chownSync(`${file}-mark`, 0, 0);
    t.regex(begun(), /^it was moved or restored .+, or this user cannot read that file\n$/);
    t.is(begun(), 'null\n');
  },
);

test('rollback › a backup is not mixed with the log that a killed daemon left', async (t) => {
  const daemons = await Daemons.prepare(t, [ip]);
  const database = join(daemons.folders[0] as string, 'hosts.db');
  await daemons.start(0);
  await register(daemons, 1, 3);
  await daemons.kill(0, 'SIGTERM');
  copyFileSync(database, `${database}.backup`);
  await daemons.start(0);
  await register(daemons, 101, 400);
  await daemons.kill(0);

  renameSync(`${database}.backup`, database);
  const again = await daemons.start(0);
  const list = await exchange(daemons.port, 'query watcher 60000\n', { host: ip });
  t.deepEqual(list.match(/:\d+\b/g)?.sort(), [':1', ':2', ':3']);
  const [warning] = await warned(daemons, again);
  t.regex(
    warning ?? '',
    /was answered: .+, and the write-ahead log of the former database, .+ is kept as .+hosts\.db-wal\.replaced-1\. It /,
  );
  t.true(existsSync(`${database}-wal.replaced-1`));
});

test('rollback › the peers bring back what a lost log held, and receive new changes', async (t) => {
  const daemons = await Daemons.prepare(t, [ip, '127.0.8.62']);
  await Promise.all([daemons.start(0), daemons.start(1)]);
  const say = async (from: number, to: number) => {
    for (let port = from; port <= to; port++)
      await exchange(daemons.port, `alive n ${port}\n`, { host: ip, from: '127.0.9.1' });
  };
  await say(1, 30);
  t.is((await daemons.hostsUntil(1, 30)).size, 30);
  await daemons.kill(0);
  rmSync(join(daemons.folders[0] as string, 'hosts.db-wal'));
  await daemons.start(0);
  // Their entries have numbers that the peer has seen for other hosts.
  await say(41, 45);
  for (const index of [0, 1]) t.is((await daemons.hostsUntil(index, 35)).size, 35);
});
