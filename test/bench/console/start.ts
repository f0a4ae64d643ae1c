// How soon the console is there, and what of a core that takes: from the start of the process until its header, tabs and
// footer arrive, beside the start of Node alone.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Build, startDdnsd } from '../ddnsd-server.ts';
import { keptFolder } from '../kept.ts';
import { median } from '../median.ts';
import { threadsUsOf } from '../process-tree.ts';
import type { Cell, Table } from '../table.ts';
import { fixed, verdict } from './figures.ts';
import { type ConsoleBuild, spawnMeasured } from './terminal.ts';

const runs = 25;
const target = 2.5;

interface Start {
  ms: number;
  /** user and system time of all its threads, in ms */
  cpu: number;
}

export async function measureStart(
  consoles: readonly ConsoleBuild[],
  build: Build,
  folder: string,
): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const socket = ['--socket', join(folder, 's.sock')];
  const bare: Start[] = [];
  const shown = consoles.map((): Start[] => []);
  // Each keeps what is compiled of it in one file, which another build would replace.
  const caches = consoles.map(() => keptFolder());
  const start = ({ program }: ConsoleBuild, index: number) =>
    startOf([program, ...socket], caches[index]);
  // The first start of each is not like the others: what is compiled is kept from then on.
  for (const [index, each] of consoles.entries()) await start(each, index);
  for (let run = 0; run < runs; run++) {
    bare.push(await bareStart());
    for (const [index, each] of consoles.entries()) shown[index]?.push(await start(each, index));
  }
  await server.stop();
  const bareMs = median(bare.map(({ ms }) => ms));
  const bareCpu = median(bare.map(({ cpu }) => cpu));
  const row = (name: string, starts: readonly Start[]): Cell[] => {
    const ms = starts.map((each) => each.ms);
    const cpu = median(starts.map((each) => each.cpu));
    const times = [fixed(median(ms)), fixed(Math.min(...ms)), (median(ms) / bareMs).toFixed(2)];
    return [name, ...times, fixed(cpu), (cpu / bareCpu).toFixed(2)];
  };
  return {
    title: `first frame, medians of ${runs} starts that alternate`,
    heads: ['what', 'ms', 'least ms', 'of bare', 'CPU ms', 'of bare', 'target', 'met'],
    rows: [
      [...row('`node -e 0`, until it ends', bare), '', ''],
      ...consoles.map(({ name }, index): Cell[] => {
        const starts = shown[index] ?? [];
        const isMet = median(starts.map(({ ms }) => ms)) / bareMs <= target;
        const what = `${name}, until its header, tabs and footer arrive`;
        return [...row(what, starts), `≤ ${target}`, verdict(isMet)];
      }),
    ],
    notes: [
      'CPU: user and system time of all threads. On a machine that others use, too, it tells more than the time.',
    ],
  };
}

/** Node alone, until it has ended: once for the time, and once more in a shell, which says what an ended process took. */
async function bareStart(): Promise<Start> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const timed = `TIMEFORMAT='%3U %3S'; time "$0" -e 0`;
  const { stderr } = spawnSync('bash', ['-c', timed, process.execPath], { encoding: 'utf8', env });
  const [user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  const startedAt = performance.now();
  await new Promise<void>((resolve) => spawnMeasured(['-e', '0']).onExit(() => resolve()));
  return { ms: performance.now() - startedAt, cpu: (user + system) * 1_000 };
}

/** The console, from its start until its name, which stands in the header, has arrived. */
function startOf(args: readonly string[], caches?: string): Promise<Start> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let start: Start | null = null;
    let output = '';
    const pty = spawnMeasured(args, caches);
    pty.onData((data) => {
      output += data;
      if (start !== null || !output.includes('Dynamo DNS')) return;
      start = { ms: performance.now() - startedAt, cpu: threadsUsOf(pty.pid) / 1_000 };
      pty.kill('SIGTERM');
    });
    pty.onExit(() => resolve(start ?? { ms: Number.NaN, cpu: Number.NaN }));
  });
}
