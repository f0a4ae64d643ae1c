// Twenty thousand connections in a minute from fifty sources, half of them slow with bytes sent, a fifth garbage,
// and honest clients of other sources beside them: who is served, how long it takes, whether memory stays, and
// whether every connection is counted once.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectIpc, type IpcClient } from '../../../shared/ipc/client.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { askHonestly, type FloodResult, type HonestResult } from '../../fixture/flood.ts';
import { seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { runFlood } from '../load-process.ts';
import { counted, type Table } from '../table.ts';
import type { Part } from './part.ts';

const connections = 20_000;
const seconds = 60;
const honestPerSecond = 50;
const hosts = 1_000;

/** How often memory is looked at: it grows while code is compiled and the heap finds its size, then it should stay. */
const lookMs = 15_000;

interface Outcome {
  threads: number;
  attack: FloodResult;
  honest: HonestResult;
  counters: Status['counters'];
  /** at the start and every `lookMs`, in bytes */
  memory: number[];
}

export const flood: Part = {
  name: 'flood',
  about: `${counted(connections)} hostile connections of 50 sources in ${seconds} s, beside honest clients`,
  minutes: 3,
  isOnce: true,
  isLong: true,
  measure: async ({ builds: [build] }) => {
    if (build === undefined) return [];
    const outcomes: Outcome[] = [];
    for (const threads of [1, 2]) {
      const folder = await seededFolder(build, hosts);
      const server = await startDdnsd({ build, folder, threads });
      const { port } = server;
      const console = await attach(join(folder, 's.sock'));
      const { counters: early } = await console.status();
      const memory = [server.residentBytes()];
      const looks = setInterval(() => memory.push(server.residentBytes()), lookMs);
      const [attack, honest] = await Promise.all([
        runFlood({ port, connections, seconds }),
        askHonestly({ port, perSecond: honestPerSecond, seconds }),
      ]);
      clearInterval(looks);
      const { counters } = await allClosed(() => console.status());
      // The bench's own look at whether it listens came before.
      counters.connections -= early.connections;
      outcomes.push({ threads, attack, honest, counters, memory });
      console.close();
      await server.stop();
    }
    return [tableOf(outcomes)];
  },
};

/** It accepts connections a moment before it greets consoles. */
async function attach(socket: string): Promise<IpcClient> {
  for (;;) {
    const console = await connectIpc(socket, { name: 'bench', version: '0' }).catch(() => null);
    if (console !== null) return console;
    await sleep(100);
  }
}

async function allClosed(status: () => Promise<Status>): Promise<Status> {
  for (;;) {
    const now = await status();
    if (now.connections.open === 0) return now;
    await sleep(100);
  }
}

function tableOf(outcomes: readonly Outcome[]): Table {
  const row = (what: string, of: (outcome: Outcome) => string) => [what, ...outcomes.map(of)];
  return {
    title: `${counted(connections / seconds)} connections a second: 50 % slow, 20 % garbage, 20 % silent, 10 % broken off`,
    heads: ['what', ...outcomes.map(({ threads }) => `Threads=${threads}`)],
    rows: [
      row(
        'honest queries served',
        ({ honest: { asked, served } }) =>
          `${counted(served)} of ${counted(asked)} (${((100 * served) / asked).toFixed(2)} %)`,
      ),
      row('p50, p99 of those, ms', ({ honest: { latenciesMs } }) =>
        [0.5, 0.99].map((share) => quantile(latenciesMs, share).toFixed(1)).join(', '),
      ),
      row(`memory at the start and every ${lookMs / 1_000} s, MiB`, ({ memory }) =>
        memory.map((bytes) => counted(bytes / 1_048_576)).join(', '),
      ),
      row('hostile connections made', ({ attack }) => counted(attack.made)),
      row(
        'busy, gave way',
        ({ counters }) => `${counted(counters.busy)}, ${counted(counters.displaced)}`,
      ),
      row('malformed, timed out, evicted', ({ counters: { malformed, timedOut, evicted } }) =>
        [malformed, timedOut, evicted].map(counted).join(', '),
      ),
      row('connections counted, and by what became of them', ({ attack, counters }) => {
        const { queries, malformed, busy, displaced, timedOut, evicted } = counters;
        const ends = queries + malformed + busy + displaced + timedOut + evicted + attack.left;
        return `${counted(counters.connections)}, ${counted(ends)}`;
      }),
    ],
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
