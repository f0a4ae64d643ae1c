// The version of the package, the same in every program.
import manifest from '../package.json' with { type: 'json' };

/** Defined by shared/build/bundle.js; undefined when the sources run unbundled. */
declare const builtFromCommit: string | undefined;

/** The version as IPC and sync send it: plain, so that two versions can be compared. */
export const version: string = manifest.version;

/** The output of `--version`: `0.1.0 (c600b71)`, or `0.1.0` if the commit is not known. */
export const versionLine: string =
  typeof builtFromCommit === 'string' ? `${version} (${builtFromCommit})` : version;
