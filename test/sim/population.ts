// Hosts as they come and go: each registers at some server, asks again now and then or never, dies
// without a word, comes back (as another node, sometimes), or leaves as it should. They try the
// servers as nodes do: the next one when nobody answers.
import type { Fleet } from './fleet.ts';
import type { Host } from './host.ts';

/** A node that was not answered for this long tries the next server. */
const patienceMs = 3_000;

/** It gives up for a while after so many. */
const triesInARow = 4;

export interface PopulationOptions {
  hosts: number;
  /** between two things that happen to one host, in TTLs, on average */
  eventfulness: number;
  /** of the hosts that never ask again */
  lazyShare: number;
  /** of the hosts that are at an IPv6 address */
  ipv6Share: number;
}

interface Habits {
  /** between two requests, in TTLs; null: never, it waits to be pinged */
  refresh: number | null;
}

export class Population {
  private readonly fleet: Fleet;
  private readonly options: PopulationOptions;
  private isOver = false;

  constructor(fleet: Fleet, options: PopulationOptions) {
    this.fleet = fleet;
    this.options = options;
  }

  /** Everybody comes within the first half of a TTL. */
  start(): void {
    const { world, ttlMs } = this.fleet;
    for (let index = 0; index < this.options.hosts; index++) {
      const isIpv6 = world.random() < this.options.ipv6Share;
      const ip = isIpv6 ? `[2001:db8::${(index + 1).toString(16)}]` : `10.0.0.${index + 1}`;
      const host = this.fleet.host(`${ip}:4000`);
      const isLazy = world.random() < this.options.lazyShare;
      const habits = { refresh: isLazy ? null : world.between(0.2, 0.6) };
      world.after((world.random() * ttlMs) / 2, () => this.settle(host, habits));
    }
  }

  /** Nobody dies, leaves or comes any more; the living go on. */
  end(): void {
    this.isOver = true;
  }

  /** A share of the living dies at once. */
  perish(share: number): void {
    for (const host of this.fleet.hosts.values())
      if (host.isAlive && this.fleet.world.random() < share) this.die(host);
  }

  private settle(host: Host, habits: Habits): void {
    if (this.isOver || host.isAlive) return;
    const { world } = this.fleet;
    host.begin();
    host.dialect = world.random() < 0.2 ? 'legacy' : 'native';
    this.register(host, habits, host.life, 0);
    this.waitForFate(host, habits, host.life);
  }

  private waitForFate(host: Host, habits: Habits, life: number): void {
    const { world, ttlMs } = this.fleet;
    world.after(ttlMs * this.options.eventfulness * (0.2 + 1.6 * world.random()), () => {
      if (this.isOver || host.life !== life) return;
      if (host.isAlive) {
        if (world.random() < 0.6) this.die(host);
        else {
          this.fleet.note(() => `${host.address} leaves`);
          host.leave(this.someServer());
        }
      }
      world.after(ttlMs * this.options.eventfulness * (0.05 + 2 * world.random() ** 2), () => {
        if (this.isOver || host.isAlive) return;
        if (world.random() < 0.3) host.nodeId = `${host.firstNodeId}.${life}`;
        this.settle(host, habits);
      });
    });
  }

  private die(host: Host): void {
    host.refuses = this.fleet.world.random() < 0.5;
    host.die();
  }

  /** Asks one server after the other; then waits a while and begins again. */
  private register(host: Host, habits: Habits, life: number, tries: number): void {
    const { world } = this.fleet;
    if (!host.isAlive || host.life !== life) return;
    let isAnswered = false;
    host.ask(world.random() < 0.5 ? 'query' : 'alive', this.someServer(), () => {
      if (isAnswered) return;
      isAnswered = true;
      this.refreshLater(host, habits, life);
    });
    const isTired = tries + 1 >= triesInARow;
    world.after(patienceMs * (isTired ? 2 + world.random() : 1), () => {
      if (!isAnswered) this.register(host, habits, life, isTired ? 0 : tries + 1);
    });
  }

  private refreshLater(host: Host, habits: Habits, life: number): void {
    const { world, ttlMs } = this.fleet;
    if (habits.refresh === null) return;
    world.after(ttlMs * habits.refresh * (0.8 + 0.4 * world.random()), () =>
      this.register(host, habits, life, 0),
    );
  }

  private someServer(): number {
    return this.fleet.world.below(this.fleet.servers.length);
  }
}
