// Run before `npm start`, `npm test`, `npm run demo` and the like, so that each works alone on a clone:
// installs when node_modules is missing or older than the lock file, builds when dist/ is older than
// a source. The Node of the project (development-node) comes with the installation, and npm's scripts
// find it before the system's, so this needs no more than a Node that npm runs on.
const { isAtLeast, neededNode, tooOld } = require('./needed-node.cjs');

/** What npm needs itself, since it knows lock files of today. */
const neededByNpm = '18.0';

function endAs(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

if (!isAtLeast(process.versions.node, neededByNpm))
  endAs(tooOld('Dynamo-DNS', process.versions.node));

const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { modifiedMs, newerThanBuild } = require('./newest-source.cjs');

/** Through a shell, since `npm` is a script, and on Windows the development Node is one too. */
function run(why, command) {
  process.stderr.write(`${why}\n`);
  // Progress belongs on the terminal, not into what a script reads from this command.
  const stdio = ['inherit', 2, 2];
  const { status } = spawnSync(command, { cwd: join(__dirname, '..', '..'), stdio, shell: true });
  if (status !== 0) process.exit(status || 1);
}

const installedMs = modifiedMs('node_modules/.package-lock.json');
if (installedMs === 0 || installedMs < modifiedMs('package-lock.json'))
  // At this level npm does not warn of every package that the Node it runs on itself is too old for.
  run('Installing …', 'npm install --no-audit --no-fund --loglevel=error');

const isWindows = process.platform === 'win32';
const brought = join('node_modules', '.bin', isWindows ? 'node.cmd' : 'node');
const hasBrought = modifiedMs(brought) > 0;
if (!hasBrought && !isAtLeast(process.versions.node, neededNode))
  endAs(tooOld('Dynamo-DNS', process.versions.node));
if (newerThanBuild() !== null)
  run('Building …', `"${hasBrought ? brought : process.execPath}" shared/build/bundle.js`);
