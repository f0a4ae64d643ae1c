// The library as somebody who writes a node gets it: packed, installed with npm, imported by its name, with
// types; and what README and NODES show, run against a name server.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { within } from '../../fixture/look-until.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const example = join(root, 'shared', 'node', 'example.ts');

async function shown(file: string, language: string): Promise<string> {
  const document = await readFile(join(root, file), 'utf8');
  return document.split(`\`\`\`${language}\n`)[1]?.split('```')[0] ?? '';
}

/** Starts a program; `printed` resolves with its output as soon as that matches. */
function start(t: ExecutionContext, cwd: string, command: string, ...args: string[]) {
  const child = spawn(command, args, { cwd });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = once(child, 'close');
  const printed = async (pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(out);
      if (match !== null) return match;
      const [chunk] = await within(
        Promise.race([
          once(child.stdout, 'data'),
          ended.then(() => Promise.reject(new Error(`ended: ${out}${err}`))),
        ]),
        () => `${out}${err}`,
      );
      out += chunk;
    }
  };
  return { child: child as ChildProcess, printed, ended };
}

/** The program joins, says so, and leaves when it is told to. */
async function checkExample(t: ExecutionContext, cwd: string, ...args: string[]): Promise<void> {
  const server = await startTestServer(t);
  await exchange(server.port, 'alive other 5000\n', { from: '127.0.9.1' });
  const { child, printed, ended } = start(
    ...([t, cwd, process.execPath, ...args, '127.0.9.2:0', `127.0.0.1:${server.port}`] as const),
  );
  const [, address] = await printed(/^(127\.0\.9\.2:\d+) knows \[ '127\.0\.9\.1:5000' \]$/m);
  const list = await exchange(server.port, 'query third 5000\n', { from: '127.0.9.3' });
  t.true(list.split(/\s/).includes(address as string), list);
  child.kill('SIGTERM');
  t.deepEqual(await ended, [0, null]);
  const kept = await readFile(join(cwd, 'known-hosts'), 'utf8');
  t.regex(kept, /^127\.0\.9\.1:5000 name-server \d{13}\n$/);
  const { hosts } = await server.status();
  t.is(hosts.live, 2, 'it has left');
}

test('library › the example is the one in the README', async (t) => {
  const [, ...lines] = (await readFile(example, 'utf8')).split('\n');
  t.is(lines.join('\n').replace('./node.ts', 'dynamo-dns-node'), await shown('README.md', 'ts'));
});

test('library › the example joins, and leaves', async (t) => {
  await checkExample(t, makeFolder(t), example);
});

test('library › the example keeps running when no name server answers', async (t) => {
  const port = await freePort();
  const { child, printed, ended } = start(
    ...([t, makeFolder(t), process.execPath, example, '127.0.9.4:0', `127.0.0.1:${port}`] as const),
  );
  await once(child.stderr as NodeJS.ReadableStream as never, 'data');
  await printed(/^127\.0\.9\.4:\d+ knows \[\]$/m);
  child.kill('SIGTERM');
  t.deepEqual(await ended, [0, null]);
});

test('library › it installs without a network, has types, and needs no other package', async (t) => {
  t.timeout(60_000);
  const folder = makeFolder(t);
  await run('npm', ['pack', join(root, 'dist', 'library'), '--pack-destination', folder]);
  const [packed = ''] = await readdir(folder);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
  await run('npm', ['install', '--offline', '--no-audit', join(folder, packed)], { cwd: folder });
  const packages = await readdir(join(folder, 'node_modules'));
  t.deepEqual(
    packages.filter((name) => !name.startsWith('.')),
    ['dynamo-dns-node'],
  );
  const ddnsNode = join(folder, 'node_modules', '.bin', 'ddns-node');
  t.regex(
    (await run(ddnsNode, ['--version'])).stdout,
    /^\d+\.\d+\.\d+( \([0-9a-f]+(-dirty)?\))?\n$/,
  );
  await mkdir(join(folder, 'node_modules', '@types'));
  for (const types of ['@types/node', 'undici-types'])
    await symlink(join(root, 'node_modules', types), join(folder, 'node_modules', types));
  await writeFile(join(folder, 'node.ts'), await shown('README.md', 'ts'));
  await writeFile(
    join(folder, 'wrong.ts'),
    "import { createNode } from 'dynamo-dns-node';\ncreateNode({ listen: 4000, servers: [] });\n",
  );
  const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
  await run(process.execPath, [tsc, ...options, 'node.ts'], { cwd: folder });
  await checkExample(t, folder, 'node.js');
  // Bundlers make CommonJS of it unless told otherwise, without import.meta.
  await writeFile(join(folder, 'app.mjs'), "import 'dynamo-dns-node';\nconsole.log('loaded');\n");
  const bundler = join(root, 'node_modules', 'esbuild', 'bin', 'esbuild');
  const bundled = ['app.mjs', '--bundle', '--platform=node', '--outfile=app.cjs'];
  await run(bundler, bundled, { cwd: folder });
  t.is((await run(process.execPath, ['app.cjs'], { cwd: folder })).stdout, 'loaded\n');
  const { stdout } = await t.throwsAsync<Error & { stdout: string }>(
    run(process.execPath, [tsc, ...options, '--noEmit', 'wrong.ts'], { cwd: folder }),
  );
  t.regex(
    stdout,
    /^wrong\.ts\(2,\d+\): error TS2322: Type 'number' is not assignable to type 'string'/,
  );
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test('library › the client in Python of NODES.md joins, answers a ping, and leaves', async (t) => {
  if (!hasPython) {
    t.log('there is no python3 here: not run');
    t.pass();
    return;
  }
  const server = await startTestServer(t);
  await exchange(server.port, 'alive other 5000\n', { from: '127.0.9.1' });
  const folder = makeFolder(t);
  await writeFile(join(folder, 'client.py'), await shown('shared/node/NODES.md', 'python'));
  const { child, printed, ended } = start(
    ...([t, folder, 'python3', 'client.py', '127.0.9.2', '127.0.0.1', `${server.port}`] as const),
  );
  await printed(/^127\.0\.9\.1:5000\n/);
  const list = await exchange(server.port, 'query third 5000\n', { from: '127.0.9.3' });
  const [, port] = /127\.0\.9\.2:(\d+)/.exec(list) ?? [];
  for (let ping = 0; ping < 2; ping++)
    t.is(await exchange(Number(port), 'ping\n', { host: '127.0.9.2' }), 'pong a-python-node\n');
  child.stdin?.end();
  t.deepEqual(await ended, [0, null]);
  t.regex(
    await exchange(server.port, 'query third 5000\n', { from: '127.0.9.3' }),
    /^hosts 127\.0\.9\.1:5000\nend 1 /,
  );
});
