// Runs a share of the seeds and reports each: node worker.ts FIRST END STEP TRANSPORT [SERVERS]
import { transports } from './fleet.ts';
import { runSeed } from './scenario.ts';

const [first = 0, end = 0, step = 1] = process.argv.slice(2, 5).map(Number);
const transport = transports.find((each) => each === process.argv[5]) ?? 'mesh';
const servers = process.argv[6] === undefined ? undefined : Number(process.argv[6]);

for (let seed = first; seed < end; seed += step) {
  const report = runSeed(seed, false, transport, servers);
  // Waits until it is taken, so that reports do not pile up here.
  await new Promise((resolve) => process.send?.(report, resolve));
}
process.disconnect?.();
