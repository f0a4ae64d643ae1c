// What the zone answers with: a few hundred random live hosts, which change every second while somebody asks, so that a
// query costs what it returns. A process without the registry is sent such a snapshot. Proved hosts come first, because
// many unproved ones are behind a NAT that nobody gets through, and of public addresses no network has many, because
// whoever has a subnet could otherwise be most of what newcomers find.
import { addressWords, formatAddress, isIpv4 } from '../../../shared/protocol/address.ts';
import {
  addressKind,
  kindOf,
  kindsListedTo,
  networkOf,
} from '../../../shared/protocol/address-kind.ts';
import { labelOf } from '../../../shared/protocol/dns/node-label.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { RowSet } from '../registry/row-set.ts';

/** A host of the zone, as JSON carries it. */
export interface ZoneHost {
  /** its bytes: 4, or 16 */
  ip: readonly number[];
  port: number;
  label: string;
  /** when its time to live ends, on the clock of the query, ms */
  until: number;
  /** of its address, by family: one bit */
  kind: number;
}

/**
 * What hosts are drawn for: address records, which mean hosts on the network's port (else any); and services of any
 * transport, and of each. A host that registered by UDP is reached there, any other over TCP. Each is drawn by itself:
 * the few of a kind must not be most of what is told of all.
 */
export const drawnFor = { address: 1, service: 2, tcp: 4, udp: 8 } as const;

/** A host of the zone that was drawn. */
export interface DrawnHost extends ZoneHost {
  /** for what: bits of `drawnFor` */
  uses: number;
}

/** A host of the node that was asked for. */
export interface NodeHost extends ZoneHost {
  nodeId: string;
  /** `ip:port` */
  address: string;
}

/** The zone at one moment, as JSON carries it. */
export interface ZoneSnapshot {
  /** ms of the machine's monotonic clock, which all processes share */
  madeAt: number;
  hosts: readonly DrawnHost[];
  /** live hosts that an asker sees, by the kinds that are listed to it */
  live: readonly (readonly [kinds: number, count: number])[];
  /** seconds since the live host that was silent longest was last seen */
  ageSeconds: number;
  /** name servers that are there */
  servers: number;
  /** counts the changes of this server's list, 32 bits (RFC 1982) */
  serial: number;
}

/** Hosts sought for each kind of asker, in each family: sixteen answers without a host twice. */
const poolSize = 256;

/** Where fewer hosts are proved, unproved ones fill up one answer; where none is, as behind NATs, they are sampled. */
const leastHosts = 16;

/** Most hosts at public addresses of one network, an IPv4 /24 or an IPv6 /48. */
const maxOfNetwork = 4;

/** Rows looked at of each set: less than a millisecond. */
const maxLooks = 8_192;

/** What the zone says besides hosts. */
export interface ZoneFacts {
  /** the time of day, ms since 1970 */
  wall: number;
  /** when the live host that was silent longest was last seen; null: not known */
  oldestSeen: number | null;
  /** name servers that are there */
  servers: number;
}

/** One moment on the clock of queries and by the time of day, ms. */
interface ZoneTime {
  now: number;
  wall: number;
}

/** Settings that apply at once. */
export interface ZoneSettings {
  ttlMs: number;
  /** the port of the network's nodes; null: they have no port in common */
  nodePort: number | null;
}

/** The kinds that are listed to askers, from the narrowest. */
const askers = [
  addressKind.public,
  addressKind.private,
  addressKind.linkLocal,
  addressKind.loopback,
].map(kindsListedTo);

/** Takes snapshots of a registry. */
export class ZoneSampler {
  private readonly registry: Registry;
  private readonly random: () => number;
  /** rows of the latest snapshot: where few of many hosts are sought, what was found stays */
  private rows: number[] = [];

  /** `random` gives numbers in [0, 1). */
  constructor(registry: Registry, random: () => number) {
    this.registry = registry;
    this.random = random;
  }

  /** The zone at `now`, machine ms. */
  take(
    settings: ZoneSettings,
    { wall, oldestSeen, servers }: ZoneFacts,
    now: number,
  ): ZoneSnapshot {
    const { nodePort } = settings;
    const { registry } = this;
    const { views } = registry;
    const isUdp = (row: number) => registry.dialectOf(row) === 'udp';
    const isOnPort = (row: number) => nodePort === null || portOf(registry, row) === nodePort;
    const samples = [
      new Sample(registry, drawnFor.address, isOnPort),
      new Sample(registry, drawnFor.service, () => true),
      new Sample(registry, drawnFor.tcp, (row) => !isUdp(row)),
      new Sample(registry, drawnFor.udp, isUdp),
    ];
    for (const view of new Set(askers.map((kinds) => views.of(kinds)))) {
      const pools = samples.map((sample) => new Pool(sample));
      this.draw(view.proved.rows, pools, () => poolSize);
      this.draw(view.unproved.rows, pools, (proved) => (proved === 0 ? poolSize : leastHosts));
    }
    this.rows = [...new Set(samples.flatMap(({ rows }) => [...rows]))];
    return {
      servers,
      ageSeconds: Math.max(0, Math.round((wall - (oldestSeen ?? wall)) / 1_000)),
      madeAt: now,
      hosts: this.rows.map((row) => ({
        ...zoneHost(registry, row, settings, { now, wall }),
        uses: samples.reduce((uses, { rows, use }) => uses | (rows.has(row) ? use : 0), 0),
      })),
      live: askers.map((kinds) => [kinds, views.of(kinds).length]),
      serial: registry.change >>> 0,
    };
  }

