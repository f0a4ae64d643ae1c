// What came of removing or pinging hosts, in words: of one host, or of many in one line that names those
// of which the operator should know.
import { safe } from './columns.ts';
import { count, milliseconds } from './format.ts';

/** `unknown`: no live host has the address. `failed`: it could not be done, or nobody answered. */
export type Trouble = { outcome: 'unknown' | 'failed'; reason: string };

export type Removal = { address: string } & ({ outcome: 'removed' } | Trouble);

export type HostPing = { address: string } & (
  | { outcome: 'answered'; roundTripMs: number | null }
  | { outcome: 'silent'; reason: string | null }
  | Trouble
);

const maxReason = 400;
/** Addresses that one line has room for. */
const maxNamed = 3;

export function removalText(removal: Removal): string {
  const address = safe(removal.address);
  switch (removal.outcome) {
    case 'removed':
      return `removed ${address}; it returns if the node registers again`;
    case 'unknown':
      return `${address} was already gone`;
    case 'failed':
      return `removal of ${address} failed: ${safe(removal.reason, maxReason)}`;
  }
}

export function pingText(ping: HostPing): string {
  const address = safe(ping.address);
  switch (ping.outcome) {
    case 'answered':
      return `${address} answered${ping.roundTripMs === null ? '' : ` in ${milliseconds(ping.roundTripMs)}`}`;
    case 'silent': {
      const reason = ping.reason === null ? '' : `: ${safe(ping.reason, maxReason)}`;
      return `${address} did not answer${reason}`;
    }
    case 'unknown':
      return `${address} was already gone`;
    case 'failed':
      return `ping of ${address} failed: ${safe(ping.reason, maxReason)}`;
  }
}

/** `2 removed, 1 was gone already, 1 failed: 10.0.0.1:4000 (the disk is full)` */
export function removalsText(removals: readonly Removal[]): string {
  const [only] = removals;
  if (only !== undefined && removals.length === 1) return removalText(only);
  const of = (outcome: Removal['outcome']) =>
    removals.filter((removal) => removal.outcome === outcome);
  const removed = of('removed').length;
  return [
    `${count(removed)} removed`,
    ...goneParts(of('unknown')),
    ...failedParts(of('failed')),
  ].join(', ');
}

/** `2 answered, 1 did not: 10.0.0.1:4000` */
export function pingsText(pings: readonly HostPing[]): string {
  const [only] = pings;
  if (only !== undefined && pings.length === 1) return pingText(only);
  const of = (outcome: HostPing['outcome']) => pings.filter((ping) => ping.outcome === outcome);
  const silent = of('silent');
  return [
    `${count(of('answered').length)} answered`,
    ...goneParts(of('unknown')),
    ...(silent.length === 0
      ? []
      : [`${count(silent.length)} did not answer: ${named(addressesOf(silent))}`]),
    ...failedParts(of('failed')),
  ].join(', ');
}

export function outcomeTone(results: readonly (Removal | HostPing)[]): 'good' | 'warn' | 'bad' {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'bad';
  return results.every(({ outcome }) => outcome === 'removed' || outcome === 'answered')
    ? 'good'
    : 'warn';
}

function goneParts(gone: readonly (Removal | HostPing)[]): string[] {
  return gone.length === 0
    ? []
    : [`${count(gone.length)} already gone: ${named(addressesOf(gone))}`];
}

/** One reason stands for all: they fail together or hardly ever. */
function failedParts(failed: readonly (Removal | HostPing)[]): string[] {
  const [first] = failed;
  if (first === undefined || first.outcome !== 'failed') return [];
  return [
    `${count(failed.length)} failed: ${named(addressesOf(failed))} (${safe(first.reason, maxReason)})`,
  ];
}

function addressesOf(results: readonly { address: string }[]): string[] {
  return results.map(({ address }) => address);
}

/** `10.0.0.1:4000, 10.0.0.2:4000, 10.0.0.3:4000 and 4 more` */
export function named(all: readonly string[]): string {
  const rest = all.length - maxNamed;
  const addresses = all.slice(0, maxNamed).map((address) => safe(address));
  return rest > 0 ? `${addresses.join(', ')} and ${count(rest)} more` : addresses.join(', ');
}
