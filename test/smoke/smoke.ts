// `node test/smoke/smoke.ts NODE [PROGRAMS]`: whether the programs, those in dist/ or in the folder PROGRAMS, run
// on another Node: registrations from many connections at once, a frame of the console, secrets that
// differ, an end that was asked for. Ends with 1 at the first thing that is not so.
import { deepStrictEqual, match } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { exitCodes } from '../../shared/program.ts';

const [node, programs] = process.argv.slice(2);
if (node === undefined) throw new Error('say which Node: node test/smoke/smoke.ts NODE [PROGRAMS]');
process.env.DDNS_TEST_NODE = node;
if (programs !== undefined) process.env.DDNS_TEST_PROGRAMS = resolve(programs);

// These read the environment when they load.
const { programCommand } = await import('../fixture/programs.ts');
const { exchange } = await import('../fixture/tcp-client.ts');
const { freePort } = await import('../fixture/free-port.ts');
const { connectIpc } = await import('../../shared/ipc/client.ts');
const { createRobotDaemon } = await import('../robot/daemon.ts');
const { withConsole } = await import('../robot/terminal.ts');

type Daemon = Awaited<ReturnType<typeof createRobotDaemon>>;

const connections = 20;
const requestsOfEach = 2_000;
const hostsOfEach = 50;

async function withDaemon(settings: string[], act: (daemon: Daemon) => Promise<void>) {
  const daemon = await createRobotDaemon({ settings });
  try {
    await daemon.start();
    await act(daemon);
  } finally {
    await daemon.close();
  }
}

/** Registers on all connections at once, each request answered. */
async function register({ port }: Daemon): Promise<void> {
  const replies = await Promise.all(
    Array.from({ length: connections }, (_, connection) => {
      const requests = Array.from(
        { length: requestsOfEach },
        (_, request) => `alive node-${connection} ${4_000 + (request % hostsOfEach)}\n`,
      );
      return exchange(port, requests.join(''), { from: `127.0.5.${connection + 1}` });
    }),
  );
  for (const reply of replies) deepStrictEqual(reply, 'ok\n'.repeat(requestsOfEach));
}

async function showsFrame(daemon: Daemon): Promise<void> {
  await withConsole(daemon, { columns: 80, rows: 24 }, async (robot) => {
    await robot.sees('Overview', `${connections * hostsOfEach}`.replace(/(?=...$)/, ','));
    robot.type('q');
    await robot.isAtShell();
  });
}

/** Two name servers with secrets that differ: each finds out, and says it. */
async function tellsSecretsApart(): Promise<void> {
  const port = await freePort();
  const settings = [`NameServers=127.0.0.2:${port} 127.0.0.3:${port}`];
  const servers = await Promise.all(
    ['2', '3'].map((last) =>
      createRobotDaemon({
        ip: `127.0.0.${last}`,
        port,
        settings: [...settings, `Secret=a secret of sixteen ${last}`],
      }),
    ),
  );
  try {
    for (const server of servers) await server.start();
    for (const { socket } of servers) {
      const console = await connectIpc(socket, { name: 'smoke', version: '0' });
      while ((await console.log({ filter: 'Secret differs' })).lines.length === 0);
      console.close();
    }
  } finally {
    for (const server of servers) await server.close();
  }
}

const [program, ...first] = programCommand('ddnsd', '--version');
match(execFileSync(program, first, { encoding: 'utf8' }), /^\d+\.\d+\.\d+/);
const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
for (const threads of [1, 2])
  await withDaemon([`Threads=${threads}`], async (daemon) => {
    await register(daemon);
    await showsFrame(daemon);
    deepStrictEqual(await daemon.kill('SIGTERM'), exitCodes.ok);
    console.log(
      `${version}: Threads=${threads}: ${connections * requestsOfEach} answered, a frame`,
    );
  });
await tellsSecretsApart();
console.log(`${version}: differing secrets are told`);
