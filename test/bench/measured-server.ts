// A server under measurement: processes of its own whose CPU time and memory are read from the
// system. What it prints is in `server.log` of its folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keep } from './kept.ts';
import { placed } from './pinning.ts';
import { cpuUsOf, processesOf, residentBytesOf } from './process-tree.ts';

export interface MeasuredServer {
  port: number;
  /** user and system time so far, in µs, of all its processes */
  cpuUs(): number;
  /** the same of each process, the first one started first */
  cpuUsOfEach(): number[];
  residentBytes(): number;
  /** pids, the first one started first */
  processes(): number[];
  /** SIGKILL, to the first one */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerCommand {
  command: readonly string[];
  /** where it will listen */
  host?: string;
  port: number;
  /** for its log */
  folder: string;
  /** it has several processes: it may use every core */
  isSpread?: boolean;
}

/** A million hosts are read in less, from the oldest schema and on a busy machine, too. */
const startTimeoutMs = 180_000;
const pollMs = 5;

/** Time to write down what it has, before it is killed. */
const stopTimeoutMs = 10_000;

/** Starts a server; resolves when it accepts connections. */
export async function startMeasured(options: ServerCommand): Promise<MeasuredServer> {
  const [program = '', ...args] = placed(options.command, options.isSpread);
  const log = join(options.folder, 'server.log');
  const output = openSync(log, 'w');
  const child = spawn(program, args, { stdio: ['ignore', output, output], cwd: options.folder });
  keep(child);
  await once(child, 'spawn');
  await untilListening(child, options, log);
  const pid = child.pid as number;
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(timer);
  };
  const sum = (of: (pid: number) => number) =>
    processesOf(pid).reduce((total, each) => total + of(each), 0);
  return {
    port: options.port,
    cpuUs: () => sum(cpuUsOf),
    cpuUsOfEach: () => processesOf(pid).map(cpuUsOf),
    residentBytes: () => sum(residentBytesOf),
    processes: () => processesOf(pid),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

async function untilListening(
  child: ChildProcess,
  { command, host = '127.0.0.1', port }: ServerCommand,
  log: string,
): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await accepts(host, port))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > deadline) {
      child.kill('SIGKILL');
      const last = readFileSync(log, 'utf8').slice(-2_000);
      throw new Error(`${command.join(' ')}\ndoes not listen on ${host}:${port}:\n${last}`);
    }
    await sleep(pollMs);
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
