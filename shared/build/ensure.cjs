// Runs before `npm start`, `npm test`, `npm run demo` and the like, so that each works on a fresh clone: installs if
// node_modules is missing or older than the lock file, and builds if dist/ is older than a source. The project's Node
// (development-node) is installed with it, and npm scripts find it before the system's, so this file needs only a Node
// that runs npm.
const { isAtLeast, neededNode, tooOld } = require('./needed-node.cjs');

/** The oldest Node whose npm understands the lock file. */
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

/** Runs a command in a shell, because `npm` is a script, and on Windows the development Node is one too. */
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
