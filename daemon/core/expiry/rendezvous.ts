// Which name server owns, and so pings, which host: rendezvous hashing (Thaler and Ravishankar, "Using Name-Based
// Mappings to Increase Hit Rates", 1998). Every server computes the same order of servers for an address
// without communication; hosts are split evenly, and when a server comes or goes, only its hosts move.
import { addressWords, isIpv4 } from '../../../shared/protocol/address.ts';
import type { Unable } from '../../../shared/protocol/sync-message.ts';
import { hashAddress } from '../registry/address-hash.ts';
import type { Registry } from '../registry/registry.ts';

/** A name server that shares the pings, with the 32-bit hash of its id. */
export interface Participant {
  id: string;
  seed: number;
  /** hosts that it owns only if no other server can judge them either; null: none */
  cannotJudge: Unable | null;
}

/** A participant by its server id. */
export function participant(id: string): Participant {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return { id, seed: mix(hash), cannotJudge: null };
}

/** Those servers, with what each cannot judge. */
export function participantsOf(
  servers: Iterable<Pick<Participant, 'id' | 'cannotJudge'>>,
): Participant[] {
  return Array.from(servers, ({ id, cannotJudge }) => ({ ...participant(id), cannotJudge }));
}

/** The ids of all servers in order for the packed address at `words[at]`: its owner first, those that cannot judge it last. */
export function rank(
  words: Uint32Array,
  at: number,
  participants: readonly Participant[],
): string[] {
  const address = hashAddress(words, at);
  return participants
    .map((each) => ({ id: each.id, score: scoreOf(each, address, words, at) }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** The index in `participants` of the owner of the packed address at `words[at]`; -1 when there are none. */
export function ownerIndex(
  words: Uint32Array,
  at: number,
  participants: readonly Participant[],
): number {
  if (participants.length <= 1) return participants.length - 1;
  const address = hashAddress(words, at);
  let owner = -1;
  let best = -1;
  for (let index = 0; index < participants.length; index++) {
    const each = participants[index] as Participant;
    const score = scoreOf(each, address, words, at);
    if (score < best) continue;
    if (score === best && (participants[owner] as Participant).id < each.id) continue;
    owner = index;
    best = score;
  }
  return owner;
}

/** The highest owns the host; those that can judge it are above 2^32, the others below. */
function scoreOf(
  { seed, cannotJudge }: Participant,
  address: number,
  words: Uint32Array,
  at: number,
): number {
  const score = mix(address ^ seed);
  if (cannotJudge === null) return score + 2 ** 32;
  const isAble = cannotJudge !== 'all' && (cannotJudge === 'ipv4') !== isIpv4(words, at);
  return isAble ? score + 2 ** 32 : score;
}

/** MurmurHash3's finalizer: every bit of the input moves half the bits of the result. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** How many live hosts each name server owns. */
export interface ShareView {
  /** false: not every row was counted since the servers last changed; `hosts` are those counted so far */
  complete: boolean;
  servers: { id: string; hosts: number }[];
}

/**
 * Counts the live hosts of each server during the scan for due hosts (expiry-scan.ts), so it needs no scan of its
 * own. When the servers change, the count starts anew.
 */
export class ShareCount {
  private readonly registry: Registry;
  private servers: readonly Participant[] = [];
  /** per server, in this scan */
  private hosts: number[] = [];
  private rows = 0;
  /** per server, as of the last full scan */
  private last: readonly number[] | null = null;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  /** Sets the servers that share the hosts. */
  among(servers: readonly Participant[]): void {
    if (isSame(servers, this.servers)) return;
    this.servers = servers;
    this.last = null;
    this.begin();
  }

  /** Counts `row`; to be called with every row in turn. */
  look(row: number, isLive: boolean): void {
    const { addresses, rowsUsed } = this.registry;
    const owner = isLive ? ownerIndex(addresses, row * addressWords, this.servers) : -1;
    if (owner >= 0) this.hosts[owner] = (this.hosts[owner] as number) + 1;
    if (++this.rows < rowsUsed) return;
    this.last = this.hosts;
    this.begin();
  }

  view(): ShareView {
    const hosts = this.last ?? this.hosts;
    return {
      complete: this.last !== null || this.registry.rowsUsed === 0,
      servers: this.servers.map(({ id }, index) => ({ id, hosts: hosts[index] as number })),
    };
  }

  private begin(): void {
    this.hosts = this.servers.map(() => 0);
    this.rows = 0;
  }
}

function isSame(some: readonly Participant[], others: readonly Participant[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ id, cannotJudge }, index) => {
      const other = others[index];
      return id === other?.id && cannotJudge === other.cannotJudge;
    })
  );
}
