// What a fleet costs as it grows, in virtual time: bytes and processor time of each server at rest and for each change,
// and how long it takes until all have a change. The way of a message takes what the simulated network takes, 1 to 21 ms;
// what others than name servers spend is left out, such as the CPU of NATS.
import { Fleet, type SimTransport } from './fleet.ts';

const seed = 1;

/** Hosts that are there before anything is measured. */
const known = 500;

/** Until all have found each other, ms. */
const meetMs = 5_000;

/** Until everybody shares the work and has compared with the others, ms. */
const settleMs = 60_000;

/** Of rest, ms: two times as long as servers wait between two comparisons. */
const restMs = 60_000;

/** Of changes, ms. */
const changesMs = 20_000;

/** All servers together; one in 20 ms. */
const changeEveryMs = 20;

/** How often it is looked whether all have a change, ms. */
const lookMs = 1;

/** What a fleet of that size costs. */
export interface Growth {
  servers: number;
  /** between servers, or from them to the bus, in the whole fleet at rest */
  connections: number;
  /** of each server at rest, in and out */
  idleBytesPerSecond: number;
  /** of each server for each change, in and out, beyond what it costs at rest */
  bytesPerChange: number;
  /** of a core, for each server at rest and with 50 changes a second in the fleet */
  idleCpu: number;
  busyCpu: number;
  /** from the answer to the host until every server has it, ms; null: some did not within the time */
  everywhereMs: { p50: number; p99: number } | null;
}

/** Runs a fleet of that size, first at rest, then with changes. */
export function growthOf(servers: number, transport: SimTransport): Growth {
  const fleet = new Fleet({ servers, seed, transport, maxHosts: 10_000 });
  fleet.start();
  // Hosts come to a fleet that has met; how one starts that has hosts is not what is measured.
  fleet.run(meetMs);
  for (let index = 0; index < known; index++)
    fleet.host(`10.1.${index >> 8}.${index & 255}:4000`).register(index % servers);
  fleet.run(settleMs);
  const idle = measure(fleet, restMs);
  const connections = transport === 'nats' ? servers : fleet.network.wires.size / 2;
  const times: number[] = [];
  const count = changesMs / changeEveryMs;
  for (let index = 0; index < count; index++)
    fleet.world.after(index * changeEveryMs, () => {
      const address = `10.2.${index >> 8}.${index & 255}:4000`;
      fleet.host(address).register(fleet.world.below(servers), () => watch(fleet, address, times));
    });
  const busy = measure(fleet, changesMs);
  // The last ones may still be on their way.
  fleet.run(10_000);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return {
    ...{ servers, connections },
    idleBytesPerSecond: (idle.bytes / servers / restMs) * 1_000,
    bytesPerChange: (busy.bytes - (idle.bytes * changesMs) / restMs) / servers / count,
    idleCpu: idle.cpu / servers,
    busyCpu: busy.cpu / servers,
    everywhereMs: times.length < count ? null : { p50: at(0.5), p99: at(0.99) },
  };
}

function measure({ world, network }: Fleet, ms: number): { bytes: number; cpu: number } {
  const before = network.bytes + network.delivered;
  const began = process.cpuUsage();
  world.run(ms);
  const { user, system } = process.cpuUsage(began);
  return {
    bytes: network.bytes + network.delivered - before,
    cpu: (user + system) / 1_000 / ms,
  };
}

function watch(fleet: Fleet, address: string, times: number[]): void {
  const since = fleet.world.now;
  let missing = fleet.servers;
  const look = () => {
    missing = missing.filter((server) => !server.serves(address));
    if (missing.length === 0) times.push(fleet.world.now - since);
    else fleet.world.after(lookMs, look);
  };
  look();
}

/** Above the lines of `growthLine`, in Markdown. */
export const growthHead = [
  '| servers | connections | bytes a second at rest | bytes a change | of a core at rest | with 50 changes a second | everywhere p50 | p99 |',
  '| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
];

/** The figures of one fleet. */
export function growthLine(growth: Growth): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const { servers, connections, everywhereMs } = growth;
  const cells = [
    ...[servers, connections, Math.round(growth.idleBytesPerSecond)],
    ...[Math.round(growth.bytesPerChange), percent(growth.idleCpu), percent(growth.busyCpu)],
    ...(everywhereMs === null
      ? ['not all', 'not all']
      : [`${Math.round(everywhereMs.p50)} ms`, `${Math.round(everywhereMs.p99)} ms`]),
  ];
  return `| ${cells.join(' | ')} |`;
}
