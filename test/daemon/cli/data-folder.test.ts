import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { prepareDataFolder } from '../../../daemon/cli/data-folder.ts';
import { inspectFile } from '../../../daemon/cli/file-places.ts';
import { loadConfiguration } from '../../../shared/config/load.ts';
import { asRoot, otherUser, runModule } from '../../fixture/other-user.ts';
import { makeFolder } from '../program.ts';

test('data folder › is created with both files, accessible to its owner only', async (t) => {
  const folder = join(await makeFolder(t), 'a', 'b');
  const { source } = await prepareDataFolder(folder, {}, 'linux');
  t.deepEqual(source, { kind: 'startup', file: join(folder, 'startup.dycfg') });
  const { settings, confFile } = await loadConfiguration(source);
  t.is(confFile, join(folder, 'ddns.conf'));
  t.like(settings, {
    interface: '127.0.0.1',
    port: 4524,
    database: join(folder, 'hosts.db'),
    socket: join(folder, 'ddnsd.sock'),
  });
  t.deepEqual((await readdir(folder)).toSorted(), ['ddns.conf', 'startup.dycfg']);
  if (process.platform !== 'win32') t.is((await stat(folder)).mode & 0o777, 0o700);
});

test('data folder › existing files are used as they are', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'ddns.conf'), '# mine\nPort=4530\nInterface=127.0.0.1\n');
  const { source } = await prepareDataFolder(folder);
  await prepareDataFolder(folder);
  t.is((await loadConfiguration(source)).settings.port, 4530);
  t.is(
    await readFile(join(folder, 'ddns.conf'), 'utf8'),
    '# mine\nPort=4530\nInterface=127.0.0.1\n',
  );
});

test('data folder › is written with the settings of the environment, which an existing ddns.conf outranks', async (t) => {
  const folder = await makeFolder(t);
  const env = { DDNS_INTERFACE: '0.0.0.0', DDNS_TTL: '5m', DDNS_PORT: '' };
  const { source, warnings } = await prepareDataFolder(folder, env, 'linux');
  t.deepEqual(warnings, []);
  const { settings } = await loadConfiguration(source);
  t.like(settings, { interface: '0.0.0.0', ttlMs: 300_000, port: 4524 });
  const later = { ...env, DDNS_TTL: '6m', DDNS_BACKLOG: '7' };
  const file = join(folder, 'ddns.conf');
  t.deepEqual((await prepareDataFolder(folder, later, 'linux')).warnings, [
    `DDNS_BACKLOG is ignored, because ${file} exists and has no Backlog: change it there, or remove the file`,
    `DDNS_TTL is ignored, because ${file} exists and says TTL=5m: change it there, or remove the file`,
  ]);
  t.is((await loadConfiguration(source)).settings.ttlMs, 300_000);
});

test('data folder › with a wrong setting in the environment nothing is created', async (t) => {
  const folder = join(await makeFolder(t), 'data');
  await t.throwsAsync(prepareDataFolder(folder, { DDNS_PORT: 'tcp://10.0.0.1:4524' }, 'linux'), {
    message: 'environment: DDNS_PORT=tcp://10.0.0.1:4524: must be 1 to 65535',
  });
  await t.throwsAsync(readdir(folder), { code: 'ENOENT' });
});

test('data folder › can be moved', async (t) => {
  const folder = await makeFolder(t);
  await prepareDataFolder(join(folder, 'old'), {}, 'linux');
  await rename(join(folder, 'old'), join(folder, 'new'));
  const { source } = await prepareDataFolder(join(folder, 'new'), {}, 'linux');
  const { settings } = await loadConfiguration(source);
  t.is(settings.database, join(folder, 'new', 'hosts.db'));
});

test('data folder › a path too long for a socket is refused before anything is created', async (t) => {
  const folder = await makeFolder(t);
  const long = join(folder, 'd'.repeat(107));
  await t.throwsAsync(prepareDataFolder(long, {}, 'linux'), {
    code: 'configuration',
    message: new RegExp(
      `^${long}: the socket path ${long}/ddnsd\\.sock has \\d+ bytes, but a Unix socket path has at most 107; use a shorter folder`,
    ),
  });
  t.deepEqual(await readdir(folder), []);
});

test('data folder › each folder has its own pipe on Windows', async (t) => {
  const folder = await makeFolder(t);
  const pipes = await Promise.all(
    ['a', 'b'].map(async (name) => {
      await prepareDataFolder(join(folder, name), {}, 'win32');
      const conf = await readFile(join(folder, name, 'ddns.conf'), 'utf8');
      return /^Socket=(\\\\\.\\pipe\\ddnsd-[0-9a-f]{12})\r$/m.exec(conf)?.[1];
    }),
  );
  t.is(new Set(pipes).size, 2);
  t.false(pipes.includes(undefined));
});

test('file places › a file in an existing folder, or in one that can be created, is accepted', async (t) => {
  const folder = await makeFolder(t);
  t.deepEqual(await inspectFile(join(folder, 'hosts.db')), { folder: 'there' });
  t.deepEqual(await inspectFile(join(folder, 'a', 'b', 'hosts.db')), { folder: 'would be made' });
  await writeFile(join(folder, 'hosts.db'), '');
  t.deepEqual(await inspectFile(join(folder, 'hosts.db')), { folder: 'there' });
  t.deepEqual((await readdir(folder)).toSorted(), ['hosts.db']);
});

test('file places › a folder in place of a file, and a file in place of a folder, are refused', async (t) => {
  const folder = await makeFolder(t);
  await mkdir(join(folder, 'dir'));
  await writeFile(join(folder, 'file'), '');
  t.deepEqual(await inspectFile(join(folder, 'dir')), {
    message: `${folder}/dir is a folder; name a file inside it`,
  });
  t.deepEqual(await inspectFile(join(folder, 'file', 'hosts.db')), {
    message: `${folder}/file is not a folder; name another path`,
  });
});

asRoot(
  'data folder › one that this user may not write is named, with who and what to do',
  async (t) => {
    const folder = await makeFolder(t);
    await chmod(folder, 0o755);
    const { stdout } = runModule(
      `import { prepareDataFolder } from './daemon/cli/data-folder.ts';
    await prepareDataFolder(${JSON.stringify(folder)}).catch(({ message }) => console.log(message));`,
      { uid: otherUser },
    );
    t.regex(
      stdout,
      new RegExp(
        `^${folder}: ${folder} is not writable by this user \\(\\S+\\); change its owner \\(chown\\), or name another path\\n$`,
      ),
    );
  },
);
