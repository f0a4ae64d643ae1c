// One target in a thread of its own, so that an input that never ends can be told and ended from outside: before each
// run the input is written where the other thread sees it.
import { parentPort, workerData } from 'node:worker_threads';
import { createBelow } from '../fixture/random.ts';
import { Coverage } from './coverage.ts';
import { type Fault, Fuzzer } from './fuzzer.ts';
import { readKept } from './kept.ts';
import { targets } from './targets.ts';

/** What the worker is given. */
export interface Task {
  target: string;
  seed: number;
  ms: number;
  /** number of the run, then the length of its input */
  numbers: Int32Array;
  /** the input of the run */
  bytes: Uint8Array;
}

/** What it tells, after each batch that found something and at the end. */
export interface Progress {
  executions: number;
  /** characters of code executed */
  covered: number;
  corpus: Uint8Array[];
  faults: { input: Uint8Array; text: string }[];
}

const task: Task = workerData;
const found = targets.find(({ name }) => name === task.target);
if (found === undefined) throw new RangeError(`no target ${task.target}`);
const coverage = new Coverage();
const fuzzer = new Fuzzer(found, {
  coverage,
  corpus: [...readKept('corpus', task.target), ...readKept('crashes', task.target)],
  below: createBelow(task.seed),
  runs(input) {
    task.bytes.set(input.subarray(0, task.bytes.length));
    task.numbers[1] = input.length;
    Atomics.add(task.numbers, 0, 1);
  },
});

function tell(faults: readonly Fault[]): void {
  const progress: Progress = {
    executions: fuzzer.executions,
    covered: coverage.size,
    corpus: fuzzer.corpus,
    faults: faults.map(({ input, error }) => ({ input, text: error.stack ?? error.message })),
  };
  parentPort?.postMessage(progress);
}

const endsAt = performance.now() + task.ms;
tell(await fuzzer.begin());
for (let known = fuzzer.corpus.length; performance.now() < endsAt; ) {
  const faults = await fuzzer.batch();
  if (faults.length > 0 || fuzzer.corpus.length > known) tell(faults);
  known = fuzzer.corpus.length;
}
tell([]);
coverage.close();
process.exit();
