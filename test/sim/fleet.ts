// A fleet of name servers without sockets and disks: the real core and the real codecs, on a virtual
// network and in virtual time. A disk keeps what was committed, a crash loses the rest.
import { backoffMs } from '../../daemon/core/backoff.ts';
import { createCounters } from '../../daemon/core/counters.ts';
import { hostChangeOf } from '../../daemon/core/host-change.ts';
import { Membership, membershipTimes } from '../../daemon/core/membership.ts';
import type { PeerEvent, Session } from '../../daemon/core/peer-session.ts';
import { Peering } from '../../daemon/core/peering.ts';
import { type Applied, Registry, type StoredHost } from '../../daemon/core/registry.ts';
import { noRow } from '../../daemon/core/row-list.ts';
import type { HostChange } from '../../shared/protocol/sync-message.ts';
import { packed } from '../fixture/registry.ts';
import { type End, Network, type Wire } from './network.ts';
import { World } from './world.ts';

/** When the world begins, in ms since 1970. */
const epoch = 1_700_000_000_000;

const maxHosts = 1_000;

interface Disk {
  hosts: Map<string, StoredHost>;
  applied: Map<string, Applied>;
  entry: number;
  horizon: number;
  incarnation: string;
}

/** What runs between a start and a crash. */
interface Running {
  registry: Registry;
  peering: Peering;
  counters: ReturnType<typeof createCounters>;
  /** those who are answered when the next commit is done */
  waiting: (() => void)[];
  isCommitting: boolean;
}

export class Server {
  readonly index: number;
  readonly address: string;
  readonly events: PeerEvent[] = [];
  disk: Disk;
  running: Running | null = null;
  private readonly fleet: Fleet;
  /** of its clock against true time */
  private readonly skewMs: number;

  constructor(fleet: Fleet, index: number, skewMs: number) {
    this.fleet = fleet;
    this.index = index;
    this.address = `10.9.0.${index + 1}:4524`;
    this.skewMs = skewMs;
    const incarnation = fleet.tag();
    this.disk = { hosts: new Map(), applied: new Map(), entry: 0, horizon: 0, incarnation };
  }

  get id(): string {
    return `server-${this.index}`;
  }

  start(): void {
    const { world } = this.fleet;
    const { disk, id } = this;
    const registry = Registry.restore([...disk.hosts.values()], {
      maxHosts,
      rows: disk.hosts.size,
      server: id,
      now: this.clocks().wall,
      ...disk,
    });
    registry.publishAfterMs = 15 * 60_000;
    const counters = createCounters();
    const others = this.fleet.servers.filter((server) => server !== this);
    const peering = new Peering({
      random: world.random,
      context: {
        registry,
        counters,
        membership: new Membership(
          id,
          others.map(({ address }) => address),
          membershipTimes(3_600_000),
        ),
        id,
        run: this.fleet.tag(),
        incarnation: disk.incarnation,
        listen: this.address,
        load: () => ({ backlog: 0, limit: 100, live: registry.live.length }),
        commit: () => this.commitSoon(),
        renumber: () => {
          this.disk.incarnation = this.fleet.tag();
          return this.disk.incarnation;
        },
        event: (event) => this.events.push(event),
        judge: (_address, give) => give('unknown'),
      },
    });
    const running = { registry, peering, counters, waiting: [], isCommitting: false };
    this.running = running;
    for (const other of others) this.dial(running, other, 0);
    this.tick(running);
  }

  /** The process is gone, and everything that was not committed. */
  crash(): void {
    this.running = null;
    for (const wire of [...this.fleet.network.wires])
      if (wire.from === this.index || wire.to === this.index) wire.broken();
  }

  backup(): Disk {
    const { hosts, applied } = this.disk;
    return { ...this.disk, hosts: new Map(hosts), applied: new Map(applied) };
  }

  /** A host's request; `answered` when it is on the disk. */
  ask(address: string, what: 'register' | 'leave', answered: () => void): void {
    const { registry, waiting } = this.running as Running;
    const words = packed(address);
    const now = this.clocks().wall;
    if (what === 'register') registry.register(words, `node-${words[3]}`, 'native', now);
    const row = registry.find(words, 0);
    if (what === 'leave' && row !== noRow && registry.isLive(row)) registry.remove(row, now);
    waiting.push(answered);
    this.commitSoon();
  }

