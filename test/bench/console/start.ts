// How soon the console is there: from the start of the process until its header, tabs and footer arrive, beside the start
// of Node alone.
import { join } from 'node:path';
import { type Build, startDdnsd } from '../ddnsd-server.ts';
import { median } from '../median.ts';
import type { Table } from '../table.ts';
import { fixed, verdict } from './figures.ts';
import { type ConsoleBuild, spawnMeasured } from './terminal.ts';

const runs = 15;
const target = 2.5;

export async function measureStart(
  consoles: readonly ConsoleBuild[],
  build: Build,
  folder: string,
): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const socket = ['--socket', join(folder, 's.sock')];
  const bare: number[] = [];
  const shown = consoles.map((): number[] => []);
  // The first start of each is not like the others: what is compiled is kept from then on.
  for (const { program } of consoles) await msOf([program, ...socket], 'Dynamo DNS');
  for (let run = 0; run < runs; run++) {
    bare.push(await msOf(['-e', '0'], null));
    for (const [index, { program }] of consoles.entries())
      shown[index]?.push(await msOf([program, ...socket], 'Dynamo DNS'));
  }
  await server.stop();
  const rowOf = ({ name }: ConsoleBuild, index: number) => {
    const times = shown[index] ?? [];
    const ratio = median(times) / median(bare);
    return [
      `${name}, until its header, tabs and footer arrive`,
      fixed(median(times)),
      fixed(Math.min(...times)),
      ratio.toFixed(2),
      `≤ ${target}`,
      verdict(ratio <= target),
    ];
  };
  return {
    title: `first frame, medians of ${runs} starts that alternate`,
    heads: ['what', 'ms', 'least ms', 'of bare', 'target', 'met'],
    rows: [
      ['`node -e 0`, until it ends', fixed(median(bare)), fixed(Math.min(...bare)), 1, '', ''],
      ...consoles.map(rowOf),
    ],
  };
}

/** From the start of a process until it wrote `text`, or has ended. */
function msOf(args: readonly string[], text: string | null): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let seenMs: number | null = null;
    let output = '';
    const pty = spawnMeasured(args);
    pty.onData((data) => {
      output += data;
      if (text === null || seenMs !== null || !output.includes(text)) return;
      seenMs = performance.now() - startedAt;
      pty.kill('SIGTERM');
    });
    pty.onExit(() => resolve(seenMs ?? performance.now() - startedAt));
  });
}
