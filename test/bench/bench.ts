// `npm run bench [-- --only requests|sync] [--rounds 3] [--seconds 4]`: what a registration costs, and
// what it costs to tell another name server. Prints tables in Markdown.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { printRequestCost } from './request-cost.ts';
import { printSyncCost } from './sync-cost.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
  },
});
const parts = {
  requests: () =>
    printRequestCost({ rounds: Number(values.rounds), seconds: Number(values.seconds) }),
  sync: () => printSyncCost(),
};
const { only } = values;
if (only !== undefined && !Object.hasOwn(parts, only)) {
  process.stderr.write(`--only ${only}: must be one of ${Object.keys(parts).join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, committed with synchronous=FULL\n`,
);
for (const [name, print] of Object.entries(parts))
  if (only === undefined || only === name) await print();
