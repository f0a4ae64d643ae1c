// What each view writes to its terminal, and how much of a core it takes: while nothing changes, and in the demo network.
// The consoles of all builds watch the same name server at the same time.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { viewNames } from '../../../tui/state/common-state.ts';
import { makeDemoFolder } from '../../demo/places.ts';
import { startNetwork } from '../../demo/show.ts';
import { type Build, startDdnsd } from '../ddnsd-server.ts';
import { cpuUsOf } from '../process-tree.ts';
import { type Cell, counted, type Table } from '../table.ts';
import { meanOf, verdict } from './figures.ts';
import { type ConsoleBuild, ConsoleTerminal } from './terminal.ts';

const quietSeconds = 30;
const demoSeconds = 30;
/** What was just started still draws: its charts, pages that it reads. */
const settleMs = 8_000;
/** Decides what happens in the demo network. */
const seed = 7;
const targets = { bytes: 4_096, cpu: 5 };

const demoProgram = new URL('../../../dist/ddns-demo.js', import.meta.url).pathname;

interface Measured {
  bytes: number[];
  /** percent of a core */
  cpu: number;
}

export async function measureScreens(
  consoles: readonly ConsoleBuild[],
  build: Build,
  folder: string,
): Promise<Table> {
  const server = await startDdnsd({ build, folder });
  const quiet = await watch(consoles, join(folder, 's.sock'), quietSeconds);
  await server.stop();
  const network = startNetwork({
    ...{ seed, folder: await makeDemoFolder(), program: demoProgram },
    onEvent: () => {},
  });
  const { servers } = await network.ready;
  const demo = await watch(consoles, servers[0]?.socket ?? '', demoSeconds);
  await network.close();
  const rows = viewNames.flatMap((view, row) =>
    consoles.map(({ name }, index): Cell[] => {
      const cell = row * consoles.length + index;
      const { bytes, cpu } = demo[cell] as Measured;
      const idle = meanOf(quiet[cell]?.bytes ?? []);
      const mean = meanOf(bytes);
      return [
        ...[view, name, idle.toFixed(1), counted(mean), counted(Math.max(...bytes))],
        `≤ ${counted(targets.bytes)}`,
        verdict(mean <= targets.bytes),
        cpu.toFixed(1),
        `≤ ${targets.cpu}`,
        verdict(cpu <= targets.cpu),
      ];
    }),
  );
  return {
    title: `bytes to the terminal in a second, and CPU: over ${quietSeconds} s in which nobody asks the name server anything, and ${demoSeconds} s of the demo network`,
    heads: [
      ...['view', 'console', 'nobody asks', 'demo, mean', 'demo, most', 'target', 'mean met'],
      ...['CPU, % of a core', 'target', 'met'],
    ],
    rows,
    notes: [
      'Nobody asks: what is left are ages and the time since the start, as they pass. All consoles run at the same time.',
    ],
  };
}

/** For each view in turn, each of the consoles. */
async function watch(
  consoles: readonly ConsoleBuild[],
  socket: string,
  seconds: number,
): Promise<Measured[]> {
  const terminals = viewNames.flatMap((view) =>
    consoles.map((each) => new ConsoleTerminal(each, [view, '--socket', socket])),
  );
  await sleep(settleMs);
  const from = performance.now();
  const usedBefore = terminals.map(({ pid }) => cpuUsOf(pid));
  await sleep(seconds * 1_000);
  const ms = performance.now() - from;
  const measured = terminals.map((terminal, index) => ({
    bytes: terminal.bytesBySecond(from, seconds),
    cpu: (cpuUsOf(terminal.pid) - (usedBefore[index] ?? 0)) / ms / 10,
  }));
  await Promise.all(terminals.map((each) => each.close()));
  return measured;
}