  /** The live hosts, as they are told to others. */
  live(): HostChange[] {
    const { registry } = this.running as Running;
    return Array.from({ length: registry.rowsUsed }, (_, row) => row)
      .filter((row) => registry.isLive(row))
      .map((row) => hostChangeOf(registry, row))
      .toSorted((a, b) => (a.address < b.address ? -1 : 1));
  }

  clocks() {
    const { now } = this.fleet.world;
    return { mono: now, wall: epoch + Math.round(now) + this.skewMs };
  }

  private commitSoon(): void {
    const { running } = this;
    if (running === null || running.isCommitting) return;
    running.isCommitting = true;
    this.fleet.world.after(1 + this.fleet.world.random() * 4, () => {
      running.isCommitting = false;
      if (this.running === running) this.commit(running);
    });
  }

  private commit({ registry, peering, waiting }: Running): void {
    const { disk } = this;
    const pending = registry.pending();
    for (const address of pending.forgotten) disk.hosts.delete(address);
    for (const row of pending.rows) {
      if (!registry.isLive(row) && !registry.isGone(row)) continue;
      const version = registry.versions.get(row);
      const host = { ...registry.record(row), version, entry: registry.log.entryOf(row) };
      disk.hosts.set(host.address, host);
    }
    for (const [server, applied] of pending.applied) disk.applied.set(server, applied);
    disk.entry = pending.entry;
    disk.horizon = pending.horizon;
    registry.settle();
    for (const answered of waiting.splice(0)) answered();
    peering.committed(this.clocks());
  }

  private tick(running: Running): void {
    if (this.running !== running) return;
    running.peering.tick(this.clocks());
    this.fleet.world.after(250, () => this.tick(running));
  }

  private dial(running: Running, other: Server, attempt: number): void {
    if (this.running !== running) return;
    const { world, network } = this.fleet;
    const again = (next: number) =>
      world.after(backoffMs(next, world.random), () => this.dial(running, other, next + 1));
    let session: ReturnType<Peering['dialled']> = null;
    const near: End = {
      message: (message) => session?.receive(message, this.clocks()),
      closed: () => {
        if (session !== null) running.peering.closed(session);
        again(session?.isOpen ? 0 : attempt);
      },
    };
    const far = new Acceptor(other);
    const wires =
      other.running &&
      network.connect(
        this.index,
        other.index,
        () => near,
        () => far,
      );
    if (!wires) {
      again(attempt);
      return;
    }
    far.wire = wires[1];
    session = running.peering.dialled(other.address, wires[0], this.clocks());
  }
}

/** The end of a connection that was accepted: a greeting first, then a session. */
class Acceptor implements End {
  wire: Wire | null = null;
  private readonly server: Server;
  private readonly running: Running | null;
  private session: Session | null = null;

  constructor(server: Server) {
    this.server = server;
    this.running = server.running;
  }

  message(message: Parameters<End['message']>[0]): void {
    const { server, running, wire } = this;
    if (running === null || wire === null || server.running !== running) return;
    if (this.session !== null) {
      this.session.receive(message, server.clocks());
      return;
    }
    if (message.kind !== 'hello') throw new Error(`${message.kind} before a greeting`);
    const accepted = running.peering.accepted(message, wire, server.clocks());
    if ('code' in accepted) wire.close();
    else this.session = accepted;
  }

  closed(): void {
    if (this.session !== null) this.running?.peering.closed(this.session);
  }
}

export class Fleet {
  readonly world: World;
  readonly network: Network;
  readonly servers: Server[] = [];
  private tags = 0;

  constructor(size: number, seed: number) {
    this.world = new World(seed);
    this.network = new Network(this.world);
    for (let index = 0; index < size; index++)
      this.servers.push(new Server(this, index, Math.round((this.world.random() - 0.5) * 1_000)));
  }

  /** Eight hex digits that were not there before. */
  tag(): string {
    return (++this.tags).toString(16).padStart(8, '0');
  }

  at(index: number): Server {
    return this.servers[index] as Server;
  }
}
