// The hosts a node knows, each with who named it and when, and when it was last in contact. The word of a name
// server outranks that of a node: a node neither removes nor replaces it, and cannot bring back a host that a name
// server called gone. Pure: the time comes in with every call.
import {
  type AddressList,
  formatAddress,
  isPort,
  packAddress,
  parseAddress,
} from '../protocol/address.ts';
import { sourceOf } from '../protocol/address-kind.ts';
import type { Extent } from '../protocol/message.ts';

/** Most hosts named by name servers: as many as a name server holds. */
const maxListed = 1_000_000;

/** Most hosts that only nodes named: enough to find the network again, too few to be worth a flood. */
export const maxHearsay = 10_000;

/** Most hosts that named themselves, per IPv4 address or IPv6 /64, which a few nodes may share. */
const maxSelfNamedPerSource = 16;

/** Most hosts called gone that are remembered, the latest ones. */
const maxBuried = 100_000;

/** Most addresses of this node: as many as a machine has. */
const maxOwn = 64;

/** How long a name server remembers a deleted host, ms. */
export const tombstoneMs = 24 * 3_600_000;

/** Unanswered pings, one per round, before a host is removed. */
const mostMisses = 3;

/** Who named a host: a name server, or only nodes. */
export type Source = 'name-server' | 'node';

/** A host that the node knows. */
export interface KnownHost {
  /** `ip:port` */
  address: string;
  source: Source;
  /** `ip:port` of the name server or node that named it last; null: it is from the file */
  from: string | null;
  /** when its source named it last; ms since 1970, 0: never */
  namedAt: number;
  /** when it was last in contact with this node; ms since 1970, null: never */
  seenAt: number | null;
}

/** Hosts added to the list and removed from it, `ip:port` each. */
export interface Change {
  added: string[];
  gone: string[];
}

/** The reply of a name server to a query. */
export interface ServerList {
  /** `ip:port` of the name server */
  from: string;
  hosts: AddressList;
  gone: AddressList;
  extent: Extent;
  /**
   * A delta also names every host that it does not call gone, if a name server named that host at or after this
   * time (ms since 1970); null: none.
   */
  vouchedSince: number | null;
}

interface Entry extends KnownHost {
  misses: number;
  /** its index in `list` */
  place: number;
}

/** The list of one node. */
export class KnownHosts {
  /** this node's addresses, which its list never contains; several if it listens on all addresses */
  private readonly own = new Set<string>();
  private readonly entries = new Map<string, Entry>();
  /** the same entries in any order, to pick from at random */
  private readonly list: Entry[] = [];
  /** hosts that name servers called gone, and when; the oldest first */
  private readonly buried = new Map<string, number>();
  private readonly selfNamed = new Map<string, number>();
  private hearsay = 0;
  private readonly ttlMs: number;

  constructor(ttlMs: number) {
    this.ttlMs = ttlMs;
  }

  /** Excludes an address of this node itself; returns whether it was in the list. */
  disown(address: string): boolean {
    if (this.own.size < maxOwn) this.own.add(address);
    return this.remove(address);
  }

  get size(): number {
    return this.entries.size;
  }

  /** Whether the list contains `address`. */
  has(address: string): boolean {
    return this.entries.has(address);
  }

  /** The addresses of all hosts. */
  addresses(): string[] {
    return [...this.entries.keys()];
  }

  /** All hosts. */
  hosts(): KnownHost[] {
    return this.list.length === 0 ? [] : Array.from(this.entries.values(), described);
  }

  /** Adds a host from the file. A time in the future counts as now; otherwise the host would never expire. */
  restore(
    { address, source, namedAt }: Pick<KnownHost, 'address' | 'source' | 'namedAt'>,
    now: number,
  ): void {
    if (!this.entries.has(address)) this.add(address, source, null, Math.min(namedAt, now));
  }

  /** Applies a name server's list. */
  applyList({ from, hosts, gone, extent, vouchedSince }: ServerList, now: number): Change {
    const change: Change = { added: [], gone: [] };
    const named = new Set(hosts.toTexts());
    const forgotten =
      extent === 'full' ? this.addresses().filter((host) => !named.has(host)) : gone.toTexts();
    for (const address of forgotten) {
      this.bury(address, now);
      if (this.remove(address)) change.gone.push(address);
    }
    if (extent === 'delta' && vouchedSince !== null)
      for (const entry of this.list)
        if (entry.source === 'name-server' && entry.namedAt >= vouchedSince) entry.namedAt = now;
    for (const address of named) {
      this.buried.delete(address);
      const entry = this.entries.get(address);
      if (entry === undefined) {
        if (this.add(address, 'name-server', from, now)) change.added.push(address);
      } else {
        this.name(entry, 'name-server', from, now);
      }
    }
    return change;
  }

  /** Applies the list of the node at `from`, which can only add hosts. */
  applyHearsay(from: string, hosts: AddressList, now: number): Change {
    const added: string[] = [];
    for (const address of hosts.toTexts()) {
      const entry = this.entries.get(address);
      if (address === from) continue;
      if (entry?.source === 'node') this.name(entry, 'node', from, now);
      else if (entry === undefined && !this.isBuried(address, now))
        if (this.add(address, 'node', from, now)) added.push(address);
    }
    return { added, gone: [] };
  }

  /** Records that the host answered, which proves that it is alive. */
  seen(address: string, now: number): void {
    const entry = this.entries.get(address);
    if (entry !== undefined) Object.assign(entry, { seenAt: now, misses: 0 });
  }

