// Who can reach whom: lines between servers that are cut, servers that lost their network wholly, or
// whose pings reach nobody, lines between one server and one host, servers without IPv6. It remembers since when a host could be reached, because
// what a server may conclude from silence depends on that.
import type { World } from './world.ts';

const always = Number.NEGATIVE_INFINITY;

export class Reach {
  /** when a line between servers was mended last, any of them */
  mendedAt = 0;
  private readonly world: World;
  private readonly cuts = new Set<number>();
  private readonly blockedDials = new Set<number>();
  private readonly isolated = new Set<number>();
  /** they are heard, and hear their peers, but no host hears them */
  private readonly muted = new Set<number>();
  private readonly withoutIpv6 = new Set<number>();
  /** lines between a server and a host */
  private readonly deaf = new Set<string>();
  /** when what was not reachable became so again, by server and by line to a host */
  private readonly rejoinedAt = new Map<number, number>();
  private readonly heardAgainAt = new Map<string, number>();

  constructor(world: World) {
    this.world = world;
  }

  cut(a: number, b: number): void {
    this.cuts.add(line(a, b));
  }

  mend(a: number, b: number): void {
    this.cuts.delete(line(a, b));
    this.mendedAt = this.world.now;
  }

  /** `from` cannot open connections to `to`; those that are open, and those that `to` opens, work. */
  blockDial(from: number, to: number): void {
    this.blockedDials.add(direction(from, to));
  }

  unblockDial(from: number, to: number): void {
    this.blockedDials.delete(direction(from, to));
  }

  mayDial(from: number, to: number): boolean {
    return this.between(from, to) && !this.blockedDials.has(direction(from, to));
  }

  /** The server reaches neither peers nor hosts. */
  isolate(server: number): void {
    this.isolated.add(server);
  }

  rejoin(server: number): void {
    if (this.isolated.delete(server)) this.rejoinedAt.set(server, this.world.now);
    this.mendedAt = this.world.now;
  }

  /** No ping of the server arrives, as behind a firewall; what hosts and peers say does. */
  mute(server: number): void {
    this.muted.add(server);
  }

  unmute(server: number): void {
    if (this.muted.delete(server)) this.rejoinedAt.set(server, this.world.now);
  }

  isMuted(server: number): boolean {
    return this.muted.has(server);
  }

  /** For good. */
  takeIpv6(server: number): void {
    this.withoutIpv6.add(server);
  }

  lacksFamily(server: number, host: string): boolean {
    return this.withoutIpv6.has(server) && host.startsWith('[');
  }

  /** Neither of the two hears the other. */
  deafen(server: number, host: string): void {
    this.deaf.add(`${server} ${host}`);
  }

  undeafen(server: number, host: string): void {
    const key = `${server} ${host}`;
    if (this.deaf.delete(key)) this.heardAgainAt.set(key, this.world.now);
  }

  heal(): void {
    this.cuts.clear();
    this.blockedDials.clear();
    this.mendedAt = this.world.now;
    for (const server of this.isolated) this.rejoin(server);
    for (const server of this.muted) this.unmute(server);
    for (const key of this.deaf) {
      this.deaf.delete(key);
      this.heardAgainAt.set(key, this.world.now);
    }
  }

  isIsolated(server: number): boolean {
    return this.isolated.has(server);
  }

  between(a: number, b: number): boolean {
    const { isolated } = this;
    const isCut = this.cuts.size > 0 && this.cuts.has(line(a, b));
    return !isCut && !isolated.has(a) && !isolated.has(b);
  }

  toHost(server: number, host: string): boolean {
    const isDeaf = this.deaf.has(`${server} ${host}`);
    return !this.isolated.has(server) && !isDeaf && !this.lacksFamily(server, host);
  }

  /** Whether a ping arrives, and its answer. */
  pings(server: number, host: string): boolean {
    return this.toHost(server, host) && !this.muted.has(server);
  }

  /** Since when pings and answers arrive without a break; Infinity when they do not. */
  pingsSince(server: number, host: string): number {
    if (!this.pings(server, host)) return Number.POSITIVE_INFINITY;
    return Math.max(
      this.rejoinedAt.get(server) ?? always,
      this.heardAgainAt.get(`${server} ${host}`) ?? always,
    );
  }
}

/** From one server to another, as a number: each message is looked up by it. */
export function direction(from: number, to: number): number {
  return from * 65_536 + to;
}

function line(a: number, b: number): number {
  return a < b ? direction(a, b) : direction(b, a);
}
