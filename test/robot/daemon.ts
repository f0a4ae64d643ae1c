// A real name server for the robot: `ddnsd` in a process of its own, with its data in a temporary
// folder and a free port, and nodes that register over real connections.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestFn } from 'ava';
import { connectIpc } from '../../shared/ipc/client.ts';
import { freePort } from '../fixture/free-port.ts';
import { within } from '../fixture/look-until.ts';
import { programCommand } from '../fixture/programs.ts';
import { threadsLine } from '../fixture/threads.ts';

export interface RobotDaemon {
  readonly folder: string;
  readonly port: number;
  readonly socket: string;
  start(): Promise<void>;
  /** Takes the port, so that no name server can. @returns what frees it */
  occupyPort(): Promise<() => void>;
  /** Signals the process and waits until it has ended. @returns its exit code; null: none */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Stops the process as a debugger would, with its sockets open. @returns what continues it */
  suspend(): () => void;
  /** Registers a node; resolves with the reply. */
  register(node: { id: string; port: number; from?: string }): Promise<string>;
  /** Sends `text`; resolves with the reply when the connection has closed. */
  send(text: string): Promise<string>;
  /** Removes every host, as an operator does: for the next test. */
  forgetHosts(): Promise<void>;
  /** Ends the process and removes the folder. */
  close(): Promise<void>;
}

export interface RobotDaemonOptions {
  /** where it listens, 127.0.0.1 by default */
  ip?: string;
  /** a free one by default */
  port?: number;
  /** further lines of its ddns.conf */
  settings?: readonly string[];
}

/** Two name servers that name each other, at 127.0.0.2 and 127.0.0.3, on one port. @param further lines of both files */
export async function createRobotPair(
  further: readonly string[] = [],
): Promise<[RobotDaemon, RobotDaemon]> {
  const port = await freePort();
  const settings = [`NameServers=127.0.0.2:${port} 127.0.0.3:${port}`, ...further];
  return [
    await createRobotDaemon({ ip: '127.0.0.2', port, settings }),
    await createRobotDaemon({ ip: '127.0.0.3', port, settings }),
  ];
}

/** What ends with the tests of a file: ava takes no test or hook that is declared later than the first of them. */
type FileHooks = Pick<TestFn, 'after' | 'afterEach'>;

/**
 * A name server for the tests of a file, started before the first of them is declared.
 * @param forgets whether each test begins without the hosts of those before
 */
export async function daemonOf(
  test: FileHooks,
  { forgets = false, ...options }: RobotDaemonOptions & { forgets?: boolean } = {},
): Promise<RobotDaemon> {
  const daemon = await createRobotDaemon(options);
  await startOf(test, [daemon]);
  if (forgets) test.afterEach.always(() => daemon.forgetHosts());
  return daemon;
}

/** The same of two that name each other. */
export async function pairOf(
  test: FileHooks,
  settings: readonly string[] = [],
): Promise<[RobotDaemon, RobotDaemon]> {
  const pair = await createRobotPair(settings);
  await startOf(test, pair);
  return pair;
}

async function startOf(test: FileHooks, daemons: readonly RobotDaemon[]): Promise<void> {
  const close = () => Promise.all(daemons.map((daemon) => daemon.close()));
  try {
    await Promise.all(daemons.map((daemon) => daemon.start()));
  } catch (error) {
    await close();
    throw error;
  }
  test.after.always(async () => {
    await close();
  });
}

export async function createRobotDaemon(options: RobotDaemonOptions = {}): Promise<RobotDaemon> {
  const { ip = '127.0.0.1', settings = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ddns-robot-'));
  const port = options.port ?? (await freePort());
  const socket = join(folder, 'ddnsd.sock');
  const conf = join(folder, 'ddns.conf');
  writeFileSync(
    conf,
    [
      `Interface=${ip}`,
      `Port=${port}`,
      'Database=hosts.db',
      'Socket=ddnsd.sock',
      ...(settings.some((line) => line.startsWith('Threads=')) ? [] : [threadsLine]),
      ...settings,
      '',
    ].join('\n'),
  );
  let child: ChildProcess | null = null;
  let log = '';

  const start = async () => {
    const [program, ...parameters] = programCommand('ddnsd', '--conf', conf);
    const started = spawn(program, parameters, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: undefined },
    });
    child = started;
    log = '';
    await within(
      new Promise<void>((resolve, reject) => {
        const look = (text: string) => {
          log += text;
          if (log.includes('is ready')) resolve();
        };
        started.stdout.setEncoding('utf8').on('data', look);
        started.stderr.setEncoding('utf8').on('data', look);
        started.once('exit', (code) => reject(new Error(`ddnsd ended with ${code}:\n${log}`)));
      }),
      () => log,
    );
    (await attach()).close();
  };
  const attach = () => connectIpc(socket, { name: 'robot', version: '0' });
  const kill = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return null;
    const gone = new Promise<number | null>((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    return gone;
  };
  const send = (text: string, from?: string) => {
    let reply = '';
    const all = new Promise<string>((resolve, reject) => {
      const client = connect({ port, host: ip, localAddress: from });
      client.setEncoding('utf8');
      client.on('data', (part) => {
        reply += part;
      });
      client.on('error', reject);
      client.on('close', () => resolve(reply));
      client.end(text);
    });
    return within(all, () => reply);
  };

  return {
    folder,
    port,
    socket,
    start,
    occupyPort: () =>
      new Promise((resolve, reject) => {
        const server = createServer();
        server.once('error', reject);
        server.listen(port, ip, () => resolve(() => server.close()));
      }),
    kill,
    suspend: () => {
      child?.kill('SIGSTOP');
      return () => child?.kill('SIGCONT');
    },
    send,
    register: ({ id, port: nodePort, from }) => send(`query ${id} ${nodePort} limit=1\n`, from),
    forgetHosts: async () => {
      const client = await attach();
      try {
        for (let left = true; left; ) {
          const { rows } = await client.page({});
          left = rows.length > 0;
          await Promise.all(rows.map(({ address }) => client.remove(address)));
        }
      } finally {
        client.close();
      }
    },
    close: async () => {
      await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