  /** Records that a node asked from `ip` and says it listens on `port`; returns whether it was added. */
  asked(ip: string, port: number, now: number): boolean {
    const words = isPort(port) ? packAddress(ip, port) : null;
    if (words === null) return false;
    const address = formatAddress(words, 0);
    if (
      this.entries.has(address) ||
      (this.selfNamed.get(sourceOf(words)) ?? 0) >= maxSelfNamedPerSource
    )
      return false;
    return this.add(address, 'node', address, now);
  }

  /**
   * Hosts to ping, at most `count`: those that named themselves and were never in contact, then those neither
   * named nor in contact for the TTL, the longest silent first.
   */
  due(count: number, now: number): string[] {
    const silentSince = (entry: Entry) =>
      isUnproved(entry) ? 0 : Math.max(entry.namedAt, entry.seenAt ?? 0);
    return this.list
      .filter((entry) => now - silentSince(entry) >= this.ttlMs)
      .sort((a, b) => silentSince(a) - silentSince(b))
      .slice(0, count)
      .map(({ address }) => address);
  }

  /** Records that the host did not answer a ping; returns whether that removed it. */
  missed(address: string): boolean {
    const entry = this.entries.get(address);
    if (entry === undefined) return false;
    entry.misses++;
    return (entry.misses >= mostMisses || isUnproved(entry)) && this.remove(address);
  }

  /**
   * Hosts to pass on to another node, at most `count`, at random: those that a name server named, or that were in
   * contact, within the TTL. Hearsay is not passed on; otherwise nodes would keep a dead host alive by naming it to
   * each other.
   */
  toPassOn(
    count: number,
    isWanted: (address: string) => boolean,
    now: number,
    random: () => number,
  ): string[] {
    const isFresh = ({ source, namedAt, seenAt }: Entry) =>
      (source === 'name-server' && now - namedAt < this.ttlMs) ||
      (seenAt !== null && now - seenAt < this.ttlMs);
    return this.pick(count, (entry) => isFresh(entry) && isWanted(entry.address), random);
  }

  /** At most `count` hosts at random for which `isGood`. */
  pickSome(count: number, isGood: (address: string) => boolean, random: () => number): string[] {
    return this.pick(count, ({ address }) => isGood(address), random);
  }

  /** Samples a long list instead of shuffling it, so that a query costs no more than its reply. */
  private pick(count: number, isGood: (entry: Entry) => boolean, random: () => number): string[] {
    const picked = new Set<string>();
    const from = this.list.length <= 8 * count ? [...this.list] : this.list;
    if (from !== this.list)
      for (let last = from.length - 1; last > 0; last--) {
        const other = Math.floor(random() * (last + 1));
        [from[last], from[other]] = [from[other] as Entry, from[last] as Entry];
      }
    for (let draw = 0; draw < Math.min(from.length, 8 * count) && picked.size < count; draw++) {
      const at = from === this.list ? Math.floor(random() * from.length) : draw;
      const entry = from[at] as Entry;
      if (isGood(entry)) picked.add(entry.address);
    }
    return [...picked];
  }

  private add(address: string, source: Source, from: string | null, namedAt: number): boolean {
    const isFull =
      source === 'node'
        ? this.hearsay >= maxHearsay
        : this.entries.size - this.hearsay >= maxListed;
    if (this.own.has(address) || isFull) return false;
    const entry = {
      address,
      source,
      from,
      namedAt,
      seenAt: null,
      misses: 0,
      place: this.list.length,
    };
    this.entries.set(address, entry);
    this.list.push(entry);
    if (source === 'node') this.hearsay++;
    if (from === address) this.countSelfNamed(address, 1);
    return true;
  }

  private remove(address: string): boolean {
    const entry = this.entries.get(address);
    if (entry === undefined) return false;
    this.entries.delete(address);
    const last = this.list.pop() as Entry;
    if (last !== entry) {
      this.list[entry.place] = last;
      last.place = entry.place;
    }
    if (entry.source === 'node') this.hearsay--;
    if (entry.from === address) this.countSelfNamed(address, -1);
    return true;
  }

  private name(entry: Entry, source: Source, from: string, now: number): void {
    if (entry.from === entry.address) this.countSelfNamed(entry.address, -1);
    if (entry.source !== source) this.hearsay--;
    Object.assign(entry, { source, from, namedAt: now, misses: 0 });
  }

  private countSelfNamed(address: string, change: 1 | -1): void {
    const source = sourceOf(parseAddress(address) as Uint32Array);
    const count = (this.selfNamed.get(source) ?? 0) + change;
    if (count === 0) this.selfNamed.delete(source);
    else this.selfNamed.set(source, count);
  }

  private bury(address: string, now: number): void {
    this.buried.delete(address);
    this.buried.set(address, now);
    if (this.buried.size > maxBuried) this.buried.delete(this.buried.keys().next().value as string);
  }

  private isBuried(address: string, now: number): boolean {
    const at = this.buried.get(address);
    return at !== undefined && now - at < this.ttlMs;
  }
}

/** Whether the host only named itself and was never in contact. */
function isUnproved({ address, from, seenAt }: Entry): boolean {
  return from === address && seenAt === null;
}

function described({ address, source, from, namedAt, seenAt }: Entry): KnownHost {
  return { address, source, from, namedAt, seenAt };
}
