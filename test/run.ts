// Runs every check, or ava on some of the test files, with its options behind:
//   node test/run.ts all
//   node test/run.ts unit|e2e
//   node test/run.ts match TITLE   a title, or a pattern with `*`
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesWith, inProcesses, isEndToEnd, testFiles } from './selection.ts';

const ava = installed('ava/entrypoints/cli.js');

function installed(program: string): string {
  return fileURLToPath(new URL(`../node_modules/${program}`, import.meta.url));
}

/** Memory as a file system, where the system has that. */
const memory = '/dev/shm';

/** What the tests need at the same time, several times over, in bytes; a container may have less. */
const roomInMemory = 1 << 30;

/** Whether programs may be in it, and it has room: tests start some there. */
function hasMemoryFolder(): boolean {
  const mounted = new RegExp(`^\\S+ ${memory} tmpfs (?!\\S*noexec)`, 'm');
  if (!existsSync(memory) || !mounted.test(readFileSync('/proc/mounts', 'utf8'))) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= roomInMemory;
}

/**
 * Runs `act` with a folder for temporary files in memory: hundreds of databases, each of which is forced to the
 * disk at every write, else wait for it.
 */
async function inMemory<T>(act: () => Promise<T>): Promise<T> {
  if (!hasMemoryFolder()) return act();
  const folder = mkdtempSync(join(memory, 't-'));
  // Some tests are another user.
  chmodSync(folder, 0o777);
  process.env.TMPDIR = folder;
  // Of the terminal, which ends ava too, and with that this.
  process.on('SIGINT', () => {});
  try {
    return await act();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns its exit code, and whether it found nothing to run */
function run(files: readonly string[], options: readonly string[]) {
  // Not by FORCE_COLOR, which the programs that tests start would have, too.
  const colour = process.stdout.isTTY ? ['--color'] : [];
  const child = spawn(process.execPath, [ava, ...files, ...colour, ...options], {
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    process.stdout.write(text);
  });
  return new Promise<{ code: number; isEmpty: boolean }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code: code ?? 1, isEmpty: said.includes('find any matching tests') }),
    );
  });
}

/** Runs a program beside others. @returns its exit code, and what it said, which they should not be mixed with */
function check(args: readonly string[]) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return new Promise<{ code: number; said: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, said }));
  });
}

/** Of tsc: what has not changed since the last run is not checked again. */
const types = ['--noEmit', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/types'];

/** Of ava: those that take longest first, and those that wait for nothing together. */
const order = ['--config', 'test/longest-first.config.js'];

/** Tests wait for their clocks and programs now and then: types and lint take the processor meanwhile. */
async function runAll(options: readonly string[]): Promise<number> {
  const checks = [
    check([installed('typescript/bin/tsc'), ...types]),
    check([installed('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']),
  ];
  const tests = await run([], [...order, ...options]);
  const results = await Promise.all(checks);
  for (const { code, said } of results) if (code !== 0) process.stderr.write(said);
  return [tests, ...results].find(({ code }) => code !== 0)?.code ?? 0;
}

/** A title that is put together as its file runs may be in another file than its words. */
async function runMatching(title: string, options: readonly string[]): Promise<number> {
  const all = testFiles();
  const files = filesWith(title, all);
  const some = await run(files, ['--match', title, ...options]);
  if (!some.isEmpty || files.length === all.length) return some.code;
  return (await run(all, ['--match', title, ...options])).code;
}

const [set, ...rest] = process.argv.slice(2);
const [title] = rest;

function runSet(): Promise<number> | null {
  if (set === 'match' && title !== undefined) return runMatching(title, rest.slice(1));
  if (set === 'all') return runAll(rest);
  if (set !== 'unit' && set !== 'e2e') return null;
  const files = testFiles().filter((file) => isEndToEnd(file) === (set === 'e2e'));
  return run(inProcesses(files), [...order, ...rest]).then(({ code }) => code);
}

const code = await inMemory(async () => runSet());
if (code === null)
  process.stderr.write('usage: node test/run.ts all|unit|e2e|match TITLE [OPTION OF AVA]…\n');
process.exitCode = code ?? 2;
