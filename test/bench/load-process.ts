// Runs a load in a process of its own and waits for what it found.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { FloodOptions, FloodResult } from '../fixture/flood.ts';
import type { LoadOptions, LoadResult } from './load.ts';
import { programCommand } from './program.ts';
import type { SoakLoadOptions, SoakLoadResult } from './soak-load.ts';
import type { SteadyLoadOptions, SteadyLoadResult } from './steady-load.ts';

const execute = promisify(execFile);

/** What a load prints at most: the soak's names every host. */
const maxOutputBytes = 16_777_216;

async function run(file: string, options: unknown): Promise<string> {
  const [program, ...args] = programCommand(file, JSON.stringify(options));
  return (await execute(program, args, { maxBuffer: maxOutputBytes })).stdout;
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  return JSON.parse(await run('load.ts', options));
}

export async function runSteadyLoad(options: SteadyLoadOptions): Promise<SteadyLoadResult> {
  return JSON.parse(await run('steady-load.ts', options));
}

export async function runFlood(options: FloodOptions): Promise<FloodResult> {
  return JSON.parse(await run('flood-load.ts', options));
}

export async function runSoakLoad(options: SoakLoadOptions): Promise<SoakLoadResult> {
  return JSON.parse(await run('soak-load.ts', options));
}
