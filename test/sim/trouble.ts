// What goes wrong in a simulated fleet, and when. Each kind begins and, after a while, ends by itself.
// A climate is a choice of kinds and how often one of them strikes; a seed has its own.
import type { Fleet } from './fleet.ts';
import type { Inspection } from './inspection.ts';
import type { Population } from './population.ts';
import type { Backup, Server } from './server.ts';

/** Clocks set by operators and time servers stay within this of true time, so that no two are
 * further apart than the 60 s that are tolerated. In ms. */
const usualOffsetMs = 29_000;

/** A clock that is a day ahead, for seconds, and one that is set back an hour, for a while; ms. */
const dayMs = 24 * 3_600_000;
const glitch = { least: 2_000, most: 15_000 };
const hourMs = 3_600_000;

/** For so long after it is right, records from while it was ahead are stamped anew and published; ms. */
const takingBackMs = 10_000;

/** Servers of the largest fleet that is drawn when nobody says how many there are. */
const smallFleet = 4;

/** A clock that is simply wrong, until somebody notices; ms. */
const wrongOffset = { least: 61_000, most: 150_000 };

const kinds = {
  reset: 3,
  cut: 4,
  partition: 2,
  blockedDial: 2,
  slow: 2,
  crash: 4,
  backup: 1,
  isolate: 2,
  mute: 2,
  deafness: 2,
  sleep: 2,
  clock: 2,
  wrongClock: 0.5,
  dayAhead: 1,
  hourBack: 0.5,
  fullDisk: 1,
  mortality: 1,
} as const;

export type Kind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as Kind[];

export class Trouble {
  /** how often each kind struck */
  readonly counts = Object.fromEntries(kindNames.map((kind) => [kind, 0])) as Record<Kind, number>;
  private readonly fleet: Fleet;
  private readonly population: Population;
  private readonly inspection: Inspection;
  private readonly climate: Kind[];
  /** between two that strike, in ms, on average */
  private readonly pauseMs: number;
  private readonly backups = new Map<Server, Backup>();
  private isOver = false;

  constructor(fleet: Fleet, population: Population, inspection: Inspection) {
    const { world, ttlMs } = fleet;
    this.fleet = fleet;
    this.population = population;
    this.inspection = inspection;
    const share = world.between(0.1, 0.9);
    this.climate = kindNames.filter(() => world.random() < share);
    // Each server of a large fleet has as much trouble as in a small one.
    const crowd = Math.max(1, fleet.servers.length / smallFleet);
    this.pauseMs = (ttlMs * world.between(0.04, 0.6)) / crowd;
  }

  start(): void {
    this.fleet.note(() => `trouble ahead: ${this.climate.join(' ') || 'none'}`);
    if (this.climate.includes('backup')) this.keepBackups();
    if (this.climate.length > 0) this.strikeLater();
  }

  /** Everything is mended, every server runs, and clocks are right within what is tolerated. */
  end(): void {
    this.isOver = true;
    this.fleet.heal();
    for (const server of this.fleet.servers) {
      server.disk.isFull = false;
      server.wakesAt = Math.min(server.wakesAt, this.fleet.world.now);
      this.startAgain(server);
      if (Math.abs(server.clock.offsetMs) > usualOffsetMs) this.setRight(server);
    }
  }

  private strikeLater(): void {
    const { world } = this.fleet;
    world.after(this.pauseMs * 2 * world.random(), () => {
      if (this.isOver) return;
      this.strike();
      this.strikeLater();
    });
  }

  private strike(): void {
    const { world } = this.fleet;
    let dice = world.random() * this.climate.reduce((sum, kind) => sum + kinds[kind], 0);
    const kind = this.climate.find((each) => {
      dice -= kinds[each];
      return dice < 0;
    });
    if (kind === undefined) return;
    this.counts[kind]++;
    this[kind]();
  }

  /** For a while: short most of the time, now and then for a TTL or two. */
  private whileMs(): number {
    const { world, ttlMs } = this.fleet;
    return ttlMs * (0.01 + 2.2 * world.random() ** 3);
  }

  private later(run: () => void): void {
    this.fleet.world.after(this.whileMs(), () => {
      if (!this.isOver) run();
    });
  }

  private someone(): Server {
    return this.fleet.world.pick(this.fleet.servers);
  }

  private two(): [number, number] | null {
    const { world, servers } = this.fleet;
    if (servers.length < 2) return null;
    const a = world.below(servers.length);
    return [a, (a + 1 + world.below(servers.length - 1)) % servers.length];
  }

  private reset(): void {
    const two = this.two();
    if (two !== null) this.fleet.reset(...two);
  }

  private cut(): void {
    const two = this.two();
    if (two === null) return;
    this.fleet.cut(...two);
    if (this.fleet.world.random() < 0.3) this.fleet.reset(...two);
    this.later(() => this.fleet.mend(...two));
  }

  private blockedDial(): void {
    const two = this.two();
    if (two === null) return;
    this.fleet.blockDial(...two);
    this.later(() => this.fleet.unblockDial(...two));
  }

  /** The servers are split; half of the time the hosts too, each with one side only. */
  private partition(): void {
    const { world, servers, hosts, reach } = this.fleet;
    const sides: [number[], number[]] = [[], []];
    for (const { index } of servers) sides[world.below(2) as 0 | 1].push(index);
    if (sides[0].length === 0 || sides[1].length === 0) return;
    this.fleet.partition(...sides);
    const lines: [server: number, host: string][] = [];
    if (world.random() < 0.5)
      for (const host of hosts.keys())
        for (const server of sides[world.below(2) as 0 | 1]) lines.push([server, host]);
    for (const line of lines) reach.deafen(...line);
    this.later(() => {
      for (const a of sides[0]) for (const b of sides[1]) this.fleet.mend(a, b);
      for (const line of lines) reach.undeafen(...line);
    });
  }

