// The nodes of the demo network, each with its own address of loopback, its id and its file of known
// hosts for as long as the network lasts; a DynamoNode for as long as it is up.
import { join } from 'node:path';
import { createNode, type DynamoNode, NoNameServerError } from '../../shared/node/node.ts';

export interface CrowdOptions {
  /** `ip:port` of each */
  addresses: readonly string[];
  /** `ip:port` of the name servers */
  servers: readonly string[];
  /** keeps their known hosts */
  folder: string;
  ttlMs: number;
  tell(news: CrowdNews): void;
}

export type CrowdNews =
  | { kind: 'joined'; node: string; address: string; again: boolean; knows: number }
  | { kind: 'left' | 'crashed'; node: string; address: string }
  | { kind: 'trouble'; text: string };

interface Member {
  name: string;
  address: string;
  hasBeenHere: boolean;
  /** null while it is away */
  node: DynamoNode | null;
  /** settles when the node that was here last has freed its port */
  ended: Promise<void>;
}

export class Crowd {
  private readonly options: CrowdOptions;
  private readonly members: Member[];
  /** joins and leaves that go on */
  private readonly busy = new Set<Promise<void>>();
  private isClosed = false;

  constructor(options: CrowdOptions) {
    this.options = options;
    this.members = options.addresses.map((address, index) => ({
      name: `node-${String(index + 1).padStart(2, '0')}`,
      address,
      hasBeenHere: false,
      node: null,
      ended: Promise.resolve(),
    }));
  }

  get running(): number {
    return this.members.filter(({ node }) => node !== null).length;
  }

  /** Asks the server with the number `through` first, then those after it. */
  join(index: number, through: number): void {
    const member = this.members[index];
    if (member !== undefined && member.node === null) this.track(this.enter(member, through));
  }

  leave(index: number): void {
    this.end(index, 'left', (node) => node.leave());
  }

  crash(index: number): void {
    this.end(index, 'crashed', (node) => node.close());
  }

  /** Waits for the joins and leaves that go on. */
  async settled(): Promise<void> {
    while (this.busy.size > 0) await Promise.all(this.busy);
  }

  /** Ends all, without a good-bye. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.members.map(({ node }) => node?.close()));
    await this.settled();
  }

  private async enter(member: Member, through: number): Promise<void> {
    const { servers, folder, ttlMs, tell } = this.options;
    const { name, address } = member;
    const node = createNode({
      listen: address,
      servers: [...servers.slice(through), ...servers.slice(0, through)],
      nodeId: name,
      knownHostsFile: join(folder, name),
      ttlMs,
    });
    member.node = node;
    await member.ended;
    if (this.isClosed || member.node !== node) return;
    try {
      if (!(await node.join())) return;
      const again = member.hasBeenHere;
      member.hasBeenHere = true;
      tell({ kind: 'joined', node: name, address, again, knows: node.hosts().length });
    } catch (error) {
      // A node that no name server answered goes on trying; one that cannot listen is away again.
      if (error instanceof NoNameServerError) {
        tell({ kind: 'trouble', text: `${name} found no name server, and goes on trying` });
      } else {
        if (member.node === node) member.node = null;
        tell({ kind: 'trouble', text: `${name}: ${(error as Error).message}` });
      }
    }
  }

  private end(
    index: number,
    kind: 'left' | 'crashed',
    act: (node: DynamoNode) => Promise<void>,
  ): void {
    const member = this.members[index];
    if (member === undefined || member.node === null) return;
    const { tell } = this.options;
    const { node, name, address } = member;
    member.node = null;
    member.ended = act(node).then(
      () => tell({ kind, node: name, address }),
      (error: Error) => tell({ kind: 'trouble', text: `${name}: ${error.message}` }),
    );
    this.track(member.ended);
  }

  private track(work: Promise<void>): void {
    const done = work.finally(() => this.busy.delete(done));
    this.busy.add(done);
  }
}
