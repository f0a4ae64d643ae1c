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

type Outcome = Removal | HostPing;

/** @param what was done, as a noun */
export function outcomeText(what: 'removal' | 'ping', result: Outcome): string {
  const address = safe(result.address);
  switch (result.outcome) {
    case 'removed':
      return `removed ${address}; it returns if the node registers again`;
    case 'answered':
      return `${address} answered${result.roundTripMs === null ? '' : ` in ${milliseconds(result.roundTripMs)}`}`;
    case 'silent':
      return `${address} did not answer${result.reason === null ? '' : `: ${safe(result.reason, maxReason)}`}`;
    case 'unknown':
      return `${address} was already gone`;
    case 'failed':
      return `${what} of ${address} failed: ${safe(result.reason, maxReason)}`;
  }
}

/** `2 removed, 1 already gone: 10.0.0.2:4000, 1 failed: 10.0.0.1:4000 (the disk is full)` */
export function outcomesText(what: 'removal' | 'ping', results: readonly Outcome[]): string {
  const [only] = results;
  if (only !== undefined && results.length === 1) return outcomeText(what, only);
  const done = what === 'removal' ? 'removed' : 'answered';
  const of = (outcome: Outcome['outcome']) => results.filter((each) => each.outcome === outcome);
  const part = (outcome: Outcome['outcome'], said: string) => {
    const addresses = of(outcome).map(({ address }) => address);
    return addresses.length === 0
      ? []
      : [`${count(addresses.length)} ${said}: ${named(addresses)}`];
  };
  // One reason stands for all: they fail together or hardly ever.
  const reason = results.flatMap((each) => (each.outcome === 'failed' ? each.reason : []))[0];
  return [
    `${count(of(done).length)} ${done}`,
    ...part('unknown', 'already gone'),
    ...part('silent', 'did not answer'),
    ...part('failed', 'failed').map((text) => `${text} (${safe(reason ?? '', maxReason)})`),
  ].join(', ');
}

export function outcomeTone(results: readonly Outcome[]): 'good' | 'warn' | 'bad' {
  if (results.some(({ outcome }) => outcome === 'failed')) return 'bad';
  return results.every(({ outcome }) => outcome === 'removed' || outcome === 'answered')
    ? 'good'
    : 'warn';
}

/** `10.0.0.1:4000, 10.0.0.2:4000, 10.0.0.3:4000 and 4 more` */
function named(all: readonly string[]): string {
  const rest = all.length - maxNamed;
  const addresses = all.slice(0, maxNamed).map((address) => safe(address));
  return rest > 0 ? `${addresses.join(', ')} and ${count(rest)} more` : addresses.join(', ');
}
