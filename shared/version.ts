// The version of the package, the same in every program.
import manifest from '../package.json' with { type: 'json' };

/** Put in by shared/build/bundle.js; not defined where the sources run as they are. */
declare const builtFromCommit: string | undefined;

/** As IPC and sync send it: plain, so that two of them can be compared. */
export const version: string = manifest.version;

/** What `--version` prints: `0.1.0 (c600b71)`, or `0.1.0` where no commit is known. */
export const versionLine: string =
  typeof builtFromCommit === 'string' ? `${version} (${builtFromCommit})` : version;
