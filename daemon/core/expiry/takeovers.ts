// Nodes that say they have the address of a live host, under another node id or in another dialect: one
// that was started anew with another id, the next tenant of the address, a second one behind the same NAT
// or proxy, or somebody who shares the address and wants the host's place. Words do not decide between
// them. The address is pinged, and the id in the answer does; where nobody answers, a host that
// answered before stays, and of two that never did the latest word counts (PROTOCOL.md, "query").
import { formatAddress, parseAddress } from '../../../shared/protocol/address.ts';
import { sourceOf } from '../../../shared/protocol/address-kind.ts';
import type { HostDialect, Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';

/** Checked at once; each is a ping. The next word of a node that had no room is checked again. */
export const maxClaims = 32;

/** Of those, of one source: whoever claims many ports that do not answer delays itself. */
const maxClaimsPerSource = 4;

/** Addresses remembered for which two nodes contend, and takeovers: as many as anybody would look at. */
const maxRemembered = 64;

/** What a node says it is. */
export interface Claim {
  readonly address: string;
  readonly nodeId: string;
  readonly dialect: HostDialect;
}

/** What a native ping of the address found. */
export interface ClaimAnswer {
  isAccepted: boolean;
  /** the node id in the answer */
  answeredBy: string | null;
}

/** Two nodes use one address. */
export interface Contest {
  address: string;
  nodeIds: readonly [string, string];
}

export interface ClaimOutcome {
  /** null: there was nothing to decide any more */
  isTakenOver: boolean | null;
  /** what an operator has not been told of */
  contest: Contest | null;
}

export class Takeovers {
  private readonly registry: Registry;
  private ttlMs: number;
  private waiting: Claim[] = [];
  /** by address, with its source: those that wait for their ping or its end */
  private readonly open = new Map<string, string>();
  private readonly contested = new Map<string, { nodeIds: [string, string]; until: number }>();
  /** whose the address was before the latest takeover */
  private readonly former = new Map<string, { nodeId: string; until: number }>();

  constructor(options: { registry: Registry; ttlMs: number }) {
    this.registry = options.registry;
    this.ttlMs = options.ttlMs;
  }

  configure(ttlMs: number): void {
    this.ttlMs = ttlMs;
  }

  /** The node says so; `words` is its address, packed. Dropped when there is no room. */
  claim(words: Uint32Array, nodeId: string, dialect: HostDialect): void {
    const address = formatAddress(words, 0);
    const source = sourceOf(words);
    const ofSource = [...this.open.values()].filter((each) => each === source).length;
    if (this.open.has(address) || this.open.size >= maxClaims || ofSource >= maxClaimsPerSource)
      return;
    this.open.set(address, source);
    this.waiting.push({ address, nodeId, dialect });
  }

  /** The claims to check now: each address is to be pinged in the native dialect, and reported to `ended`. */
  take(): Claim[] {
    const claims = this.waiting;
    this.waiting = [];
    return claims;
  }

  /** `answer` is null when the address could not be pinged, for a reason that lies here. */
  ended(claim: Claim, answer: ClaimAnswer | null, now: Clocks): ClaimOutcome {
    const { registry } = this;
    const { address, nodeId, dialect } = claim;
    this.open.delete(address);
    const words = parseAddress(address) as Uint32Array;
    const row = registry.find(words, 0);
    if (answer === null || row === noRow || !registry.isLive(row))
      return { isTakenOver: null, contest: null };
    const known = registry.record(row);
    if (known.nodeId === nodeId && known.dialect === dialect)
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

  /** Addresses that two nodes used within the last two TTL. */
  contests(mono: number): Contest[] {
    return [...this.contested]
      .filter(([, { until }]) => until > mono)
      .map(([address, { nodeIds }]) => ({ address, nodeIds }));
  }

  /** Null: it is known, or too many are. */
  private note({ address, nodeId }: Claim, other: string, { mono }: Clocks): Contest | null {
    for (const [each, { until }] of this.contested) if (until <= mono) this.contested.delete(each);
    const isNew = !this.contested.has(address);
    if (isNew && this.contested.size >= maxRemembered) return null;
    const nodeIds: [string, string] = [other, nodeId];
    this.contested.set(address, { nodeIds, until: mono + 2 * this.ttlMs });
    return isNew ? { address, nodeIds } : null;
  }
}

/** The dialect in which the claimant is proved to be there; null: it is not. */
function provedDialect(claim: Claim, { answeredBy, isAccepted }: ClaimAnswer): HostDialect | null {
  if (answeredBy === claim.nodeId) return 'native';
  return answeredBy === null && isAccepted && claim.dialect === 'legacy' ? 'legacy' : null;
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > maxRemembered) map.delete(oldest as string);
}
