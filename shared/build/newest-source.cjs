// Whether dist/ is older than one of its sources.
const { existsSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

function modifiedMs(path) {
  return existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0;
}

/** Path and modification time (ms) of the newest source of the bundle. */
function newestSource() {
  let newest = { path: 'package.json', ms: modifiedMs('package.json') };
  const look = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) look(path);
      else if (/\.(ts|tsx|js|cjs)$/.test(entry.name) && modifiedMs(path) > newest.ms)
        newest = { path, ms: modifiedMs(path) };
    }
  };
  for (const folder of ['daemon', 'tui', 'shared']) look(folder);
  return newest;
}

/** The source that is newer than dist/; null if dist/ is up to date. */
function newerThanBuild() {
  const { path, ms } = newestSource();
  return modifiedMs('dist/.built') < ms ? path : null;
}

module.exports = { modifiedMs, newerThanBuild };
