// Runs many seeds on as many processes as there are cores to spare: seeds do not know of each other,
// so they are dealt out in turn. Reports come in the order in which they are done.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SimTransport } from './fleet.ts';
import type { Report } from './scenario.ts';

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));

export interface CrewOptions {
  from: number;
  seeds: number;
  workers: number;
  /** a mesh when left out */
  transport?: SimTransport;
  /** of each fleet; as each seed has it when left out */
  servers?: number | undefined;
  reported: (report: Report) => void;
  /** Ends the run early: nothing is reported after it. */
  signal?: AbortSignal;
}

/** @throws Error when a worker ends before its share is done */
export async function runSeeds(options: CrewOptions): Promise<void> {
  const { from, seeds, workers, transport = 'mesh', servers } = options;
  const size = servers === undefined ? [] : [servers];
  const shares = Array.from({ length: Math.min(workers, seeds) }, (_, at) =>
    runShare(options, [from + at, from + seeds, workers, transport, ...size]),
  );
  await Promise.all(shares);
}

function runShare({ reported, signal }: CrewOptions, share: (number | string)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(worker, share.map(String));
    const stop = () => child.kill();
    signal?.addEventListener('abort', stop);
    child.on('message', (report) => {
      if (!signal?.aborted) reported(report as Report);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      signal?.removeEventListener('abort', stop);
      if (code === 0 || signal?.aborted) resolve();
      else reject(new Error(`a worker for seeds ${share.join(' ')} ended with code ${code}`));
    });
  });
}
