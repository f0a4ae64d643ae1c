// Run before `npm start`, `npm test`, `npm run demo` and the like, so that each works alone on a clone:
// installs when node_modules is missing or older than the lock file, builds when dist/ is older
// than a source. Needs nothing but Node.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function modifiedMs(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestMs(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name))
    .reduce((newest, entry) => {
      const { mtimeMs } = statSync(join(entry.parentPath, entry.name));
      return Math.max(newest, mtimeMs);
    }, 0);
}

function run(why, command, ...args) {
  process.stderr.write(`${why}\n`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    // Progress belongs on the terminal, not into what a script reads from this command.
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const installedMs = modifiedMs('node_modules/.package-lock.json');
if (installedMs === 0 || installedMs < modifiedMs('package-lock.json'))
  run(
    'Installing (better-sqlite3 is compiled, which takes about two minutes) …',
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
  );
const sources = ['daemon', 'tui', 'shared'].map(newestMs);
if (modifiedMs('dist/.built') < Math.max(modifiedMs('package.json'), ...sources))
  run('Building …', process.execPath, 'shared/build/bundle.js');
