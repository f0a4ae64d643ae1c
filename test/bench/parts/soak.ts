// Twenty minutes at seven tenths of what the server can do, while its workers are killed one after
// the other: memory has to stay, and every registration that was answered has to be there at the end,
// also after the main process was killed itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { fetchAll } from '../fetch.ts';
import { connectionEach } from '../jobs.ts';
import { runLoad, runSoakLoad } from '../load-process.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { median } from '../median.ts';
import { residentBytesOf } from '../process-tree.ts';
import { counted, type Table } from '../table.ts';
import type { Part } from './part.ts';

const hosts = 50_000;
const threads = 2;
const share = 0.7;

/** How long the load that finds out what the server can do runs. */
const capacitySeconds = 10;
const sampleMs = 5_000;

/** From one kill to the next, at least and at most. */
const killAfterMs = [15_000, 45_000] as const;

interface Samples {
  main: number[];
  workers: number[];
}

export const soak: Part = {
  name: 'soak',
  about: `Threads=${threads} at 70 % of its capacity, workers killed now and then`,
  minutes: 21,
  isOnce: true,
  isLong: true,
  measure: async ({ builds: [build], minutes }) => {
    if (build === undefined) return [];
    const folder = await seededFolder(build, 0);
    const server = await startDdnsd({ build, folder, threads });
    const capacity = await capacityOf(server);
    const perSecond = Math.floor(capacity * share);
    const samples: Samples = { main: [], workers: [] };
    const seconds = minutes * 60;
    const load = runSoakLoad({ port: server.port, perSecond, seconds, hosts });
    const kills = await watch(server, load, samples);
    const result = await load;
    const before = missingFrom(await listOf(server), result.registered);
    await server.kill();
    const restarted = await startDdnsd({ build, folder, threads });
    const after = missingFrom(await listOf(restarted), result.registered);
    await restarted.stop();
    const { answered, failed, skipped, latenciesUs, registered } = result;
    const outcome: Table = {
      title: `${minutes} minutes, ${counted(perSecond)} registrations a second asked for of ${counted(capacity)} possible, a connection for each`,
      heads: ['what', 'figure'],
      rows: [
        ['registrations answered', counted(answered)],
        ['a second', counted(answered / seconds)],
        ['p50, p99, µs', `${counted(latenciesUs.p50)}, ${counted(latenciesUs.p99)}`],
        ['workers killed (SIGKILL)', kills],
        ['connections that broke off', counted(failed)],
        ['not asked, because 64 waited', counted(skipped)],
        ['hosts answered', counted(registered.length)],
        ['of those missing from the list at the end', before],
        ['of those missing after the main process was killed and started again', after],
      ],
    };
    return [outcome, memoryTable(samples)];
  },
};

async function capacityOf(server: MeasuredServer): Promise<number> {
  const job = connectionEach({ name: 'query', argument: 'limit=50' });
  const { requests, seconds } = await runLoad({
    ...job,
    port: server.port,
    seconds: capacitySeconds,
  });
  return requests / seconds;
}

/** Takes samples and kills workers until the load is over; returns how many were killed. */
async function watch(
  server: MeasuredServer,
  load: Promise<unknown>,
  samples: Samples,
): Promise<number> {
  let isOver = false;
  let kills = 0;
  let nextKillAt = performance.now() + killAfterMs[0];
  void load.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await Promise.race([sleep(sampleMs), load]);
    const [main, ...workers] = server.processes();
    if (isOver || main === undefined) break;
    samples.main.push(residentBytesOf(main));
    samples.workers.push(...workers.map(residentBytesOf));
    if (performance.now() < nextKillAt) continue;
    const victim = workers[kills % threads];
    if (victim === undefined) continue;
    process.kill(victim, 'SIGKILL');
    kills++;
    const [least, most] = killAfterMs;
    nextKillAt = performance.now() + least + Math.random() * (most - least);
  }
  return kills;
}

async function listOf(server: MeasuredServer): Promise<Set<string>> {
  const { text } = await fetchAll(server.port, 'query watcher 65535\n', true);
  const lines = text.split('\n').filter((line) => line.startsWith('hosts '));
  return new Set(lines.flatMap((line) => line.split(' ').slice(1)));
}

function missingFrom(list: ReadonlySet<string>, registered: readonly string[]): number {
  return registered.filter((host) => !list.has(host)).length;
}

/** Fifths of the time: the first one fills, the others have to be alike. */
function memoryTable({ main, workers }: Samples): Table {
  const fifths = [0, 1, 2, 3, 4];
  const megabytes = (bytes: readonly number[], fifth: number) => {
    const from = Math.floor((bytes.length * fifth) / fifths.length);
    const to = Math.floor((bytes.length * (fifth + 1)) / fifths.length);
    return (median(bytes.slice(from, to)) / 1e6).toFixed(1);
  };
  return {
    title: 'resident memory, MB, medians of each fifth of the time',
    heads: ['process', ...fifths.map((fifth) => `${fifth * 20}-${fifth * 20 + 20} %`)],
    rows: [
      ['main', ...fifths.map((fifth) => megabytes(main, fifth))],
      ['a worker', ...fifths.map((fifth) => megabytes(workers, fifth))],
    ],
  };
}
