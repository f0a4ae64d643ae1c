// Runs a load in a process of its own and waits for what it found.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LoadOptions, LoadResult } from './load.ts';
import { programCommand } from './program.ts';
import type { SteadyLoadOptions, SteadyLoadResult } from './steady-load.ts';

const execute = promisify(execFile);

async function run(file: string, options: unknown): Promise<string> {
  const [program, ...args] = programCommand(file, JSON.stringify(options));
  return (await execute(program, args)).stdout;
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  return JSON.parse(await run('load.ts', options));
}

export async function runSteadyLoad(options: SteadyLoadOptions): Promise<SteadyLoadResult> {
  return JSON.parse(await run('steady-load.ts', options));
}
