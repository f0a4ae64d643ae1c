// Backups as an operator makes and restores them: real programs, no terminal.
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runDdnsd } from '../../daemon/program.ts';
import { mountSmallDisk } from '../../fixture/small-disk.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import {
  createRobotDaemon,
  daemonOf,
  type RobotDaemon,
  type RobotDaemonOptions,
} from '../../robot/daemon.ts';
import { start } from '../../robot/printing.ts';

async function createDaemon(
  t: ExecutionContext,
  options?: RobotDaemonOptions,
): Promise<RobotDaemon> {
  const daemon = await createRobotDaemon(options);
  t.teardown(() => daemon.close());
  await daemon.start();
  return daemon;
}

/** For tests that change nothing in it. It makes one backup at a time, so they run one by one. */
const running = await daemonOf(test);

async function register(daemon: RobotDaemon, from: number, to: number): Promise<void> {
  for (let port = from; port <= to; port++) await daemon.register({ id: `node-${port}`, port });
}

/** The ports of the hosts it lists, in order, and the epoch of their numbers. Asking registers a host, too. */
async function listed({ port }: RobotDaemon): Promise<{ ports: number[]; epoch: string }> {
  const reply = await exchange(port, 'query watcher 60000\n', { from: '127.0.0.9' });
  const ports = [...reply.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, each]) => Number(each));
  const [, epoch = ''] = /^end \d+ ([0-9a-f]+)\./m.exec(reply) ?? [];
  return { ports: ports.toSorted((a, b) => a - b), epoch };
}

const backup = (daemon: RobotDaemon, ...parameters: string[]) =>
  start('backup', ...parameters, '--socket', daemon.socket);

const restore = (t: ExecutionContext, { folder }: RobotDaemon, file: string, ...more: string[]) =>
  runDdnsd(t, ['--conf', join(folder, 'ddns.conf'), '--restore', file, ...more]);

test('backup › a registry is copied while it is used, and restored under a new epoch', async (t) => {
  const daemon = await createDaemon(t);
  const file = join(makeFolder(t), 'registry.db');
  await register(daemon, 1, 10);
  const { epoch } = await listed(daemon);
  const made = await backup(daemon, file).ended;
  t.deepEqual(made, { code: 0, out: `${file}: 11 hosts, 28 KB\n`, err: '' });
  t.is(statSync(file).mode & 0o777, 0o600, 'for its owner alone');
  await register(daemon, 11, 15);
  t.is((await restore(t, daemon, file, '--check')).code, 0, 'is checked beside the running daemon');
  await daemon.kill('SIGTERM');
  const { code, stdout, stderr } = await restore(t, daemon, file);
  t.deepEqual([code, stderr], [0, '']);
  t.regex(stdout, /^hosts +11, and 0 deleted ones$/m);
  await daemon.start();
  const again = await listed(daemon);
  t.deepEqual(again.ports, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  t.not(again.epoch, epoch);
  // What was there before is a backup as well.
  await daemon.kill('SIGTERM');
  const former = join(daemon.folder, 'hosts.db.before-restore-1');
  t.is((await restore(t, daemon, former)).code, 0);
  await daemon.start();
  t.is((await listed(daemon)).ports.length, 15);
});

test.serial(
  'backup › a running ddnsd refuses to be restored, by its socket or by its database',
  async (t) => {
    const file = join(makeFolder(t), 'registry.db');
    t.is((await backup(running, file).ended).code, 0);
    const pid = await pidOf(running);
    const refused = await restore(t, running, file);
    t.deepEqual([refused.code, refused.stdout], [1, '']);
    t.regex(
      refused.stderr,
      new RegExp(`runs on .*ddnsd\\.sock \\(process ${pid}\\): stop it first`),
    );

    // Another configuration for the same database.
    const other = makeFolder(t);
    const conf = join(other, 'ddns.conf');
    writeFileSync(
      conf,
      `Interface=127.0.0.1\nDatabase=${running.folder}/hosts.db\nSocket=other.sock\n`,
    );
    const locked = await runDdnsd(t, ['--conf', conf, '--restore', file]);
    t.is(locked.code, 1);
    const who = process.platform === 'linux' ? `in use by process ${pid}: stop it` : 'in use: stop';
    t.true(locked.stderr.includes(who), locked.stderr);
    t.deepEqual(
      readdirSync(running.folder).filter((name) => name.includes('restor')),
      [],
    );
  },
);

async function pidOf(daemon: RobotDaemon): Promise<number> {
  const { out } = await start('status', '--json', '--socket', daemon.socket).ended;
  return JSON.parse(out).server.pid;
}

test.serial(
  'backup › an existing file is replaced with --force only, and a link stays one',
  async (t) => {
    const folder = makeFolder(t);
    const [file, link] = [join(folder, 'registry.db'), join(folder, 'latest.db')];
    writeFileSync(file, 'precious');
    symlinkSync(file, link);
    const refused = await backup(running, link).ended;
    t.deepEqual([refused.code, refused.out], [1, '']);
    t.is(refused.err, `ddns-tui: ${link} exists; name another file, or replace it with --force\n`);
    t.is(readFileSync(file, 'utf8'), 'precious');
    const forced = await backup(running, link, '--force', '--json').ended;
    t.deepEqual(JSON.parse(forced.out), { file: link, hosts: 0, bytes: statSync(file).size });
    t.deepEqual(readdirSync(folder), ['latest.db', 'registry.db']);
  },
);

test.serial(
  'backup › a full disk is named before anything is written, and nothing is left',
  async (t) => {
    const disk = mountSmallDisk(t, 16);
    if (disk === null) return;
    const { code, err } = await backup(running, join(disk, 'registry.db')).ended;
    t.is(code, 1);
    t.regex(err, /registry\.db needs 28 KB, and \d+ KB are free on that disk; make room, or name/);
    t.deepEqual(readdirSync(disk), []);
  },
);

test.serial('backup › folders that are missing and files that are none are named', async (t) => {
  const folder = makeFolder(t);
  for (const [file, said] of [
    [join(folder, 'no', 'registry.db'), /the folder of .*registry\.db does not exist; create it/],
    [folder, /is no file; name a file/],
    ['/dev/null', /\/dev\/null is no file/],
  ] as const) {
    const { code, err } = await backup(running, file).ended;
    t.is(code, 1);
    t.regex(err, said);
  }
});

test('backup › without a running daemon no file is left', async (t) => {
  const daemon = await createRobotDaemon();
  t.teardown(() => daemon.close());
  const folder = makeFolder(t);
  const { code, err } = await backup(daemon, join(folder, 'registry.db')).ended;
  t.is(code, 69);
  t.regex(err, /no name server is listening/);
  t.false(existsSync(join(folder, 'registry.db')));
});
