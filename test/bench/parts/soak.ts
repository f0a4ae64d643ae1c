// Twenty minutes, or as many as asked for, at seven tenths of what the server can do, while its workers are killed one
// after the other and backups are made: memory has to stay, and every registration that was answered has to be there at
// the end, also after the main process was killed itself.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Build, seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { fetchAll } from '../fetch.ts';
import { connectionEach } from '../jobs.ts';
import { runLoad, runSoakLoad } from '../load-process.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { median } from '../median.ts';
import { residentBytesOf } from '../process-tree.ts';
import type { SoakLoadResult } from '../soak-load.ts';
import { counted, type Table } from '../table.ts';
import type { Part } from './part.ts';

const execute = promisify(execFile);

const hosts = 50_000;
const threads = 2;
const share = 0.7;

interface Samples {
  main: number[];
  workers: number[];
}

/** How long everything takes. */
export interface SoakOptions {
  build: Build;
  /** registered in turn */
  hosts: number;
  seconds: number;
  capacitySeconds: number;
  sampleMs: number;
  /** from one kill to the next, at least and at most */
  killAfterMs: readonly [number, number];
  backupEveryMs: number;
}

/** What a soak found. */
export interface SoakFound {
  load: SoakLoadResult;
  /** registrations a second: possible, and asked for */
  capacity: number;
  perSecond: number;
  kills: number;
  backups: number;
  /** backups that could not be made or were not sound, in words */
  badBackups: string[];
  samples: Samples;
  /** hosts that were answered and are not listed: at the end, and after the main process was killed and restarted */
  missing: number;
  missingAfterKill: number;
}

const usual = {
  hosts,
  capacitySeconds: 10,
  sampleMs: 5_000,
  killAfterMs: [15_000, 45_000],
  backupEveryMs: 60_000,
} as const;

export const soak: Part = {
  name: 'soak',
  about: `Threads=${threads} at 70 % of its capacity, workers killed and backups made now and then`,
  minutes: 21,
  isOnce: true,
  isLong: true,
  measure: async ({ builds: [build], minutes }) => {
    if (build === undefined) return [];
    const found = await soakFor({ ...usual, build, seconds: minutes * 60 });
    const { load, capacity, perSecond, kills, backups, badBackups } = found;
    const { answered, failed, skipped, latenciesUs, registered } = load;
    const outcome: Table = {
      title: `${minutes} minutes, ${counted(perSecond)} registrations a second asked for of ${counted(capacity)} possible, a connection for each`,
      heads: ['what', 'figure'],
      rows: [
        ['registrations answered', counted(answered)],
        ['a second', counted(answered / (minutes * 60))],
        ['p50, p99, µs', `${counted(latenciesUs.p50)}, ${counted(latenciesUs.p99)}`],
        ['workers killed (SIGKILL)', kills],
        ['connections that broke off', counted(failed)],
        ['not asked, because 64 waited', counted(skipped)],
        ['backups made and checked', backups],
        ['of those not made or not sound', badBackups.length],
        ['hosts answered', counted(registered.length)],
        ['of those missing from the list at the end', found.missing],
        [
          'of those missing after the main process was killed and started again',
          found.missingAfterKill,
        ],
      ],
    };
    return [outcome, memoryTable(found.samples)];
  },
};

/** Loads a new server for `seconds`, and looks for everything that it answered. */
export async function soakFor(options: SoakOptions): Promise<SoakFound> {
  const { build, seconds } = options;
  const folder = await seededFolder(build, 0);
  const server = await startDdnsd({ build, folder, threads });
  const capacity = await capacityOf(server, options.capacitySeconds);
  const perSecond = Math.floor(capacity * share);
  const running = runSoakLoad({ port: server.port, perSecond, seconds, hosts: options.hosts });
  const watched = await watch(server, running, { ...options, folder });
  const load = await running;
  const missing = missingFrom(await listOf(server), load.registered);
  await server.kill();
  const restarted = await startDdnsd({ build, folder, threads });
  const missingAfterKill = missingFrom(await listOf(restarted), load.registered);
  await restarted.stop();
  return { load, capacity, perSecond, ...watched, missing, missingAfterKill };
}

async function capacityOf(server: MeasuredServer, capacitySeconds: number): Promise<number> {
  const job = connectionEach({ name: 'query', argument: 'limit=50' });
  const { requests, seconds } = await runLoad({
    ...job,
    port: server.port,
    seconds: capacitySeconds,
  });
  return requests / seconds;
}

/** Takes samples, kills workers and makes backups until the load is over. */
async function watch(
  server: MeasuredServer,
  load: Promise<unknown>,
  { build, folder, sampleMs, killAfterMs, backupEveryMs }: SoakOptions & { folder: string },
): Promise<Pick<SoakFound, 'kills' | 'backups' | 'badBackups' | 'samples'>> {
  const samples: Samples = { main: [], workers: [] };
  const badBackups: string[] = [];
  let isOver = false;
  let [kills, backups] = [0, 0];
  let nextKillAt = performance.now() + killAfterMs[0];
  let nextBackupAt = performance.now() + backupEveryMs;
  void load.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await Promise.race([sleep(sampleMs), load]);
    const [main, ...workers] = server.processes();
    if (isOver || main === undefined) break;
    samples.main.push(residentBytesOf(main));
    samples.workers.push(...workers.map(residentBytesOf));
    if (performance.now() >= nextBackupAt) {
      nextBackupAt = performance.now() + backupEveryMs;
      backups++;
      await backUp(build, folder).catch((error: Error) => badBackups.push(error.message));
    }
    if (performance.now() < nextKillAt) continue;
    const victim = workers[kills % threads];
    if (victim === undefined) continue;
    process.kill(victim, 'SIGKILL');
    kills++;
    const [least, most] = killAfterMs;
    nextKillAt = performance.now() + least + Math.random() * (most - least);
  }
  return { kills, backups, badBackups, samples };
}

/** Makes a backup and reads it. @throws Error when either fails */
async function backUp(build: Build, folder: string): Promise<void> {
  const file = join(folder, 'backup.db');
  const console = join(dirname(build.file), 'ddns-tui.js');
  const socket = join(folder, 's.sock');
  await execute(build.node, [console, 'backup', file, '--force', '--socket', socket]);
  const conf = join(folder, 'ddns.conf');
  await execute(build.node, [build.file, '--conf', conf, '--restore', file, '--check']);
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
