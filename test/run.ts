// Runs ava on some of the test files, with its options behind:
//   node test/run.ts unit|e2e
//   node test/run.ts match TITLE   a title, or a pattern with `*`
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { filesWith, isEndToEnd, testFiles } from './selection.ts';

const ava = fileURLToPath(new URL('../node_modules/ava/entrypoints/cli.js', import.meta.url));

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
else if (set === 'unit' || set === 'e2e') {
  const files = testFiles().filter((file) => isEndToEnd(file) === (set === 'e2e'));
  process.exitCode = (await run(files, rest)).code;
} else {
  process.stderr.write('usage: node test/run.ts unit|e2e|match TITLE [OPTION OF AVA]…\n');
  process.exitCode = 2;
}
