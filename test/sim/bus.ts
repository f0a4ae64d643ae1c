// A bus between servers in virtual time, as NATS is one: each message comes once or not at all, in order from one
// server to another. What is sent over a line that is cut is lost. The whole bus may restart: everybody has to
// connect again. The links over it are those of daemon/core/bus.
import { BusEngine } from '../../daemon/core/bus/bus-engine.ts';
import type { BusLink } from '../../daemon/core/bus/bus-link.ts';
import type { PeerSession } from '../../daemon/core/sync/peer-session.ts';
import type { Everybody } from '../../daemon/core/sync/publication.ts';
import { backoffMs, type Clocks } from '../../daemon/core/timing/timing.ts';
import {
  type BusFrame,
  decodeFrame,
  encodeAnnouncement,
  encodeFrame,
} from '../../shared/protocol/bus-frame.ts';
import { decodeNews, SyncDecoder } from '../../shared/protocol/sync-decoder.ts';
import { encodeSync, type SyncMessage, type SyncNews } from '../../shared/protocol/sync-message.ts';
import type { Process } from './links.ts';
import type { Network } from './network.ts';
import { direction, type Reach } from './reach.ts';
import type { World } from './world.ts';

/** ms; through a broker, so twice the way. */
const latency = { least: 1, spread: 20 };

/** As fleet-transport.ts ticks, and believes that it knows all servers. */
const tickMs = 250;
const searchMs = 2_000;

const pieceBytes = 65_536;

/** Of the resets, so many are of the whole bus. */
const restartShare = 0.25;
const longestRestartMs = 60_000;

export class SimBus {
  readonly world: World;
  private readonly reach: Reach;
  private readonly clients = new Map<string, BusClient>();
  private readonly arrivesAt = new Map<number, number>();
  /** lines whose next message is lost */
  private readonly losing = new Set<number>();
  private names = 0;
  private backAt = 0;

  constructor(world: World, reach: Reach) {
    this.world = world;
    this.reach = reach;
  }

  /** Hexadecimal digits that were not there before. */
  name(digits: number): string {
    return (++this.names).toString(16).padStart(digits, '0');
  }

  join(client: BusClient): void {
    this.clients.set(client.station, client);
  }

  leave(station: string): void {
    this.clients.delete(station);
  }

  send(from: BusClient, to: string, frame: BusFrame): void {
    const bytes = encodeFrame(frame);
    const client = this.clients.get(to);
    if (client !== undefined)
      this.carry(from, client, () => {
        const decoded = decodeFrame(bytes);
        if (decoded === null) throw new Error('a frame that cannot be read');
        client.received(from.station, decoded);
      });
  }

  publish(from: BusClient, news: SyncNews): void {
    const bytes = Buffer.from(encodeSync(news), 'latin1');
    const sender = from.station;
    from.network.sent(news.kind, bytes.length, this.clients.size - 1);
    // All read the same bytes: once is enough, because hundreds read the heartbeats of hundreds.
    const decoded = decodeNews(bytes);
    if (decoded === null) throw new Error('news that cannot be read');
    for (const client of this.clients.values())
      if (client !== from) this.carry(from, client, () => client.heardNews(from, sender, decoded));
  }

  announce(from: BusClient): void {
    const { length } = encodeAnnouncement({ kind: 'here', address: from.address });
    from.network.sent('announcement', length, this.clients.size - 1);
    for (const client of this.clients.values())
      if (client !== from) this.carry(from, client, () => client.heard(from));
  }

  /** The whole bus is gone for so long. */
  restart(ms: number): void {
    this.backAt = this.world.now + ms;
    for (const client of [...this.clients.values()]) client.lost();
  }

  get isThere(): boolean {
    return this.world.now >= this.backAt;
  }

  /** Messages between the two are lost; or the whole bus restarts, for a while half of the time. */
  reset(a: number, b: number): void {
    const { world } = this;
    if (world.random() < restartShare) {
      this.restart(Math.max(0, world.between(-longestRestartMs, longestRestartMs)));
      return;
    }
    this.losing.add(direction(a, b)).add(direction(b, a));
  }

  private carry(from: BusClient, to: BusClient, run: () => void): void {
    const { world, reach } = this;
    const line = direction(from.index, to.index);
    if (this.losing.delete(line) || !reach.between(from.index, to.index)) return;
    const late = world.now + latency.least + world.random() * latency.spread;
    const at = Math.max(late, this.arrivesAt.get(line) ?? 0);
    this.arrivesAt.set(line, at);
    world.at(at, () => {
      if (reach.between(from.index, to.index) && this.clients.get(to.station) === to) run();
    });
  }
}

/** The process of a server on the bus. */
export interface BusProcess extends Process {
  readonly id: string;
  readonly address: string;
  searching(isSearching: boolean): void;
  clocks(): Clocks;
}

/** One server on the bus, from the start of its process to its end. */
export class BusClient {
  station = '';
  readonly index: number;
  readonly address: string;
  readonly network: Network;
  private readonly bus: SimBus;
  private readonly process: BusProcess;
  private engine: BusEngine | null = null;
  private attempt = 0;
  private isPerforming = false;

  constructor(bus: SimBus, process: BusProcess) {
    this.bus = bus;
    this.process = process;
    this.index = process.index;
    this.address = process.address;
    this.network = process.network;
  }

  start(): void {
    this.process.searching(true);
    this.connect();
    const tick = () => {
      this.act((engine, now) => engine.tick(now));
      this.process.after(tickMs, tick);
    };
    tick();
  }

  /** The server at that address was just heard of. */
  wake(address: string): void {
    this.act((engine, now) => engine.wake(address, now));
  }