  private slow(): void {
    const two = this.two();
    if (two === null) return;
    const { network, world } = this.fleet;
    const ms = world.between(100, 4_000);
    this.fleet.note(() => `server-${two.join(' and server-')} are ${Math.round(ms)} ms apart`);
    network.slow(...two, ms);
    this.later(() => network.slow(...two, 0));
  }

  private crash(): void {
    const server = this.someone();
    server.crash(this.fleet.world.random() < 0.7 ? 'process' : 'machine');
    this.later(() => this.startAgain(server));
  }

  private backup(): void {
    const server = this.someone();
    const backup = this.backups.get(server);
    if (backup === undefined) return;
    server.crash();
    server.restore(backup);
    this.later(() => this.startAgain(server));
  }

  /**
   * Its disk, or the backup on it, may be from while its clock was wrong: a host seen then counts as seen later
   * than it was, which nobody can know once that time is past.
   */
  private startAgain(server: Server): void {
    const wasWrongUntil = this.inspection.clockWrongUntil.get(server.index);
    if (server.process === null && wasWrongUntil !== undefined)
      this.inspection.clockWrongUntil.set(
        server.index,
        Math.max(wasWrongUntil, this.fleet.world.now + takingBackMs),
      );
    server.start();
  }

  private isolate(): void {
    const { index } = this.someone();
    this.fleet.isolate(index, this.fleet.world.random() < 0.3);
    this.later(() => this.fleet.rejoin(index));
  }

  private mute(): void {
    const { index } = this.someone();
    if (this.fleet.reach.isMuted(index)) return;
    this.fleet.mute(index);
    this.later(() => this.fleet.unmute(index));
  }

  /** A server and some hosts do not hear each other. */
  private deafness(): void {
    const { world, reach, hosts } = this.fleet;
    const server = this.someone();
    const share = world.random() < 0.3 ? 1 : world.random() ** 2;
    const some = [...hosts.keys()].filter(() => world.random() < share);
    this.fleet.note(() => `${server.id} does not hear ${some.join(' ')}`);
    for (const host of some) reach.deafen(server.index, host);
    this.later(() => {
      this.fleet.note(() => `${server.id} hears ${some.join(' ')} again`);
      for (const host of some) reach.undeafen(server.index, host);
    });
  }

  private sleep(): void {
    const server = this.someone();
    if (server.isAwake) server.sleep(this.whileMs() / 2, this.fleet.world.random() < 0.5);
  }

  private clock(): void {
    const { world } = this.fleet;
    const server = this.someone();
    const until = this.inspection.clockWrongUntil.get(server.index) ?? 0;
    if (until < world.now) server.setClock(world.between(-1, 1) * usualOffsetMs);
  }

  private wrongClock(): void {
    const { world } = this.fleet;
    const server = this.someone();
    if (this.isAnotherWrong(server)) return;
    const sign = world.random() < 0.5 ? -1 : 1;
    server.setClock(sign * world.between(wrongOffset.least, wrongOffset.most));
    this.inspection.clockWrongUntil.set(server.index, Number.POSITIVE_INFINITY);
    this.later(() => this.setRight(server));
  }

  /** One clock at a time is wrong by so much, or the servers could not tell which. */
  private isAnotherWrong(server: Server): boolean {
    const { clockWrongUntil } = this.inspection;
    return this.fleet.servers.some(
      (each) => each !== server && (clockWrongUntil.get(each.index) ?? 0) > this.fleet.world.now,
    );
  }

  private dayAhead(): void {
    const { world } = this.fleet;
    const server = this.someone();
    if (this.isAnotherWrong(server)) return;
    server.setClock(dayMs);
    this.inspection.clockWrongUntil.set(server.index, Number.POSITIVE_INFINITY);
    world.after(world.between(glitch.least, glitch.most), () => {
      if (!this.isOver) this.setRight(server);
    });
  }

  private hourBack(): void {
    const server = this.someone();
    if (this.isAnotherWrong(server)) return;
    server.setClock(-hourMs);
    this.inspection.clockWrongUntil.set(server.index, Number.POSITIVE_INFINITY);
    this.later(() => this.setRight(server));
  }

  /** Records from while its clock was ahead are published anew. */
  private setRight(server: Server): void {
    const { world } = this.fleet;
    this.inspection.clockWrongUntil.set(server.index, world.now + takingBackMs);
    server.setClock(world.between(-1, 1) * 1_000);
  }

  private fullDisk(): void {
    const server = this.someone();
    this.fleet.note(() => `${server.id}: its disk is full`);
    server.disk.isFull = true;
    const { disk } = server;
    this.later(() => {
      this.fleet.note(() => `${server.id}: its disk has room again`);
      disk.isFull = false;
    });
  }

  private mortality(): void {
    this.fleet.note(() => 'many hosts die at once');
    this.population.perish(this.fleet.world.between(0.2, 0.9));
  }

  private keepBackups(): void {
    const server = this.someone();
    this.backups.set(server, server.backup());
    this.fleet.world.after(this.fleet.ttlMs * (0.1 + this.fleet.world.random()), () => {
      if (!this.isOver) this.keepBackups();
    });
  }
}
