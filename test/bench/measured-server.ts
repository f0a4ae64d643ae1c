// A server under measurement: a process of its own whose CPU time is read from the system, so that
// what it costs is counted whatever thread or kernel path it is spent in.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface MeasuredServer {
  port: number;
  /** user and system time so far, in µs */
  cpuUs(): number;
  residentBytes(): number;
  stop(): Promise<void>;
}

/** Linux counts in ticks of 10 ms (sysconf(_SC_CLK_TCK) is 100 on every architecture it runs on). */
const tickUs = 10_000;

/** Starts `command`; `portOf` finds the port in one of the lines it prints. */
export async function startMeasured(
  command: readonly string[],
  portOf: (line: string) => number | null,
): Promise<MeasuredServer> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await findPort(child, portOf);
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    port,
    cpuUs: () => {
      // Fields 14 and 15, counted after the name in brackets (proc(5)).
      const fields = proc('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * tickUs;
    },
    residentBytes: () => Number(/VmRSS:\s+(\d+)/.exec(proc('status'))?.[1]) * 1024,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function findPort(
  child: ChildProcess,
  portOf: (line: string) => number | null,
): Promise<number> {
  if (child.stdout === null) throw new TypeError('the server prints nowhere');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const port = portOf(line);
    if (port === null) continue;
    child.stdout.resume();
    return port;
  }
  throw new Error(`the server ended before it listened: ${child.spawnargs.join(' ')}`);
}
