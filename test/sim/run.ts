// The simulation by hand: many seeds, `npm run sim -- --seeds 20000`, or one of them again with
// everything that happened in it, `npm run sim -- --seed 7 --transcript`.
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { runSeeds } from './crew.ts';
import { type SimTransport, transports } from './fleet.ts';
import { growthHead, growthLine, growthOf } from './growth.ts';
import { runSeed } from './scenario.ts';
import { failureText, Summary } from './summary.ts';

/** One line of progress in so many ms. */
const progressMs = 10_000;

const howLong = `
Processor time of a seed: 0.1 to 0.3 s with 1 to 4 servers. With --servers 64 half a minute over NATS and one and
a half in a mesh, with --servers 200 over NATS five; such a seed says nothing until it is over.
`;

interface Options {
  seeds: number;
  from: number;
  workers: number;
  seed?: number;
  transport: SimTransport;
  transcript?: boolean;
  servers?: number;
  growth?: number[];
}

function count(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    return value;
  };
}

function sizes(text: string): number[] {
  return text.split(',').map(count(2));
}

function runGrowth(servers: readonly number[], transport: SimTransport): boolean {
  for (const line of growthHead) console.log(line);
  let isGood = true;
  for (const each of servers) {
    const growth = growthOf(each, transport);
    console.log(growthLine(growth));
    isGood &&= growth.everywhereMs !== null;
  }
  return isGood;
}

function runOne({ seed = 0, transcript, transport, servers }: Options): boolean {
  const report = runSeed(seed, transcript ?? false, transport, servers);
  for (const line of report.transcript) console.log(line);
  for (const problem of report.problems) console.log(`seed ${seed}: ${problem}`);
  const summary = new Summary();
  summary.add(report);
  for (const line of summary.lines()) console.log(line);
  return report.problems.length === 0;
}

async function runMany(options: Options): Promise<boolean> {
  const { seeds, from, workers, transport, servers } = options;
  const summary = new Summary();
  const startedAt = performance.now();
  let nextProgress = startedAt + progressMs;
  await runSeeds({
    from,
    seeds,
    workers,
    transport,
    servers,
    reported: (report) => {
      summary.add(report);
      if (report.problems.length > 0) console.log(failureText(report));
      const now = performance.now();
      if (now < nextProgress) return;
      nextProgress = now + progressMs;
      const seconds = Math.round((now - startedAt) / 1_000);
      console.error(`${summary.seeds} of ${seeds} seeds in ${seconds} s`);
    },
  });
  for (const line of summary.lines()) console.log(line);
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s, seeds from ${from} on`);
  return summary.failed.length === 0;
}

const program = new Command('sim')
  .description('Runs fleets of name servers through trouble in virtual time.')
  .option('--seeds <n>', 'how many seeds', count(1), 1_000)
  .option('--from <n>', 'the first of them', count(0), 1)
  .option('--workers <n>', 'processes at work', count(1), Math.min(2, availableParallelism()))
  .option('--seed <n>', 'only this one, here', count(0))
  .option('--servers <n>', 'in each fleet, such as 64; 1 to 4 when left out', count(1))
  .addOption(
    new Option('--transport <which>', 'between the servers').choices(transports).default('mesh'),
  )
  .option('--growth <sizes>', 'what fleets of these sizes cost, such as 3,64,200', sizes)
  .option('--transcript', 'with --seed: everything that happened')
  .addHelpText('after', howLong)
  .parse();

const options = program.opts<Options>();
const { growth, seed, transport } = options;
const isGood =
  growth !== undefined
    ? runGrowth(growth, transport)
    : seed === undefined
      ? await runMany(options)
      : runOne(options);
process.exitCode = isGood ? 0 : 1;
