// A fleet of name servers without sockets and disks, and the hosts that use it: the real core and the
// real codecs, on a virtual network and in virtual time. What is done to it here is what can happen
// to a real one; the same seed and the same deeds give the same transcript.
import type { Ping } from '../../daemon/core/expiry/expiry-effects.ts';
import { type MembershipTimes, membershipTimes } from '../../daemon/core/sync/peer.ts';
import { SimBus } from './bus.ts';
import { SimClock } from './clock.ts';
import { Host } from './host.ts';
import { Network } from './network.ts';
import { Reach } from './reach.ts';
import { Server } from './server.ts';
import { type Manner, nobody, type Surroundings, type Witness } from './surroundings.ts';
import { World } from './world.ts';

/** How servers reach each other. */
export const transports = ['mesh', 'nats'] as const;
export type SimTransport = (typeof transports)[number];

export interface FleetOptions {
  servers: number;
  seed: number;
  /** between the servers; a mesh when left out */
  transport?: SimTransport;
  /** ms; an hour when left out */
  ttlMs?: number;
  /** derived from the TTL when left out */
  membership?: MembershipTimes;
  /** 1,000 when left out */
  maxHosts?: number;
  /** PingAttempts; 3 when left out */
  attempts?: number;
  /** clocks differ from true time by at most half of this, in ms; 1,000 when left out */
  skewMs?: number;
  /** and run this much too fast or too slow at most, in parts per million */
  driftPpm?: number;
  witness?: Witness;
  /** Keeps a line for everything that happens. */
  hasTranscript?: boolean;
}

export class Fleet implements Surroundings {
  readonly world: World;
  readonly reach: Reach;
  readonly network: Network;
  readonly bus: SimBus | null;
  readonly servers: Server[] = [];
  readonly hosts = new Map<string, Host>();
  readonly ttlMs: number;
  readonly membership: MembershipTimes;
  readonly attempts: number;
  readonly maxHosts: number;
  readonly witness: Witness;
  readonly transcript: string[] = [];
  private readonly hasTranscript: boolean;
  /** isolated servers whose system says so, and does not let them wait for an answer */
  private readonly routeless = new Set<number>();
  private tags = 0;

  constructor(options: FleetOptions) {
    const { seed, servers, skewMs = 1_000, driftPpm = 0 } = options;
    this.world = new World(seed);
    this.reach = new Reach(this.world);
    this.network = new Network(this.world, this.reach, (index) => this.at(index).process !== null);
    this.bus = options.transport === 'nats' ? new SimBus(this.world, this.reach) : null;
    this.ttlMs = options.ttlMs ?? 3_600_000;
    this.membership = options.membership ?? membershipTimes(this.ttlMs);
    this.maxHosts = options.maxHosts ?? 1_000;
    this.attempts = options.attempts ?? 3;
    this.witness = options.witness ?? nobody;
    this.hasTranscript = options.hasTranscript ?? false;
    const { world } = this;
    for (let index = 0; index < servers; index++) {
      const offset = world.between(-0.5, 0.5) * skewMs;
      const clock = new SimClock(world, offset, world.between(-1, 1) * driftPpm);
      this.servers.push(new Server(this, index, clock));
    }
  }

  /** Starts every server that does not run. */
  start(): void {
    for (const server of this.servers) server.start();
  }

  at(index: number): Server {
    const server = this.servers[index];
    if (server === undefined) throw new RangeError(`there is no server ${index}`);
    return server;
  }

  /** The host at `address`, dead until it begins to live. */
  host(address: string): Host {
    const known = this.hosts.get(address);
    if (known !== undefined) return known;
    const host = new Host(this, address);
    this.hosts.set(address, host);
    return host;
  }

  run(ms: number): void {
    this.world.run(ms);
  }

  /** Lines go dead between the two; what is under way waits. */
  cut(a: number, b: number): void {
    this.note(() => `the line between server-${a} and server-${b} is cut`);
    this.reach.cut(a, b);
  }

  mend(a: number, b: number): void {
    this.note(() => `the line between server-${a} and server-${b} is mended`);
    this.reach.mend(a, b);
    this.network.mended();
  }

  /** The one cannot dial the other any more, as behind a firewall; the connections between them break. */
  blockDial(from: number, to: number): void {
    this.note(() => `server-${from} cannot dial server-${to}`);
    this.reach.blockDial(from, to);
    this.network.reset(from, to);
  }

  unblockDial(from: number, to: number): void {
    this.note(() => `server-${from} can dial server-${to} again`);
    this.reach.unblockDial(from, to);
  }

  /** The connections between the two break. */
  reset(a: number, b: number): void {
    this.note(() => `the connections between server-${a} and server-${b} are reset`);
    if (this.bus === null) this.network.reset(a, b);
    else this.bus.reset(a, b);
  }

  /** Each group hears only itself. */
  partition(...groups: readonly (readonly number[])[]): void {
    this.note(() => `the fleet is split: ${groups.map((group) => group.join(' ')).join(' | ')}`);
    for (const [at, group] of groups.entries())
      for (const other of groups.slice(at + 1))
        for (const a of group) for (const b of other) this.reach.cut(a, b);
  }

  /** The server reaches nobody. `isKnown`: its system knows that there is no route. */
  isolate(index: number, isKnown = false): void {
    this.note(() => `server-${index} loses its network`);
    this.reach.isolate(index);
    if (isKnown) this.routeless.add(index);
  }

  rejoin(index: number): void {
    this.note(() => `server-${index} has its network again`);
    this.reach.rejoin(index);
    this.routeless.delete(index);
    this.network.mended();
  }

  /** No ping of the server reaches anybody; it is reached as before. */
  mute(index: number): void {
    this.note(() => `no ping of server-${index} arrives any more`);
    this.reach.mute(index);
  }

  unmute(index: number): void {
    this.note(() => `pings of server-${index} arrive again`);
    this.reach.unmute(index);
  }

  /** Every line is as it should be. */
  heal(): void {
    this.note(() => 'every line is mended');
    this.reach.heal();
    this.routeless.clear();
    this.network.unslow();
    this.network.mended();
  }

  knowsNoRoute(server: number): boolean {
    return this.routeless.has(server);
  }

  mannerOf({ address, nodeId, dialect }: Ping): Manner {
    const host = this.hosts.get(address);
    // Another node that has the address says so at once.
    const isOther = dialect === 'native' && host?.isKnownAs(nodeId) === false;
    const manner = host?.manner ?? 'silent';
    return manner === 'answers' && isOther ? 'refuses' : manner;
  }

  /** Eight hex digits that were not there before. */
  tag(): string {
    return (++this.tags).toString(16).padStart(8, '0');
  }

  note(line: () => string): void {
    if (!this.hasTranscript) return;
    const seconds = (this.world.now / 1_000).toFixed(3).padStart(9);
    this.transcript.push(`${seconds} ${line()}`);
  }

  /** True when every server that runs holds the same live records, but for `lastSeen`. */
  isOneList(): boolean {
    const lists = this.servers
      .filter(({ process }) => process !== null)
      .map((server) => JSON.stringify(recordsOf(server)));
    return lists.every((list) => list === lists[0]);
  }
}

/** Without `lastSeen`, of which small steps are not published. */
export function recordsOf(server: Server) {
  return server.live().map(({ lastSeen, ...record }) => record);
}
