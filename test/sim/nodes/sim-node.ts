// A machine on which a node runs now and then: the real engine, with nothing but its time and its
// network in place of the system's. It keeps its address, and no list, from one life to the next.
import { createNode, type DynamoNode } from '../../../shared/node/node.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { Internet } from './internet.ts';
import { NodeNetwork } from './node-network.ts';

export type NodeState = 'lives' | 'leaves' | 'dead';

export class SimNode {
  readonly address: string;
  state: NodeState = 'dead';
  /** true time of its last beginning, and of its last end */
  bornAt = 0;
  diedAt = 0;
  private readonly fleet: Fleet;
  private readonly internet: Internet;
  private readonly host: Host;
  private node: DynamoNode | null = null;
  private network: NodeNetwork;
  private lives = 0;

  constructor(fleet: Fleet, internet: Internet, address: string) {
    this.fleet = fleet;
    this.internet = internet;
    this.address = address;
    this.host = fleet.host(address);
    this.network = new NodeNetwork(internet, address);
  }

  /** A name server knows that it left. */
  get hasSaidGoodbye(): boolean {
    return this.network.isGoodbyeHeard;
  }

  hosts(): string[] {
    return this.node?.hosts() ?? [];
  }

  /** Starts; now and then as another node at the same address. */
  begin(): void {
    const { fleet, internet, address } = this;
    const { world, ttlMs } = fleet;
    if (this.lives === 0 || world.random() < 0.2) this.lives++;
    this.host.nodeId = `${this.host.firstNodeId}-${this.lives}`;
    this.host.begin();
    this.state = 'lives';
    this.bornAt = world.now;
    this.network = new NodeNetwork(internet, address);
    this.node = createNode({
      listen: address,
      servers: shuffled(
        fleet.servers.map((server) => server.address),
        () => world.random(),
      ),
      nodeId: this.host.nodeId,
      ttlMs,
      timers: internet.time,
      network: this.network,
    });
    void this.node.join();
  }

  /** Says good-bye as far as there is somebody to say it to, and ends. */
  leave(): void {
    this.state = 'leaves';
    void this.node?.leave().then(() => this.end(true));
  }

  /** Ends without a word. */
  crash(): void {
    const { node } = this;
    this.end(this.fleet.world.random() < 0.5);
    void node?.close();
  }

  private end(machineRuns: boolean): void {
    this.host.refuses = machineRuns;
    this.host.die();
    this.state = 'dead';
    this.diedAt = this.fleet.world.now;
    this.node = null;
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
