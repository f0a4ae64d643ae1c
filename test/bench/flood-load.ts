// The flood, in a process of its own. Prints one JSON line, a FloodResult.
// Usage: flood-load.ts JSON, see FloodOptions.
import { type FloodOptions, flood } from '../fixture/flood.ts';

const options: FloodOptions = JSON.parse(process.argv[2] as string);
process.stdout.write(`${JSON.stringify(await flood(options))}\n`);
