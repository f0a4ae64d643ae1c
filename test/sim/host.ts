// A simulated host: lives or does not, asks name servers when a test wants it, answers pings while it lives.
import type { Ping } from '../../daemon/core/expiry/expiry-effects.ts';
import { packed } from '../fixture/registry.ts';
import type { Living, Manner, Surroundings, Verb } from './surroundings.ts';

/** To a server, or back. */
const lineMs = { least: 1, most: 20 };

/** From a server to a host, or back. */
const pingMs = { least: 1, most: 40 };

/** As long as a ping of a host that answers takes at most. */
export const slowestPingMs = 2 * pingMs.most;

export class Host implements Living {
  readonly address: string;
  /** the address, packed */
  readonly words: Uint32Array;
  readonly firstNodeId: string;
  nodeId: string;
  dialect: 'native' | 'legacy' = 'native';
  isAlive = false;
  /** true time of the last change of `isAlive` */
  since = 0;
  /** Its machine runs when it does not. */
  refuses = false;
  private readonly fleet: Surroundings;
  private lives = 0;

  constructor(fleet: Surroundings, address: string) {
    this.fleet = fleet;
    this.address = address;
    this.words = packed(address);
    this.firstNodeId = `node-${address.replaceAll(/[^0-9a-f]+/g, '.')}`;
    this.nodeId = this.firstNodeId;
  }

  get manner(): Manner {
    return this.isAlive ? 'answers' : this.refuses ? 'refuses' : 'silent';
  }

  /** Which of its lives this is: what belongs to an earlier one is over. */
  get life(): number {
    return this.lives;
  }

  /** Whether a ping for the node of that id is answered by it. */
  isKnownAs(nodeId: string): boolean {
    return this.dialect === 'native' && this.nodeId === nodeId;
  }

  /** It answers pings from now on. */
  begin(): void {
    if (this.isAlive) return;
    this.fleet.note(() => `${this.address} lives`);
    this.isAlive = true;
    this.lives++;
    this.since = this.fleet.world.now;
  }

  /** Without a word. */
  die(): void {
    if (!this.isAlive) return;
    this.fleet.note(() => `${this.address} dies`);
    this.isAlive = false;
    this.since = this.fleet.world.now;
  }

  /** Begins to live and says so to that server. */
  register(server: number, answered: () => void = () => {}): void {
    this.begin();
    this.ask('query', server, answered);
  }

  /** Says that it leaves, and is gone. */
  leave(server: number, answered: () => void = () => {}): void {
    this.ask('leave', server, answered);
    this.die();
  }

  /** One request to one server; when nobody is there, or the way is cut, nothing comes of it. */
  ask(verb: Verb, server: number, answered: () => void = () => {}): void {
    const { world, reach } = this.fleet;
    const { address, nodeId, dialect } = this;
    const late = () => world.between(lineMs.least, lineMs.most);
    world.after(late(), () => {
      if (!reach.toHost(server, address)) return;
      this.fleet.at(server).ask(verb, { address, nodeId, dialect }, () =>
        world.after(late(), () => {
          if (reach.toHost(server, address)) answered();
        }),
      );
    });
  }
}

/** The connection of a ping that a server sends. */
export interface PingLine {
  readonly fleet: Surroundings;
  /** the server's index */
  readonly server: number;
  /** Runs it later, on the clock and in the process of the server. */
  after(ms: number, run: () => void): void;
}

/** Pings a host; `ended` gets whether it answered, or null when the server's system could not ask it. */
export function pingHost(
  { fleet, server, after }: PingLine,
  ping: Ping,
  ended: (answered: boolean | null) => void,
): void {
  const { world, reach } = fleet;
  const { address, timeoutMs } = ping;
  fleet.witness.pinged(server, address);
  const end = (ms: number, answered: boolean | null) => after(ms, () => ended(answered));
  const there = world.between(pingMs.least, pingMs.most);
  const hasNoRoute = reach.isIsolated(server) && fleet.knowsNoRoute(server);
  if (hasNoRoute || reach.lacksFamily(server, address)) {
    end(1, null);
    return;
  }
  world.after(there, () => {
    const manner = fleet.mannerOf(ping);
    const isReached = () => reach.pings(server, address);
    const back = world.between(pingMs.least, pingMs.most);
    if (manner === 'silent' || !isReached()) end(timeoutMs - there, false);
    else if (manner === 'refuses') end(back, false);
    else
      world.after(back, () => {
        if (isReached()) end(0, true);
        else end(timeoutMs - there - back, false);
      });
  });
}
