// The kept inputs of every target, and that the loop finds what it is there to find. `npm run fuzz` looks for more.
import test from 'ava';
import { createBelow } from '../fixture/random.ts';
import { Coverage } from './coverage.ts';
import { type Fault, Fuzzer } from './fuzzer.ts';
import { readKept } from './kept.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';
import { decodeToy } from './toy-decoder.ts';

for (const target of targets)
  test.serial(`fuzz › every kept input of ${target.name} is treated as it must be`, async (t) => {
    const kept = [...readKept('corpus', target.name), ...readKept('crashes', target.name)];
    t.true(kept.length > 0, 'nothing is kept; run: npm run fuzz');
    for (const input of [...target.seeds, ...kept])
      await t.notThrowsAsync(async () => target.run(Buffer.from(input)), input.toString('latin1'));
  });

const toy: Target = {
  name: 'toy',
  seeds: [Buffer.from('abcdef')],
  words: ['x'],
  mostBytes: 16,
  run: (input) => void decodeToy(input),
};

/** The faults found, and the inputs kept, when so many batches are run of which those scripts count. */
async function found(batches: number, counts: (url: string) => boolean) {
  const coverage = new Coverage(counts);
  const fuzzer = new Fuzzer(toy, { coverage, corpus: [], below: createBelow(1) });
  const faults: Fault[] = await fuzzer.begin();
  for (let i = 0; i < batches && faults.length === 0; i++) faults.push(...(await fuzzer.batch()));
  coverage.close();
  return { faults, executions: fuzzer.executions };
}

test.serial(
  'fuzz › a fault behind four bytes is found by what they execute, and not by chance',
  async (t) => {
    const batches = 400;
    const { faults, executions } = await found(batches, (url) => url.endsWith('/toy-decoder.ts'));
    t.log(`after ${executions} inputs`);
    t.deepEqual(
      faults.map(({ input, error }) => [input.toString('latin1'), error.message]),
      [['fuzz', 'the planted fault']],
    );
    t.deepEqual((await found(batches / 2, () => false)).faults, []);
  },
);
