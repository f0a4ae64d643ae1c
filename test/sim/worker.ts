// Runs a share of the seeds and reports each: node worker.ts FIRST END STEP
import { runSeed } from './scenario.ts';

const [first = 0, end = 0, step = 1] = process.argv.slice(2).map(Number);

for (let seed = first; seed < end; seed += step) {
  const report = runSeed(seed);
  // Waits until it is taken, so that reports do not pile up here.
  await new Promise((resolve) => process.send?.(report, resolve));
}
process.disconnect?.();
