// Takeovers: a node claims the address of a live host, under another node id or in another dialect. It may be the
// same node restarted with a new id, the next tenant of the address, a second node behind the same NAT or proxy,
// or an attacker who shares the address. The address is pinged, and the id in the pong decides. Without an
// answer a proved host keeps its address; of two unproved nodes the latest claim wins (PROTOCOL.md, "query").
import { formatAddress, parseAddress } from '../../../shared/protocol/address.ts';
import { sourceOf } from '../../../shared/protocol/address-kind.ts';
import { isSameLanguage } from '../../../shared/protocol/sync-message.ts';
import type { HostDialect, Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';

/** Claims checked at once, a ping each. A claim without room is dropped; the node's next request claims again. */
export const maxClaims = 32;

/** Claims checked at once of one source, so that a source with many silent ports delays only itself. */
const maxClaimsPerSource = 4;

/** Contested addresses and former owners remembered: more than an operator would read. */
const maxRemembered = 64;

/** What a node says about itself; `address` is `ip:port`. */
export interface Claim {
  readonly address: string;
  readonly nodeId: string;
  readonly dialect: HostDialect;
  /** how to ping: as the host that has the address would answer, then as the claimant would if that differs */
  readonly transports: readonly ('native' | 'udp')[];
}

/** The result of pinging the address in the native dialect, over each transport until a pong comes. */
export interface ClaimAnswer {
  /** the connection was accepted */
  isAccepted: boolean;
  /** the node id in the pong; null: there was none */
  answeredBy: string | null;
}

/** Two nodes that use one address (`ip:port`). */
export interface Contest {
  address: string;
  nodeIds: readonly [string, string];
}

/** The outcome of a checked claim. */
export interface ClaimOutcome {
  /** whether the claimant has the address now; null: there was nothing left to decide */
  isTakenOver: boolean | null;
  /** a contest that was not reported yet; null: none */
  contest: Contest | null;
}

/** The claims of one name server. */
export class Takeovers {
  private readonly registry: Registry;
  private ttlMs: number;
  private waiting: Claim[] = [];
  /** addresses being checked, each with its source */
  private readonly open = new Map<string, string>();
  private readonly contested = new Map<string, { nodeIds: [string, string]; until: number }>();
  /** the former owner of each address, for two TTL after a takeover */
  private readonly former = new Map<string, { nodeId: string; until: number }>();

  constructor(options: { registry: Registry; ttlMs: number }) {
    this.registry = options.registry;
    this.ttlMs = options.ttlMs;
  }

  configure(ttlMs: number): void {
    this.ttlMs = ttlMs;
  }

  /** A node claims the packed address `words`. Dropped when there is no room. */
  claim(words: Uint32Array, nodeId: string, dialect: HostDialect): void {
    const address = formatAddress(words, 0);
    const source = sourceOf(words);
    const ofSource = [...this.open.values()].filter((each) => each === source).length;
    if (this.open.has(address) || this.open.size >= maxClaims || ofSource >= maxClaimsPerSource)
      return;
    this.open.set(address, source);
    const row = this.registry.find(words, 0);
    const known = row === noRow ? dialect : this.registry.dialectOf(row);
    const transports = [
      ...new Set([known, dialect].map((each) => (each === 'udp' ? each : 'native'))),
    ];
    this.waiting.push({ address, nodeId, dialect, transports });
  }

  /** Takes the claims to check now: ping each address over its transports, and report to `ended`. */
  take(): Claim[] {
    const claims = this.waiting;
    this.waiting = [];
    return claims;
  }

  /** Decides a claim by its ping. `answer` is null when this machine could not send the ping. */
  ended(claim: Claim, answer: ClaimAnswer | null, now: Clocks): ClaimOutcome {
    const { registry } = this;
    const { address, nodeId, dialect } = claim;
    this.open.delete(address);
    const words = parseAddress(address) as Uint32Array;
    const row = registry.find(words, 0);
    if (answer === null || row === noRow || !registry.isLive(row))
      return { isTakenOver: null, contest: null };
    const known = registry.record(row);
    if (known.nodeId === nodeId && isSameLanguage(known.dialect, dialect))
      return { isTakenOver: null, contest: null };
    const { answeredBy, isAccepted } = answer;
    if (answeredBy === known.nodeId) registry.prove(row, now.wall);
    const proved = provedDialect(claim, answer);
    const isBothMute = answeredBy === null && !(isAccepted && known.dialect === 'legacy');
    if (proved === null && !(isBothMute && !registry.isProved(row))) {
      const isOther = answeredBy !== null && answeredBy !== nodeId;
      return { isTakenOver: false, contest: isOther ? this.note(claim, answeredBy, now) : null };
    }
    registry.register(words, nodeId, proved ?? dialect, now.wall);
    if (proved !== null) registry.prove(row, now.wall);
    if (known.nodeId === nodeId) return { isTakenOver: null, contest: null };
    const before = this.former.get(address);
    remember(this.former, address, { nodeId: known.nodeId, until: now.mono + 2 * this.ttlMs });
    const isBack = before !== undefined && before.nodeId === nodeId && before.until > now.mono;
    return { isTakenOver: true, contest: isBack ? this.note(claim, known.nodeId, now) : null };
  }

  /** Addresses that two nodes used within the last two TTL, at `mono` ms. */
  contests(mono: number): Contest[] {
    return [...this.contested]
      .filter(([, { until }]) => until > mono)
      .map(([address, { nodeIds }]) => ({ address, nodeIds }));
  }

  /** Null: the contest was reported already, or too many are remembered. */
  private note({ address, nodeId }: Claim, other: string, { mono }: Clocks): Contest | null {
    for (const [each, { until }] of this.contested) if (until <= mono) this.contested.delete(each);
    const isNew = !this.contested.has(address);
    if (isNew && this.contested.size >= maxRemembered) return null;
    const nodeIds: [string, string] = [other, nodeId];
    this.contested.set(address, { nodeIds, until: mono + 2 * this.ttlMs });
    return isNew ? { address, nodeIds } : null;
  }
}

/** The dialect in which the ping proved the claimant; null: it did not. */
function provedDialect(claim: Claim, { answeredBy, isAccepted }: ClaimAnswer): HostDialect | null {
  if (answeredBy === claim.nodeId) return claim.dialect === 'udp' ? 'udp' : 'native';
  return answeredBy === null && isAccepted && claim.dialect === 'legacy' ? 'legacy' : null;
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > maxRemembered) map.delete(oldest as string);
}
