// The version of the package, the same in every program.
import manifest from '../package.json' with { type: 'json' };

export const version: string = manifest.version;
