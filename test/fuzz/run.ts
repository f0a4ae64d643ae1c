// Fuzzing by hand: `npm run fuzz -- --minutes 10`, each target for as long, or one of them with `--target`. What executes
// something new is kept in corpus/, an input with a fault in crashes/; both are run by the tests from then on.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Command, InvalidArgumentError, Option } from 'commander';
import { seed as defaultSeed } from '../fixture/random.ts';
import { readKept, writeKept } from './kept.ts';
import { targets } from './targets.ts';
import type { Progress, Task } from './worker.ts';

/** Time after which an input counts as one that never ends, ms. */
const endlessMs = 20_000;

/** More than the longest input. */
const mostBytes = 65_536;

interface Options {
  minutes: number;
  target?: string;
  seed: number;
}

function numberAbove0(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Fuzzes one target. @returns whether it found no fault */
async function fuzz(target: string, ms: number, seed: number): Promise<boolean> {
  const task: Task = {
    target,
    seed,
    ms,
    numbers: new Int32Array(new SharedArrayBuffer(8)),
    bytes: new Uint8Array(new SharedArrayBuffer(mostBytes)),
  };
  const since = performance.now();
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: task });
  let last: Progress = { executions: 0, covered: 0, corpus: [], faults: [] };
  let faults = 0;
  const report = (input: Uint8Array, text: string) => {
    faults++;
    const crashes = [...readKept('crashes', target), Buffer.from(input)];
    writeKept('crashes', target, crashes);
    console.log(`${target}: ${JSON.stringify(Buffer.from(input).toString('latin1'))}\n${text}`);
  };
  const current = () => task.bytes.slice(0, task.numbers[1]);
  worker.on('message', (progress: Progress) => {
    last = progress;
    for (const { input, text } of progress.faults) report(input, text);
  });
  worker.on('error', (error: Error) => report(current(), error.stack ?? error.message));
  let seen = -1;
  const watch = setInterval(() => {
    const run = Atomics.load(task.numbers, 0);
    if (run === seen) {
      report(current(), `did not end within ${endlessMs / 1_000} s`);
      void worker.terminate();
    }
    seen = run;
  }, endlessMs);
  await once(worker, 'exit');
  clearInterval(watch);
  writeKept(
    'corpus',
    target,
    last.corpus.map((input) => Buffer.from(input)),
  );
  const seconds = (performance.now() - since) / 1_000;
  const perSecond = Math.round(last.executions / seconds);
  console.log(
    `${target}: ${last.executions} inputs in ${seconds.toFixed(0)} s (${perSecond} a second), ` +
      `${last.covered} characters of code executed, ${last.corpus.length} inputs kept, ${faults} faults`,
  );
  return faults === 0;
}

const names = targets.map(({ name }) => name);
const { minutes, target, seed } = new Command('npm run fuzz --')
  .description('Feeds every decoder with inputs that are mutated towards code not executed before.')
  .option('--minutes <n>', 'time for each target', numberAbove0, 10)
  .addOption(new Option('--target <name>', 'only this one').choices(names))
  .option('--seed <n>', 'of the mutations', Number, defaultSeed)
  .parse()
  .opts<Options>();
let isGood = true;
for (const name of target === undefined ? names : [target])
  isGood = (await fuzz(name, minutes * 60_000, seed)) && isGood;
process.exitCode = isGood ? 0 : 1;
