// The nodes of the demo network. Each keeps a loopback address, an id and a file of known hosts for as long as the
// network lasts, and has a DynamoNode while it is up.
import { join } from 'node:path';
import { createNode, type DynamoNode, NoNameServerError } from '../../shared/node/node.ts';

export interface DemoNodesOptions {
  /** `ip:port` of each */
  addresses: readonly string[];
  /** `ip:port` of the name servers */
  servers: readonly string[];
  /** for their files of known hosts */
  folder: string;
  ttlMs: number;
  report(event: NodeEvent): void;
}

export type NodeEvent =
  | { kind: 'joined'; node: string; address: string; again: boolean; knows: number }
  | { kind: 'left' | 'crashed'; node: string; address: string }
  | { kind: 'trouble'; text: string };

interface Member {
  name: string;
  address: string;
  hasBeenHere: boolean;
  /** null while it is away */
  node: DynamoNode | null;
  /** resolves when its last DynamoNode has freed the port */
  ended: Promise<void>;
}

export class DemoNodes {
  private readonly options: DemoNodesOptions;
  private readonly members: Member[];
  /** joins and leaves in progress */
  private readonly busy = new Set<Promise<void>>();
  private isClosed = false;

  constructor(options: DemoNodesOptions) {
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

  /** @param through index of the name server to ask first */
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

  /** Waits for joins and leaves in progress. */
  async settled(): Promise<void> {
    while (this.busy.size > 0) await Promise.all(this.busy);
  }

  /** Ends all nodes without a `leave`. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.members.map(({ node }) => node?.close()));
    await this.settled();
  }

  private async enter(member: Member, through: number): Promise<void> {
    const { servers, folder, ttlMs, report } = this.options;
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
      report({ kind: 'joined', node: name, address, again, knows: node.hosts().length });
    } catch (error) {
      // A node that reaches no name server goes on trying; one that cannot listen stays away.
      if (error instanceof NoNameServerError) {
        report({ kind: 'trouble', text: `${name} found no name server, and goes on trying` });
      } else {
        if (member.node === node) member.node = null;
        report({ kind: 'trouble', text: `${name}: ${(error as Error).message}` });
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
    const { report } = this.options;
    const { node, name, address } = member;
    member.node = null;
    member.ended = act(node).then(
      () => report({ kind, node: name, address }),
      (error: Error) => report({ kind: 'trouble', text: `${name}: ${error.message}` }),
    );
    this.track(member.ended);
  }

  private track(work: Promise<void>): void {
    const done = work.finally(() => this.busy.delete(done));
    this.busy.add(done);
  }
}
