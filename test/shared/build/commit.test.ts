// Which commit `--version` names.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);
const { commitOf } = require('../../../shared/build/commit.js') as {
  commitOf(folder: string): string | null;
};
const { version } = require('../../../package.json') as { version: string };

test('commit › a checkout is named by its commit, and as dirty once a file was changed', (t) => {
  const folder = makeFolder(t);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  t.is(commitOf(folder), null, 'no repository');
  git('init', '--quiet');
  t.is(commitOf(folder), null, 'no commit');
  writeFileSync(join(folder, 'file'), 'one');
  git('add', 'file');
  git('commit', '--quiet', '--message', 'first');
  git('tag', '--annotate', 'v1', '--message', 'a tag');
  const commit = git('rev-parse', '--short=7', 'HEAD');
  t.regex(commit, /^[0-9a-f]{7,}$/);
  t.is(commitOf(folder), commit);
  writeFileSync(join(folder, 'built'), 'not tracked');
  t.is(commitOf(folder), commit);
  writeFileSync(join(folder, 'file'), 'two');
  t.is(commitOf(folder), `${commit}-dirty`);
  mkdirSync(join(folder, 'unpacked'));
  t.is(commitOf(join(folder, 'unpacked')), null, "somebody else's repository");
});

for (const program of ['ddnsd', 'ddns-tui', 'ddns-node', 'ddns-demo'] as const)
  test(`commit › ${program} --version names the version and the commit of its build`, (t) => {
    const [command, ...args] = programCommand(program, '--version');
    const printed = execFileSync(command, args, { encoding: 'utf8' });
    const [number, commit] = printed.trimEnd().split(' ');
    t.is(number, version);
    if (commitOf(root) === null) t.is(printed, `${version}\n`);
    else t.regex(commit ?? '', /^\([0-9a-f]{7,}(-dirty)?\)$/);
  });
