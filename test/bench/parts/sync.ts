// What it costs to tell another name server: bytes for each change at several rates, and bytes and
// time until two that were apart hold one list again. Two ddnsd processes on loopback, and between
// them a proxy that counts what TCP carries in both directions on both their connections, without
// the headers of TCP and IP.
import { setTimeout as sleep } from 'node:timers/promises';
import { bucketCount } from '../../../daemon/core/registry/digest.ts';
import { encodeSync } from '../../../shared/protocol/sync-message.ts';
import { keptFolder } from '../kept.ts';
import { runSteadyLoad } from '../load-process.ts';
import { addHearsay, recordBytes } from '../registry-file.ts';
import { seedRegistry } from '../seed-registry.ts';
import type { SteadyLoadOptions, SteadyLoadResult } from '../steady-load.ts';
import { areInTouch, type Both, haveLive, maxHosts, SyncPair } from '../sync-pair.ts';
import { type Cell, counted, type Table } from '../table.ts';
import type { Part } from './part.ts';

const seeded = 100_000;
const rates = [1, 100, 5_000];
const rateSeconds = 10;
const idleSeconds = 10;

/** New hosts at each of the two while they are apart. */
const apart = 500;
const apartPerSecond = 1_000;

/** A repair may go on after the last host has arrived: as long as this is counted, too. */
const aftermathMs = 2_000;

/** What two servers send to find that they hold the same: now and then, also when nothing changes. */
const comparisonBytes =
  encodeSync({ kind: 'digest', buckets: '0'.repeat(bucketCount * 16) }).length +
  encodeSync({ kind: 'differ', buckets: [] }).length;

/** Addresses of the hosts, one for each step. */
const hostsAt = {
  rates: ['127.0.9.1', '127.0.9.2', '127.0.9.3'],
  apart: ['127.0.9.4', '127.0.9.5'],
  hearsay: ['127.0.9.6', '127.0.9.7'],
};

export const sync: Part = {
  name: 'sync',
  about: 'what two name servers send each other',
  minutes: 4,
  isOnce: true,
  measure: async () => {
    const secrets = [null, 'a secret for the bench only'];
    const tables: Table[] = [];
    for (const secret of secrets) tables.push(...(await measure(keptFolder(), secret)));
    return tables;
  },
};

async function measure(folder: string, secret: string | null): Promise<Table[]> {
  const pair = await SyncPair.prepare(folder, secret);
  seedRegistry(pair.databases[0] as string, { hosts: seeded });
  const where = secret === null ? 'in the clear' : 'inside TLS';
  try {
    const heals: Cell[][] = [];
    const join = await measureJoin(pair);
    const idle = await measureIdle(pair);
    const costs: Cell[][] = [];
    for (const [index, rate] of rates.entries())
      costs.push(await measureRate(pair, rate, hostsAt.rates[index] as string, idle));
    const bytesOfChanges: Table = {
      title: `sync ${where}: bytes for each change, both directions; idle ${idle.toFixed(0)} bytes a second (heartbeats), ${comparisonBytes} for a comparison every 20 to 30 s each way`,
      heads: [
        'changes a second',
        'reached',
        'bytes a change',
        'less heartbeats and comparisons',
        'changes a batch',
      ],
      rows: costs,
    };
    const partition = await measurePartition(pair);
    await pair.stop();
    heals.push(healCells('a new server takes all', seeded, join, bytesAt(pair, 0, '10.')));
    const differing = bytesAt(pair, 0, ...hostsAt.apart);
    heals.push(healCells('a partition, from the logs', 2 * apart, partition, differing));
    const repaired = await measureRepair(pair);
    await pair.stop();
    const hearsay = bytesAt(pair, 0, ...hostsAt.hearsay);
    heals.push(healCells('logs that cannot tell, by digests', 2 * apart, repaired, hearsay));
    const healing: Table = {
      title: `sync ${where}: two servers of ${counted(seeded)} hosts and more until both hold the same`,
      heads: [
        'what',
        'hosts that differ',
        'their records, bytes',
        'sent, bytes',
        'ratio',
        'seconds',
      ],
      rows: heals,
    };
    return [bytesOfChanges, healing];
  } finally {
    await pair.stop();
  }
}

