// Fleets drawn at random, each with its own trouble. What must hold whatever happens is in oracle.ts
// and inspection.ts; a seed that fails says how to see it again.
import { availableParallelism } from 'node:os';
import test from 'ava';
import { seed } from '../fixture/random.ts';
import { runSeeds } from './crew.ts';
import { runSeed } from './scenario.ts';
import { failureText, Summary } from './summary.ts';

/** In the mesh each kind of trouble comes more than thirty times. `npm run sim` takes thousands of seeds. */
const fleets = [
  ['mesh', 80],
  ['nats', 20],
] as const;

for (const [transport, seeds] of fleets)
  test.serial(
    `simulation › ${seeds} troubled fleets over a ${transport === 'mesh' ? 'mesh' : 'bus that loses messages'} end with one list, without losing a live or answered host or keeping a dead one`,
    async (t) => {
      t.timeout(240_000);
      t.log(`SEED=${seed}`);
      const summary = new Summary();
      const startedAt = performance.now();
      await runSeeds({
        from: seed,
        seeds,
        transport,
        workers: Math.min(2, availableParallelism()),
        reported: (report) => summary.add(report),
      });
      t.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
      for (const line of summary.lines()) t.log(line);
      t.is(summary.seeds, seeds);
      t.deepEqual(
        summary.failed.map((report) => failureText(report)),
        [],
      );
    },
  );

test('simulation › the same seed gives the same transcript', (t) => {
  const [first, second] = [runSeed(seed + 1, true), runSeed(seed + 1, true)];
  t.true(first.transcript.length > 100);
  t.deepEqual(first, second);
});
