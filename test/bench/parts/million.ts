// A million hosts: resident memory for each, and the time from the start of the process to its first
// answer. Beside it the daemon without hosts, with the same settings.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Build, seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { nodeIdOf, portOf } from '../exchanges/exchange.ts';
import { endOf, fetchAll } from '../fetch.ts';
import { connectionEach } from '../jobs.ts';
import { runLoad } from '../load-process.ts';
import { medianOf } from '../median.ts';
import { counted, type Table } from '../table.ts';
import type { Part } from './part.ts';

const hosts = 1_000_000;

/** After the first answer: registrations for as long as given, then quiet for this. */
const quietMs = 2_000;

interface Round {
  firstAnswerMs: number;
  startCpuMs: number;
  residentAtStart: number;
  residentLater: number;
}

interface Tried {
  build: Build;
  stored: number;
  folder: string;
}

export const million: Part = {
  name: 'million',
  about: 'memory of each of 1,000,000 hosts, and the start with them (Threads=1)',
  minutes: 2,
  measure: async ({ builds, rounds, seconds }) => {
    const tried: Tried[] = [];
    for (const build of builds)
      for (const stored of [0, hosts]) {
        const folder = await seededFolder(build, stored, Math.min(stored, 1));
        tried.push({ build, stored, folder });
      }
    const measured = tried.map(() => [] as Round[]);
    for (let round = 0; round < rounds; round++)
      for (const [index, { build, folder }] of tried.entries())
        measured[index]?.push(await measureRound(build, folder, seconds));
    const of = (index: number, figure: keyof Round) =>
      medianOf(measured[index] ?? [], (round) => round[figure]);
    const perHost = (index: number, figure: 'residentAtStart' | 'residentLater') =>
      ((of(index, figure) - of(index - 1, figure)) / hosts).toFixed(1);
    const table: Table = {
      title: 'start and memory',
      heads: [
        'server',
        'ms to the first answer',
        'CPU until then, ms',
        'resident then, MB',
        'bytes a host then',
        'resident later, MB',
        'bytes a host later',
      ],
      rows: tried.map(({ build, stored }, index) => [
        `${build.name}, ${counted(stored)} hosts`,
        counted(of(index, 'firstAnswerMs')),
        counted(of(index, 'startCpuMs')),
        (of(index, 'residentAtStart') / 1e6).toFixed(1),
        stored === 0 ? '' : perHost(index, 'residentAtStart'),
        (of(index, 'residentLater') / 1e6).toFixed(1),
        stored === 0 ? '' : perHost(index, 'residentLater'),
      ]),
      notes: [
        `Later: after ${seconds} s of registrations with limit=50, a connection each, and ${quietMs / 1_000} s of quiet. Bytes a host: above the daemon without hosts at the same point.`,
      ],
    };
    return [table];
  },
};

async function measureRound(build: Build, folder: string, seconds: number): Promise<Round> {
  const startedAt = performance.now();
  const server = await startDdnsd({ build, folder });
  try {
    endOf(await fetchAll(server.port, `query ${nodeIdOf(0)} ${portOf(0)} limit=50\n`));
    const firstAnswerMs = performance.now() - startedAt;
    const startCpuMs = server.cpuUs() / 1_000;
    const residentAtStart = server.residentBytes();
    const load = connectionEach({ name: 'query', argument: 'limit=50' });
    await runLoad({ ...load, port: server.port, seconds });
    await sleep(quietMs);
    return { firstAnswerMs, startCpuMs, residentAtStart, residentLater: server.residentBytes() };
  } finally {
    await server.stop();
  }
}