  /** Draws from a set until no pool wants more. `wanted`: hosts of a family in a pool that has some already. */
  private draw(set: RowSet, pools: readonly Pool[], wanted: (chosen: number) => number): void {
    for (const pool of pools) pool.want(wanted);
    const { addresses } = this.registry;
    for (const row of this.candidates(set)) {
      if (pools.every((pool) => pool.isFull)) return;
      const family = isIpv4(addresses, row * addressWords) ? 'ipv4' : 'ipv6';
      for (const pool of pools) pool.offer(row, family);
    }
  }

  /** Rows of the set in random order, then those of the latest snapshot that are still in it. */
  private *candidates(rows: RowSet): Generator<number, void> {
    const { random } = this;
    if (rows.size <= maxLooks) {
      const all: number[] = [];
      for (let row = rows.from(0); row !== noRow; row = rows.from(row + 1)) all.push(row);
      for (let i = 0; i < all.length; i++) {
        const j = i + Math.floor(random() * (all.length - i));
        const row = all[j] as number;
        all[j] = all[i] as number;
        yield row;
      }
      return;
    }
    for (let looks = 0; looks < maxLooks; looks++) {
      const row = rows.from(Math.floor(random() * this.registry.rowsUsed));
      // Behind the last row of the set.
      if (row !== noRow) yield row;
    }
    for (const row of this.rows) if (rows.has(row)) yield row;
  }
}

type Family = 'ipv4' | 'ipv6';

/** Hosts that are drawn for one use, for all kinds of askers. */
class Sample {
  readonly rows = new Set<number>();
  readonly use: number;
  private readonly registry: Registry;
  private readonly accepts: (row: number) => boolean;
  private readonly perNetwork = new Map<string, number>();

  constructor(registry: Registry, use: number, accepts: (row: number) => boolean) {
    this.registry = registry;
    this.use = use;
    this.accepts = accepts;
  }

  /** Whether the row is in the sample now: it is of use, and one of few in its network. */
  take(row: number): boolean {
    if (this.rows.has(row)) return true;
    if (!this.accepts(row) || !this.hasRoomIn(this.registry.addresses, row * addressWords))
      return false;
    this.rows.add(row);
    return true;
  }

  /** Whether the address packed at `words[at]` is one of few in its network; counts it. */
  private hasRoomIn(words: Uint32Array, at: number): boolean {
    if (kindOf(words, at) !== addressKind.public) return true;
    const network = networkOf(words, at);
    const count = this.perNetwork.get(network) ?? 0;
    this.perNetwork.set(network, count + 1);
    return count < maxOfNetwork;
  }
}

/** What one kind of asker gets of a sample: so many hosts of each family. */
class Pool {
  private readonly sample: Sample;
  private readonly taken = new Set<number>();
  private readonly sizes = { ipv4: 0, ipv6: 0 };
  private readonly wanted = { ipv4: 0, ipv6: 0 };

  constructor(sample: Sample) {
    this.sample = sample;
  }

  /** `wanted`: how many hosts of a family it wants to have if it has some already. */
  want(wanted: (chosen: number) => number): void {
    this.wanted.ipv4 = wanted(this.sizes.ipv4);
    this.wanted.ipv6 = wanted(this.sizes.ipv6);
  }

  get isFull(): boolean {
    return !this.wants('ipv4') && !this.wants('ipv6');
  }

  offer(row: number, family: Family): void {
    if (!this.wants(family) || this.taken.has(row) || !this.sample.take(row)) return;
    this.taken.add(row);
    this.sizes[family]++;
  }

  private wants(family: Family): boolean {
    return this.sizes[family] < this.wanted[family];
  }
}

function portOf(registry: Registry, row: number): number {
  return registry.addresses[row * addressWords + 4] as number;
}

/** The host in `row`, as the zone has it. */
export function zoneHost(
  registry: Registry,
  row: number,
  { ttlMs }: ZoneSettings,
  { now, wall }: ZoneTime,
): ZoneHost {
  const at = row * addressWords;
  return {
    ip: ipBytes(registry.addresses, at),
    port: portOf(registry, row),
    label: labelOf(registry.nodeIds.get(row)),
    until: now + registry.lastSeen.at(row) + ttlMs - wall,
    kind: registry.kindOf(row),
  };
}

/** The same with what is said of a node that was asked for. */
export function nodeHost(
  registry: Registry,
  row: number,
  settings: ZoneSettings,
  time: ZoneTime,
): NodeHost {
  const nodeId = registry.nodeIds.get(row);
  const address = formatAddress(registry.addresses, row * addressWords);
  return { ...zoneHost(registry, row, settings, time), nodeId, address };
}

/** The bytes of the IP packed at `words[at]`: 4, or 16. */
export function ipBytes(words: Uint32Array, at: number): number[] {
  const bytes: number[] = [];
  for (let i = isIpv4(words, at) ? 3 : 0; i < 4; i++) {
    const word = words[at + i] as number;
    bytes.push(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
  }
  return bytes;
}
