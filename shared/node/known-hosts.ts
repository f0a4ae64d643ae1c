// The hosts a node knows, each with who named it and when, and when it was last in contact. What a
// name server said outranks what nodes said: a node neither removes nor replaces it, and cannot
// bring back what a name server called gone. Pure: the time comes in with every call.
import {
  type AddressList,
  formatAddress,
  isPort,
  packAddress,
  parseAddress,
} from '../protocol/address.ts';
import { sourceOf } from '../protocol/address-kind.ts';
import type { Extent } from '../protocol/message.ts';

/** Hosts that name servers named: as many as one of them holds. */
const maxListed = 1_000_000;

/** Hosts that only nodes named: enough to find the network again, too few to be worth a flood. */
export const maxHearsay = 10_000;

/** Of those, hosts that named themselves, from one IPv4 address or IPv6 /64: behind it a few nodes may live. */
const maxSelfNamedPerSource = 16;

/** Hosts called gone that are remembered, the latest ones. */
const maxBuried = 100_000;

/** Addresses of this node: as many as a machine has. */
const maxOwn = 64;

/** How long a name server can tell that a host it is asked about was deleted. */
export const tombstoneMs = 24 * 3_600_000;

/** Pings in a row without an answer, a round apart each, before a host is forgotten. */
const mostMisses = 3;

export type Source = 'name-server' | 'node';

export interface KnownHost {
  /** `ip:port` */
  address: string;
  /** who vouches for it: a name server, or nodes only */
  source: Source;
  /** `ip:port` of who named it last; null: it is from the file */
  from: string | null;
  /** when it was named last, by its source; ms since 1970, 0: never */
  namedAt: number;
  /** when it answered or asked this node last; ms since 1970, null: not yet */
  seenAt: number | null;
}

export interface Change {
  added: string[];
  gone: string[];
}

/** A name server's answer. */
export interface ServerList {
  /** `ip:port` of the name server */
  from: string;
  hosts: AddressList;
  gone: AddressList;
  extent: Extent;
  /**
   * A delta that does not call a host gone vouches for it, if a name server named it at or after
   * this time; null: for none.
   */
  vouchedSince: number | null;
}

interface Entry extends KnownHost {
  misses: number;
  /** its place in `list` */
  place: number;
}

export class KnownHosts {
  /** This node's own addresses, which are in no list of its own; several when it listens on all. */
  private readonly own = new Set<string>();
  private readonly entries = new Map<string, Entry>();
  /** The same entries in any order, to pick from at random. */
  private readonly list: Entry[] = [];
  /** What name servers called gone, and when; the oldest first. */
  private readonly buried = new Map<string, number>();
  private readonly selfNamed = new Map<string, number>();
  private hearsay = 0;
  private readonly ttlMs: number;

  constructor(ttlMs: number) {
    this.ttlMs = ttlMs;
  }

  /** `address` is this node's; true when it was in the list. */
  disown(address: string): boolean {
    if (this.own.size < maxOwn) this.own.add(address);
    return this.remove(address);
  }

  get size(): number {
    return this.entries.size;
  }

  has(address: string): boolean {
    return this.entries.has(address);
  }

  addresses(): string[] {
    return [...this.entries.keys()];
  }

  hosts(): KnownHost[] {
    return this.list.length === 0 ? [] : Array.from(this.entries.values(), described);
  }

  /** From the file. A time from the future counts as now, or the host would stay for ever. */
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

  /** Applies what the node at `from` said: it can add, and nothing else. */
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

  /** The host answered: that is proof, whoever named it. */
  seen(address: string, now: number): void {
    const entry = this.entries.get(address);
    if (entry !== undefined) Object.assign(entry, { seenAt: now, misses: 0 });
  }

  /** A node asked from `ip` and says it listens at `port`; true when it is new here. */
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
   * Hosts to ping: those that named themselves and were not seen yet, then those that nobody named
   * and that were not in contact for the time to live; at most `count`, the longest silent first.
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

  /** The host did not answer a ping; true when it is forgotten for that. */
  missed(address: string): boolean {
    const entry = this.entries.get(address);
    if (entry === undefined) return false;
    entry.misses++;
    return (entry.misses >= mostMisses || isUnproved(entry)) && this.remove(address);
  }

  /**
   * What may be passed on to another node, at most `count`, at random: hosts that a name server
   * named, or that were in contact, within the time to live. What other nodes said is not passed on,
   * or nodes would keep a dead host alive by naming it to each other.
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

  /** A long list is only drawn from, so that a question costs what its answer holds. */
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

/** Nothing but its own word says that the host is there. */
function isUnproved({ address, from, seenAt }: Entry): boolean {
  return from === address && seenAt === null;
}

function described({ address, source, from, namedAt, seenAt }: Entry): KnownHost {
  return { address, source, from, namedAt, seenAt };
}
