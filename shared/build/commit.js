// The commit that a build is made from, for `--version`.
import { spawnSync } from 'node:child_process';

/**
 * The abbreviated commit of the checkout whose root is `folder`: `c600b71`, or `c600b71-dirty` where tracked files
 * were changed since. Null without git, without a commit, or where `folder` only lies within somebody else's
 * repository (a source archive unpacked there).
 */
export function commitOf(folder) {
  const git = (...args) => {
    const { status, stdout } = spawnSync('git', ['--no-optional-locks', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    return status === 0 ? stdout.trim() : null;
  };
  if (git('rev-parse', '--show-prefix') !== '') return null;
  // No tag is looked for: the commit is named, whatever points to it.
  return git('describe', '--always', '--dirty', '--abbrev=7', '--exclude=*');
}
