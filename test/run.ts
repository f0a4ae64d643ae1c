// Runs every check, or ava on some of the test files, with its options behind:
//   node test/run.ts all
//   node test/run.ts unit|e2e
//   node test/run.ts match TITLE   a title, or a pattern with `*`
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { filesWith, isEndToEnd, testFiles } from './selection.ts';

const ava = installed('ava/entrypoints/cli.js');

function installed(program: string): string {
  return fileURLToPath(new URL(`../node_modules/${program}`, import.meta.url));
}

/** @returns its exit code, and whether it found nothing to run */
function run(files: readonly string[], options: readonly string[]) {
  const { isTTY } = process.stdout;
  const child = spawn(process.execPath, [ava, ...files, ...options], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...process.env, ...(isTTY ? { FORCE_COLOR: '1' } : {}) },
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

/** Tests wait for their clocks and programs now and then: types and lint take the processor meanwhile. */
async function runAll(options: readonly string[]): Promise<number> {
  const checks = [
    check([installed('typescript/bin/tsc'), ...types]),
    check([installed('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']),
  ];
  const tests = await run([], ['--config', 'test/longest-first.config.js', ...options]);
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
if (set === 'match' && rest[0] !== undefined)
  process.exitCode = await runMatching(rest[0], rest.slice(1));
else if (set === 'all') process.exitCode = await runAll(rest);
else if (set === 'unit' || set === 'e2e') {
  const files = testFiles().filter((file) => isEndToEnd(file) === (set === 'e2e'));
  process.exitCode = (await run(files, rest)).code;
} else {
  process.stderr.write('usage: node test/run.ts all|unit|e2e|match TITLE [OPTION OF AVA]…\n');
  process.exitCode = 2;
}