  publish(news: SyncNews, left: () => void): void {
    if (this.engine === null) return;
    this.bus.publish(this, news);
    const { station } = this;
    this.process.after(latency.least, () => {
      if (this.station === station && this.engine !== null) left();
    });
  }

  heardNews({ process: { id, address } }: BusClient, station: string, news: SyncNews): void {
    this.process.soon(() => {
      if (this.engine === null || this.engine.at(station) === null) return;
      this.process.heard();
      this.process.drive((now) => this.process.syncEngine.publication.hear(address, id, news, now));
    });
  }

  lost(): void {
    this.bus.leave(this.station);
    this.process.soon(() => {
      const { engine } = this;
      this.engine = null;
      this.reaches(null);
      engine?.close();
      this.connectLater();
    });
  }

  heard({ station, process: { id, address } }: BusClient): void {
    this.process.soon(() =>
      this.act((engine, now) => engine.heard(`id-${id}`, station, address, now)),
    );
  }

  received(from: string, frame: BusFrame): void {
    this.process.soon(() => this.act((engine) => engine.receive(from, frame)));
  }

  private connectLater(): void {
    this.process.after(backoffMs(this.attempt++, this.bus.world.random), () => this.connect());
  }

  private connect(): void {
    if (!this.bus.isThere) {
      this.connectLater();
      return;
    }
    this.bus.leave(this.station);
    this.station = this.bus.name(32);
    this.engine = new BusEngine({
      address: this.process.address,
      pieceBytes,
      linkName: () => this.bus.name(16),
      random: this.bus.world.random,
      wants: (address) => {
        const { process } = this;
        return process.syncEngine.publication.wants(address, process.clocks());
      },
    });
    this.bus.join(this);
    this.process.after(searchMs, () => this.process.searching(false));
    this.act((engine, now) => engine.tick(now));
    this.reaches({ maxBytes: pieceBytes, isEncrypted: true });
  }

  private reaches(everybody: Everybody | null): void {
    const { process } = this;
    process.drive((now) => process.syncEngine.publication.reaches(everybody, now));
  }

  private act(change: (engine: BusEngine, now: number) => void): void {
    const { engine } = this;
    if (engine === null) return;
    change(engine, this.process.now());
    if (this.isPerforming) return;
    this.isPerforming = true;
    for (let effects = engine.take(); effects.length > 0; effects = engine.take())
      for (const effect of effects)
        switch (effect.kind) {
          case 'send':
            this.bus.send(this, effect.to, effect.frame);
            break;
          case 'announce':
            this.bus.announce(this);
            break;
          case 'found':
            this.process.drive((now) =>
              this.process.syncEngine.found(effect.address, effect.id.replace('id-', ''), now),
            );
            break;
          case 'opened':
            this.opened(engine, effect.link, effect.address);
            break;
          case 'accepted':
            this.accepted(engine, effect.link);
        }
    this.isPerforming = false;
  }

  private opened(engine: BusEngine, link: BusLink, address: string): void {
    const { process } = this;
    const { syncEngine } = process;
    const session = process.drive((now) => {
      const dialled = syncEngine.dialled(address, now);
      if (dialled !== null) process.wires.set(dialled, this.wireOf(engine, link, dialled));
      return dialled;
    });
    if (session === null) {
      engine.abandon(address);
      return;
    }
    this.read(engine, link, session, (message) =>
      process.drive((now) => syncEngine.receive(session, message, now)),
    );
  }

  private accepted(engine: BusEngine, link: BusLink): void {
    const { process } = this;
    const { syncEngine } = process;
    let session: PeerSession | null = null;
    this.read(
      engine,
      link,
      () => session,
      (message) => {
        if (session !== null) {
          const to = session;
          process.drive((now) => syncEngine.receive(to, message, now));
          return;
        }
        if (message.kind !== 'hello') throw new Error(`${message.kind} before a greeting`);
        const result = process.drive((now) => {
          const accepted = syncEngine.accepted(message, now);
          if (!('code' in accepted)) {
            session = accepted;
            process.wires.set(accepted, this.wireOf(engine, link, accepted));
          }
          return accepted;
        });
        if ('code' in result) {
          this.act(() =>
            link.write(Buffer.from(encodeSync({ kind: 'error', ...result }), 'latin1')),
          );
          this.act(() => link.end());
        } else this.wake(message.listen);
      },
    );
  }

  private wireOf(engine: BusEngine, link: BusLink, session: PeerSession) {
    const { process } = this;
    return {
      send: (message: SyncMessage) => {
        const bytes = Buffer.from(encodeSync(message), 'latin1');
        process.network.sent(message.kind, bytes.length);
        this.act(() => link.write(bytes));
      },
      close: () => {
        this.act(() => engine.end(link));
        process.soon(() => this.closed(session));
      },
    };
  }

  private read(
    engine: BusEngine,
    link: BusLink,
    session: PeerSession | (() => PeerSession | null),
    take: (message: SyncMessage) => void,
  ): void {
    const { process } = this;
    const decoder = new SyncDecoder({
      message: (message) => {
        process.heard();
        if (!link.isBroken) take(message);
      },
      refuse: (text) => {
        throw new Error(`what came over the bus could not be read: ${text}`);
      },
    });
    const end = () =>
      process.soon(() => {
        const open = typeof session === 'function' ? session() : session;
        const wasGood = open !== null && 'isOpen' in open && open.isOpen === true;
        this.act(() => engine.end(link, wasGood));
        if (open !== null) this.closed(open);
      });
    link.events = {
      data: (bytes) => {
        decoder.push(bytes);
        link.taken(bytes.length);
      },
      drained: () => {},
      ended: end,
      broken: end,
    };
  }

  private closed(session: PeerSession): void {
    if (!this.process.wires.delete(session)) return;
    this.process.drive(() => this.process.syncEngine.closed(session));
  }
}
