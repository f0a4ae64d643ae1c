// What name servers cost each other as a fleet grows, in a mesh and over NATS: ddnsd processes on this machine, as many
// as it carries. `npm run sim -- --growth 64` and more have larger ones in virtual time.
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchTransport, FleetOf, transports, type Used } from '../fleet-of.ts';
import type { Cell } from '../table.ts';
import type { Part } from './part.ts';

const sizes: Readonly<Record<BenchTransport, readonly number[]>> = {
  mesh: [3, 10, 20, 30, 45],
  nats: [3, 10, 20, 30, 45, 64],
};

/** Of rest, and of registrations, in the whole fleet. */
const seconds = 10;
const perSecond = 50;

/** The first comparisons are over, with 6 s to the first after two servers met. */
const settleMs = 7_000;

/** Changes that are watched until every server has them. */
const watched = 60;

export const fleets: Part = {
  name: 'fleets',
  about: 'fleets of 3 to 64 name servers at rest and with 50 registrations a second, mesh and NATS',
  minutes: 11,
  isOnce: true,
  isLong: true,
  measure: async ({ servers }) => {
    const rows: Cell[][] = [];
    for (const transport of transports)
      for (const count of servers ?? sizes[transport]) {
        const row = await measure(count, transport);
        process.stderr.write(`${row.join(' | ')}\n`);
        rows.push(row);
      }
    return [
      {
        title: `fleets, ${perSecond} registrations a second in all`,
        heads: [
          ...[
            'servers',
            'over',
            'connections',
            'KiB a second at rest',
            'bytes a change and server',
          ],
          ...['of a core at rest, each', 'with registrations, each', 'nats-server'],
          ...['everywhere p50, ms', 'p99'],
        ],
        rows,
        notes: [
          `Bytes are those of all servers, in and out, those of NATS included, those of TCP not. A change is timed with nothing else going on, from the answer to the host until the last server lists it; ${watched} of them.`,
        ],
      },
    ];
  },
};

async function measure(servers: number, transport: BenchTransport): Promise<Cell[]> {
  const fleet = await FleetOf.start(servers, transport);
  try {
    await sleep(settleMs);
    await fleet.meet();
    const idle = await use(fleet, () => sleep(seconds * 1_000));
    const busy = await use(fleet, () => register(fleet));
    await fleet.watch();
    const times: number[] = [];
    for (let index = 0; index < watched; index++)
      times.push(await fleet.everywhere(index % servers));
    times.sort((a, b) => a - b);
    const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
    const core = (during: Used & { seconds: number }, us: number) =>
      `${(us / during.seconds / 10_000).toFixed(2)} %`;
    // On a busy machine the registrations take longer, and heartbeats go on meanwhile.
    const ofChanges = busy.bytes - (idle.bytes / idle.seconds) * busy.seconds;
    return [
      ...[servers, transport, idle.connections, (idle.bytes / idle.seconds / 1_024).toFixed(1)],
      Math.round(ofChanges / (perSecond * seconds) / servers),
      ...[core(idle, idle.cpuUs / servers), core(busy, busy.cpuUs / servers)],
      transport === 'nats' ? core(busy, busy.natsCpuUs) : '',
      ...[at(0.5), at(0.99)],
    ];
  } finally {
    await fleet.stop();
  }
}

async function use(fleet: FleetOf, run: () => Promise<void>): Promise<Used & { seconds: number }> {
  const before = fleet.used();
  const began = performance.now();
  await run();
  const after = fleet.used();
  return {
    seconds: (performance.now() - began) / 1_000,
    cpuUs: after.cpuUs - before.cpuUs,
    natsCpuUs: after.natsCpuUs - before.natsCpuUs,
    connections: after.connections,
    bytes: after.bytes - before.bytes,
  };
}

async function register(fleet: FleetOf): Promise<void> {
  const began = performance.now();
  for (let count = 0; count < seconds * perSecond; count++) {
    await fleet.register(count % fleet.servers);
    const early = began + ((count + 1) * 1_000) / perSecond - performance.now();
    if (early > 0) await sleep(early);
  }
}