interface Measured {
  bytes: number;
  seconds: number;
}

async function measureJoin(pair: SyncPair): Promise<Measured> {
  const before = pair.passed();
  await pair.start();
  const started = performance.now();
  await pair.until('the new server holds all', haveLive(seeded));
  const seconds = (performance.now() - started) / 1_000;
  await pair.meet();
  return { bytes: pair.since(before).bytes, seconds };
}

/** Bytes a second when nothing changes, and no comparison of digests is due. */
async function measureIdle(pair: SyncPair): Promise<number> {
  // The first comparison comes 6 s after the meeting, the next at least 20 s later.
  await sleep(8_000);
  const before = pair.passed();
  await sleep(idleSeconds * 1_000);
  const { bytes, seconds } = pair.since(before);
  return bytes / seconds;
}

async function measureRate(
  pair: SyncPair,
  perSecond: number,
  from: string,
  idle: number,
): Promise<Cell[]> {
  const count = perSecond * rateSeconds;
  const [{ hosts }] = await pair.until('all at rest', areInTouch);
  const before = pair.passed();
  const { seconds } = await load(pair, 0, { from, perSecond, count });
  await pair.until('all have arrived', haveLive(hosts.live + count));
  await pair.meet();
  const passed = pair.since(before);
  const isSeen = passed.batches > 0;
  const besides = idle * passed.seconds + comparisonBytes * passed.digests;
  return [
    counted(perSecond),
    counted((count - 1) / seconds),
    (passed.bytes / count).toFixed(1),
    isSeen ? ((passed.bytes - besides) / count).toFixed(1) : 'not seen',
    isSeen ? (count / passed.batches).toFixed(1) : 'not seen',
  ];
}

async function measurePartition(pair: SyncPair): Promise<Measured> {
  const [{ hosts }] = await pair.until('all at rest', areInTouch);
  pair.proxy.cut();
  await Promise.all(
    hostsAt.apart.map((from, index) =>
      load(pair, index, { from, perSecond: apartPerSecond, count: apart }),
    ),
  );
  await pair.until('each takes the other for down', areApart);
  const before = pair.passed();
  await pair.proxy.heal();
  await pair.until('both hold the same', haveLive(hosts.live + 2 * apart));
  const { seconds } = pair.since(before);
  await pair.meet();
  return { bytes: pair.since(before).bytes, seconds };
}

/** Both know hosts from a third server that is gone for good: only the digests tell that they differ. */
async function measureRepair(pair: SyncPair): Promise<Measured> {
  for (const [index, ip] of hostsAt.hearsay.entries())
    addHearsay(pair.databases[index] as string, maxHosts, ip, apart);
  await pair.start();
  const before = pair.passed();
  const [{ hosts }] = await pair.until('both in touch', areInTouch);
  const met = performance.now();
  await pair.until('both hold the same', haveLive(hosts.live + apart));
  const seconds = (performance.now() - met) / 1_000;
  await sleep(aftermathMs);
  return { bytes: pair.since(before).bytes, seconds };
}

async function load(
  pair: SyncPair,
  index: number,
  options: Omit<SteadyLoadOptions, 'host' | 'port'>,
): Promise<SteadyLoadResult> {
  const { port } = pair;
  const result = await runSteadyLoad({ host: pair.hostOf(index), port, ...options });
  if (result.stored !== options.count)
    throw new Error(`${result.stored} of ${options.count} hosts were stored`);
  return result;
}

function areApart(both: Both): boolean {
  return both.every(({ peers }) => peers.every(({ state }) => state === 'down'));
}

function bytesAt(pair: SyncPair, index: number, ...prefixes: string[]): number {
  const file = pair.databases[index] as string;
  return recordBytes(file, maxHosts, (address) =>
    prefixes.some((each) => address.startsWith(each)),
  );
}

function healCells(
  what: string,
  hosts: number,
  { bytes, seconds }: Measured,
  size: number,
): Cell[] {
  return [
    what,
    counted(hosts),
    counted(size),
    counted(bytes),
    (bytes / size).toFixed(2),
    seconds.toFixed(2),
  ];
}
