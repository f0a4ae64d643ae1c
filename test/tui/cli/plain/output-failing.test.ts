// Programs that print, to an output that takes nothing: a full disk, a device that is always full, a
// reader that has gone. Real ones, and the programs as they are installed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../../../fixture/free-port.ts';
import { lookUntil } from '../../../fixture/look-until.ts';
import { startTestServer } from '../../../fixture/name-server.ts';
import { programCommand } from '../../../fixture/programs.ts';
import { mountSmallDisk } from '../../../fixture/small-disk.ts';
import { openStuckPipe } from '../../../fixture/stuck-output.ts';
import { exchange } from '../../../fixture/tcp-client.ts';
import { makeFolder } from '../../../fixture/temp-folder.ts';

type Program = Parameters<typeof programCommand>[0];

/** Its output goes to `output`, what it says on standard error is kept. */
function run(t: ExecutionContext, output: number, program: Program, ...parameters: string[]) {
  const [command, ...rest] = programCommand(program, ...parameters);
  const child: ChildProcess = spawn(command, rest, { stdio: ['ignore', output, 'pipe'] });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return { child, ended, said: () => said };
}

const full = openSync('/dev/full', 'w');
const notWhole = (program: string, code: string) =>
  `${program}: standard output cannot be written (${code}): the output is incomplete\n`;

test('output › a plain view that cannot be printed is one line on standard error and exit code 1', async (t) => {
  const server = await startTestServer(t);
  const { socket } = server.settings;
  for (const view of ['status', 'hosts', 'peers', 'config'])
    t.deepEqual(await run(t, full, 'ddns-tui', view, '--socket', socket).ended, {
      code: 1,
      said: notWhole('ddns-tui', 'ENOSPC'),
    });
});

for (const program of ['ddnsd', 'ddns-tui', 'ddns-node'] as const)
  test(`output › ${program} --help that cannot be printed is one line and exit code 1`, async (t) => {
    t.deepEqual(await run(t, full, program, '--help').ended, {
      code: 1,
      said: notWhole(program, 'ENOSPC'),
    });
  });

test('output › a list of which a disk took the beginning is no success', async (t) => {
  const disk = mountSmallDisk(t, 64);
  if (disk === null) return;
  const server = await startTestServer(t);
  await exchange(
    server.port,
    Array.from({ length: 500 }, (_, n) => `alive n${n} ${n + 1}\n`).join(''),
  );
  writeFileSync(join(disk, 'filler'), Buffer.alloc(48 * 1_024));
  const file = join(disk, 'list');
  const { socket } = server.settings;
  const ended = await run(t, openSync(file, 'w'), 'ddns-tui', 'hosts', '--json', '--socket', socket)
    .ended;
  t.deepEqual(ended, { code: 1, said: notWhole('ddns-tui', 'ENOSPC') });
  t.true(readFileSync(file).length > 0);
});

test('output › a reader that has gone is no failure', async (t) => {
  const server = await startTestServer(t);
  const pipe = openStuckPipe(t);
  pipe.close();
  const { socket } = server.settings;
  t.deepEqual(await run(t, pipe.end, 'ddns-tui', 'status', '--socket', socket).ended, {
    code: 0,
    said: '',
  });
});

for (const [what, open] of [
  ['is full', () => ({ end: full })],
  ['has no reader', openStuckPipe],
  ['is not read', openStuckPipe],
] as const)
  test(`output › a node whose output ${what} stays in the network, and leaves when it is told to`, async (t) => {
    const server = await startTestServer(t);
    await exchange(server.port, 'alive other 4000\n');
    const output = open(t);
    const known = join(makeFolder(t), 'known');
    const parameters = [
      '--listen',
      `127.0.0.9:${await freePort()}`,
      '--server',
      `127.0.0.1:${server.port}`,
    ];
    const node = run(t, output.end, 'ddns-node', ...parameters, '--known', known);
    if (what === 'has no reader' && 'close' in output) output.close();
    await server.until(({ hosts }) => hosts.live === 2);
    if (what !== 'is not read')
      await lookUntil(node.said, (said) => said.includes('standard output cannot be written'));
    t.is((await server.status()).hosts.live, 2);
    t.is(node.child.exitCode, null);
    node.child.kill('SIGTERM');
    t.is((await node.ended).code, 0);
    await server.until(({ hosts }) => hosts.live === 1);
  });
