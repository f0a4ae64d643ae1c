// One seed, from beginning to end: a fleet, its hosts and its trouble are drawn from it; when the
// trouble is over there is time to settle, and then everything must be as it should.
import { membershipTimes } from '../../daemon/core/sync/peer.ts';
import { Fleet, type SimTransport } from './fleet.ts';
import { Inspection, servedAfterDeath } from './inspection.ts';
import { Oracle } from './oracle.ts';
import { Population } from './population.ts';
import type { Act } from './surroundings.ts';
import { type Kind, Trouble } from './trouble.ts';

/** ms. A minute, so that a lifetime is a few hundred heartbeats: these are what a seed costs. */
const ttlMs = 60_000;

/** In TTLs. */
const troubleTime = 4;

/** After the time in which the dead must go: what waits for a batch, an answer, an acknowledgement. */
const graceMs = 15_000;

/** ms; a commit, and a message on a line that is slow now and then. */
const promptMs = 2_000;

/** What clocks that were set right together drift apart in the minutes until a seed ends; ms. */
const driftMs = 500;

/** One seed in so many has the heartbeats that belong to its TTL, the others those of an hour, one a
 * second: they are most of what a seed costs. */
const quickHeartbeats = 4;

/** Of the fleets of several: those in which one server has no IPv6. */
const withoutIpv6 = 0.3;

/** Two servers for most: a second opinion and a share each; more for what takes a majority. */
const sizes = [1, 2, 2, 2, 2, 3, 3, 3, 3, 4] as const;

export interface Report {
  seed: number;
  transport: SimTransport;
  /** each with host, server and time; none when all is well */
  problems: string[];
  virtualMs: number;
  servers: number;
  hosts: number;
  deletes: number;
  answered: number;
  bytes: number;
  trouble: Record<Kind, number>;
  transcript: string[];
}

/** The command that runs one seed again. */
export function replayOf(report: Pick<Report, 'seed' | 'transport' | 'servers'>): string {
  const { seed, transport, servers } = report;
  const over = transport === 'mesh' ? '' : ` --transport ${transport}`;
  const size = servers === sizeOf(seed) ? '' : ` --servers ${servers}`;
  return `npm run sim -- --seed ${seed}${over}${size} --transcript`;
}

/** Servers that a seed has when nobody says how many. */
function sizeOf(seed: number): number {
  return sizes[Math.abs(seed) % sizes.length] as number;
}

export function runSeed(
  seed: number,
  hasTranscript = false,
  transport: SimTransport = 'mesh',
  servers: number = sizeOf(seed),
): Report {
  const oracle = new Oracle();
  const fleet = drawFleet({ seed, hasTranscript, transport, servers }, oracle);
  const { world } = fleet;
  const population = new Population(fleet, {
    hosts: 8 + world.below(25),
    eventfulness: world.between(0.7, 4),
    lazyShare: world.random(),
    ipv6Share: Math.max(0, world.between(-0.5, 0.5)),
  });
  const inspection = new Inspection(fleet, oracle);
  const trouble = new Trouble(fleet, population, inspection);
  try {
    if (fleet.servers.length > 1 && world.random() < withoutIpv6) fleet.reach.takeIpv6(0);
    fleet.start();
    population.start();
    inspection.every(ttlMs / 12);
    trouble.start();
    fleet.run(troubleTime * ttlMs);
    population.end();
    trouble.end();
    fleet.note(() => 'calm');
    const isRight = Math.max(...inspection.clockWrongUntil.values(), world.now);
    fleet.run(isRight - world.now + servedAfterDeath * ttlMs);
    world.runUntil(() => fleet.isOneList() && isAcknowledged(fleet), graceMs, 500);
    inspection.conclude();
    checkPrompt(fleet, oracle);
  } catch (error) {
    oracle.complain(`thrown: ${(error as Error).stack}`);
  }
  const answered = fleet.servers.reduce((sum, { promised }) => sum + promised.length, 0);
  return {
    seed,
    transport,
    problems: oracle.problems,
    virtualMs: world.now,
    servers: fleet.servers.length,
    hosts: fleet.hosts.size,
    deletes: oracle.deletes,
    answered,
    bytes: fleet.network.bytes,
    trouble: trouble.counts,
    transcript: fleet.transcript,
  };
}

/** While nothing is wrong, what one server answers reaches the others at once, and not by a repair. */
function checkPrompt(fleet: Fleet, oracle: Oracle): void {
  const latecomers = fleet.servers.map(({ index }) => fleet.host(`10.1.0.${index + 1}:4000`));
  /** A ping that was answered after the leave, by the clock of its server, wins over it. */
  const wasHeardSince = (address: string) => {
    const { contacts, leaves } = oracle.factsOf(address);
    const left = leaves.at(-1);
    if (left === undefined) return false;
    // The clocks are right by now, but for their drift.
    const isSince = ({ at, lastSeen }: Act) => lastSeen > left.version.ms && at > left.at - driftMs;
    return contacts.some(isSince);
  };
  const check = (isServed: boolean) => {
    fleet.run(promptMs);
    for (const { address } of latecomers)
      for (const server of fleet.servers)
        if (server.serves(address) !== isServed && (isServed || !wasHeardSince(address)))
          oracle.complain(
            `${address} ${isServed ? 'came' : 'left'} ${promptMs} ms ago, and ${server.id} does not know`,
          );
  };
  for (const { clock } of fleet.servers) clock.offsetMs = 0;
  for (const [index, host] of latecomers.entries()) host.register(index);
  check(true);
  // Every server pings a newcomer within TTL/30.
  fleet.run(2 * promptMs);
  for (const [index, host] of latecomers.entries()) host.leave((index + 1) % latecomers.length);
  check(false);
}

function drawFleet(
  given: { seed: number; hasTranscript: boolean; transport: SimTransport; servers: number },
  oracle: Oracle,
): Fleet {
  const options = { ...given, ttlMs, witness: oracle, skewMs: 2_000, driftPpm: 200 };
  const membership = membershipTimes(given.seed % quickHeartbeats === 0 ? ttlMs : 3_600_000);
  const fleet = new Fleet({ membership, ...options });
  oracle.fleet = fleet;
  return fleet;
}

function isAcknowledged(fleet: Fleet): boolean {
  return fleet.servers.every((server) =>
    server.view().every(({ state, lag }) => state === 'alive' && lag === 0),
  );
}
