// A simulated host: lives or does not, asks name servers when told to, answers pings while it lives.
import { packed } from '../fixture/registry.ts';
import type { Fleet } from './fleet.ts';
import type { Verb } from './process.ts';

/** With a ping; a host that is gone refuses it when its machine still runs. */
export type Manner = 'answers' | 'refuses' | 'silent';

/** To a server, or back. */
const lineMs = { least: 1, most: 20 };

export class Host {
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
  private readonly fleet: Fleet;
  private lives = 0;

  constructor(fleet: Fleet, address: string) {
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
    this.fleet.tell(() => `${this.address} lives`);
    this.isAlive = true;
    this.lives++;
    this.since = this.fleet.world.now;
  }

  /** Without a word. */
  die(): void {
    if (!this.isAlive) return;
    this.fleet.tell(() => `${this.address} dies`);
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
