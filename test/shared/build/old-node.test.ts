// What is said on a Node that is too old. The programs are started on this one, which is told to give
// another version of itself.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { programFile } from '../../fixture/programs.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { engines, version: current } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

function runOn(version: string, file: string, ...parameters: string[]) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  return spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, file, ...parameters],
    { encoding: 'utf8', cwd: root },
  );
}

for (const program of ['ddnsd', 'ddns-tui', 'ddns-node'] as const) {
  test(`old node › ${program} prints in one line what it needs, and the next step`, (t) => {
    for (const version of ['12.0.0', '20.20.2', '22.13.1']) {
      const { status, stdout, stderr } = runOn(version, programFile(program), '--version');
      t.is(
        stderr,
        `${program} needs Node 22.14 or later, and this is Node ${version}. Install a newer one (nodejs.org has it) and start ${program} with that.\n`,
      );
      t.deepEqual([status, stdout], [1, '']);
    }
  });

  test(`old node › ${program} runs on the oldest that it needs`, (t) => {
    const { status, stdout } = runOn('22.14.0', programFile(program), '--version');
    t.deepEqual([status, stdout.split(/\s/)[0]], [0, current]);
  });
}

test('old node › a checkout says so, where npm could not install a newer one', (t) => {
  const { status, stderr } = runOn('16.20.2', 'shared/build/ensure.cjs');
  t.is(
    stderr,
    'Dynamo-DNS needs Node 22.14 or later, and this is Node 16.20.2. Install a newer one (nodejs.org has it) and start Dynamo-DNS with that.\n',
  );
  t.is(status, 1);
});

test('old node › the programs need the Node version that package.json names', (t) => {
  const { neededNode } = createRequire(import.meta.url)('../../../shared/build/needed-node.cjs');
  t.is(engines.node, `>=${neededNode}`);
});
