// Runs ddnsd as operators do: as a process with arguments, signals and an exit code.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lookUntil, within } from '../fixture/look-until.ts';
import { programCommand } from '../fixture/programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** The first matching line of standard output, earlier ones included. */
  line(pattern: RegExp): Promise<string>;
  ended: Promise<Ended>;
}

export interface Cleanup {
  teardown(end: () => void | Promise<void>): void;
}

/** Starts ddnsd with an open standard input; it is killed when the test ends. */
export async function startDdnsd(
  t: Cleanup,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Running> {
  return startCommand(t, programCommand('ddnsd', ...args), env);
}

/** The same of a command that becomes ddnsd. */
export function startCommand(
  t: Cleanup,
  [program = '', ...parameters]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Running {
  const child = spawn(program, parameters, {
    cwd: root,
    env: { ...process.env, DDNS_STARTUP: '', ...env },
  });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of waiting) each();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
    look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  const line = (pattern: RegExp) =>
    within(
      new Promise<string>((resolve, reject) => {
        const find = () => {
          const found = stdout.split('\n').find((each) => pattern.test(each));
          if (found === undefined) return;
          waiting.delete(find);
          resolve(found);
        };
        waiting.add(find);
        ended.then(() => reject(new Error(`ended without ${pattern}:\n${stdout}${stderr}`)));
        find();
      }),
      () => `${stdout}${stderr}`,
    );
  return { child, line, ended };
}

/** Runs ddnsd to its end, with an empty standard input. */
export async function runDdnsd(
  t: Cleanup,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const { child, ended } = await startDdnsd(t, args, env);
  child.stdin?.end();
  return ended;
}

/** The processes of a daemon that accept connections: children of the main one. */
export function workersOf({ child: { pid } }: Pick<Running, 'child'>): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the process is gone, which no event reports. */
export async function gone(pid: number): Promise<void> {
  await lookUntil(
    () => isAlive(pid),
    (alive) => !alive,
  );
}

/** The messages in a log of JSON lines, each with its level. */
export function messages(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { level, msg } = JSON.parse(line) as { level: string; msg: string };
      return `${level}: ${msg}`;
    });
}

/** A folder that is deleted after the test. Its path is short, because of sockets in it. */
export async function makeFolder(t: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ddnsd-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
