// How much of the sources the tests reach, in their own processes and in the programs they start: node test/coverage.ts
// [OPTION OF AVA]…. V8 writes a file for each process, more than a thousand, and tells of all code that it ran, three
// quarters of which are Node's and the packages'. Merged one by one, to be kept in memory, these made the report endless.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** As in package.json. */
const raw = join(root, 'node_modules/.cache/coverage/raw');

/** The sources, and the programs that are built of them. */
const own = ['daemon/', 'shared/', 'tui/', 'dist/'].map((name) => pathToFileURL(join(root, name)));

interface RawCoverage {
  result: { url: string }[];
  'source-map-cache'?: Record<string, unknown>;
}

function isOwn(url: string): boolean {
  return own.some(({ href }) => url.startsWith(href));
}

/** Leaves out what is not ours. A process that was killed as it wrote has left half a file. */
function prune(file: string): void {
  let written: RawCoverage;
  try {
    written = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    rmSync(file);
    return;
  }
  const { result, 'source-map-cache': maps = {} } = written;
  const ours = {
    result: result.filter(({ url }) => isOwn(url)),
    'source-map-cache': Object.fromEntries(Object.entries(maps).filter(([url]) => isOwn(url))),
  };
  if (ours.result.length > 0) writeFileSync(file, JSON.stringify(ours));
  else rmSync(file);
}

async function run(program: string, args: readonly string[], env = {}): Promise<number> {
  const script = join(root, 'node_modules', program);
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

rmSync(raw, { recursive: true, force: true });
const order = ['--config', 'test/longest-first.config.js'];
const options = process.argv.slice(2);
const tests = await run('ava/entrypoints/cli.js', [...order, ...options], {
  NODE_V8_COVERAGE: raw,
  // V8 does not know of functions in it that were not called (Node's documentation of module.enableCompileCache).
  NODE_DISABLE_COMPILE_CACHE: '1',
});
for (const file of readdirSync(raw)) prune(join(raw, file));
const report = await run('c8/bin/c8.js', ['report']);
process.exitCode = tests || report;
