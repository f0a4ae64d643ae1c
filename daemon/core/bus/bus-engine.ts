// Servers that find each other over a bus (PROTOCOL.md, "Fleet"): who announces itself is there, and gets a link from
// everybody; the links that others open are taken. One engine serves one connection to the bus and is thrown away
// with it. A state machine: announcements, frames and time come in, effects go out of `take`.
import type { BusFrame } from '../../../shared/protocol/bus-frame.ts';
import { backoffMs } from '../timing/timing.ts';
import { BusLink } from './bus-link.ts';

/** Between two announcements of a server, ms. A newcomer is answered at once, so this is for lost ones only. */
export const announceMs = 5_000;

/** Newcomers are answered at once, but many of them with one announcement, ms. */
const leastAnnounceMs = 250;

/** Without an announcement for this long a server is not there: three were lost. */
const silentMs = 3 * announceMs + 1_000;

/** A request for a link is repeated after this long, and so many times. */
const reopenMs = 1_000;
const openings = 3;

/** Links that one station may have open here: one, its successor, and some to spare. */
const linksOfOne = 4;

/** Servers at once: each costs two links. Beyond this the fleet is no fleet of this protocol. */
const maxServers = 512;

/**
 * Announcements of a station whose address another one has taken over, before that is no restart any more: one more
 * than come until the other one, if it was an announcement that came late, is no longer there.
 */
const overlapping = 4;

/** What the bus engine wants done, in order. */
export type BusEffect =
  /** Send the frame to the station. */
  | { readonly kind: 'send'; readonly to: string; readonly frame: BusFrame }
  /** Announce this server to everybody. */
  | { readonly kind: 'announce' }
  /** A server is there; told again with each of its announcements. */
  | { readonly kind: 'found'; readonly address: string; readonly id: string }
  /** The link that this server opened is open; its events go to `link.events`, which is to be set. */
  | { readonly kind: 'opened'; readonly link: BusLink; readonly address: string }
  /** The same for one that the server at `address` opened. */
  | { readonly kind: 'accepted'; readonly link: BusLink; readonly address: string }
  /** The server at `address` cannot be used; `reason` is a predicate for operators. */
  | { readonly kind: 'refused'; readonly address: string; readonly reason: string };

interface Server {
  readonly id: string;
  readonly address: string;
  readonly station: string;
  heardAt: number;
  isThere: boolean;
  link: BusLink | null;
  isOpen: boolean;
  openedAt: number;
  opened: number;
  /** since when it was asked for a link and did not answer; null: it answered */
  askedAt: number | null;
  attempt: number;
  dialAt: number;
  /** it is no peer */
  isAbandoned: boolean;
}

export interface BusEngineOptions {
  /** where this server is reached, `ip:port` */
  address: string;
  /** of data in a frame, at most */
  pieceBytes: number;
  /** a new random name of a link */
  linkName: () => string;
  /** numbers in [0, 1) */
  random: () => number;
  /** Whether a link to the server there is of use now. */
  wants: (address: string) => boolean;
}

/** The servers and links of one connection to the bus. Times are monotonic, ms. */
export class BusEngine {
  private readonly options: BusEngineOptions;
  private readonly servers = new Map<string, Server>();
  /** the same by station, because each message asks for its sender */
  private readonly stations = new Map<string, Server>();
  private readonly links = new Map<string, BusLink>();
  /** stations whose address another one has now, and how often they announced themselves since */
  private readonly replaced = new Map<string, number>();
  private readonly effects: BusEffect[] = [];
  private announcedAt = Number.NEGATIVE_INFINITY;
  private announceAt = Number.NEGATIVE_INFINITY;

  constructor(options: BusEngineOptions) {
    this.options = options;
  }

  take(): readonly BusEffect[] {
    return this.effects.length === 0 ? nothing : this.effects.splice(0);
  }

  /** A server has said where it is reached. */
  heard(id: string, station: string, address: string, now: number): void {
    if (address === this.options.address) {
      this.collide(station, address, `announces the address of this server, ${address}`);
      return;
    }
    const known = this.servers.get(address);
    if (this.replaced.has(station) && known?.isThere === true) {
      this.collide(
        station,
        address,
        `is announced by more than one server, the last has the id ${known?.id ?? id}`,
      );
      return;
    }
    if (known !== undefined && known.station === station) {
      known.heardAt = now;
      if (known.isThere) this.tellFound(known);
      else this.appear(known, now);
      return;
    }
    if (known === undefined && this.servers.size >= maxServers) return;
    if (known !== undefined) {
      this.leave(known);
      if (this.stations.get(known.station) === known) this.stations.delete(known.station);
      this.replaced.delete(station);
      this.replaced.set(known.station, 0);
      if (this.replaced.size > maxServers) this.replaced.delete(first(this.replaced) as string);
    }
    const server: Server = {
      ...{ id, address, station, heardAt: now, isThere: true, link: null, isOpen: false },
      ...{
        openedAt: 0,
        opened: 0,
        askedAt: null,
        attempt: 0,
        dialAt: now,
        isAbandoned: known?.isAbandoned ?? false,
      },
    };
    this.servers.set(address, server);
    this.stations.set(station, server);
    // It does not know this server yet.
    this.announceAt = Math.max(now, this.announcedAt + leastAnnounceMs);
    this.appear(server, now);
    this.announceIfDue(now);
  }

  /** The server with that connection to the bus; null: it has not announced itself. */
  at(station: string): { readonly id: string; readonly address: string } | null {
    return this.stations.get(station) ?? null;
  }

  /** A server stops. */
  left(station: string): void {
    const server = this.stations.get(station);
    if (server !== undefined) this.leave(server);
  }

  /** A frame has come from a station. */
  receive(station: string, frame: BusFrame): void {
    const link = this.links.get(frame.link);
    if (frame.kind === 'open') {
      this.admit(station, frame.link, link);
      return;
    }
    if (link === undefined || link.station !== station) {
      if (frame.kind !== 'close') this.send(station, { kind: 'close', link: frame.link });
      return;
    }
    if (frame.kind === 'accept') this.acceptedBy(station, link);
    else link.receive(frame);
    if (link.isBroken) this.drop(link);
  }

  /** A link to the server at `address` is of use now: a pause before the next attempt ends. */
  wake(address: string, now: number): void {
    const server = this.servers.get(address);
    if (server === undefined || server.link !== null) return;
    server.dialAt = now;
    this.tick(now);
  }

  /** Opens no link any more to the server at `address`. */
  abandon(address: string): void {
    const server = this.servers.get(address);
    if (server === undefined) return;
    server.isAbandoned = true;
    if (server.link !== null) this.end(server.link);
  }

  /** The link is not wanted any more, or is broken. `wasGood`: it was of use, so the pauses start over. */
  end(link: BusLink, wasGood: boolean = false): void {
    for (const server of this.servers.values())
      if (wasGood && server.link === link) server.attempt = 0;
    link.close();
    this.drop(link);
  }

  /** Time has passed; called a few times a second. */
  tick(now: number): void {
    this.announceIfDue(now);
    for (const server of this.servers.values()) {
      if (server.isThere && now - server.heardAt >= silentMs) server.isThere = false;
      if (server.link === null) this.dial(server, now);
      else if (!server.isOpen) this.insist(server, server.link, now);
    }
  }

  /** The connection to the bus is lost, or given up. */
  close(): void {
    for (const link of [...this.links.values()]) {
      this.links.delete(link.name);
      link.break();
    }
  }

  private announceIfDue(now: number): void {
    if (now < this.announceAt) return;
    this.announcedAt = now;
    this.announceAt = now + announceMs;
    this.effects.push({ kind: 'announce' });
  }

  private appear(server: Server, now: number): void {
    server.isThere = true;
    server.attempt = 0;
    server.dialAt = now;
    this.tellFound(server);
  }

  private tellFound({ address, id, isAbandoned }: Server): void {
    if (!isAbandoned) this.effects.push({ kind: 'found', address, id });
  }

  private collide(station: string, address: string, what: string): void {
    const times = (this.replaced.get(station) ?? 0) + 1;
    this.replaced.set(station, times);
    if (times !== overlapping) return;
    const reason = `${what}; give each an address of its own with Advertise, and start no two with one Database`;
    this.effects.push({ kind: 'refused', address, reason });
  }

  private leave(server: Server): void {
    server.isThere = false;
    for (const link of [...this.links.values()])
      if (link.station === server.station) {
        this.drop(link);
        link.break();
      }
  }

  private dial(server: Server, now: number): void {
    const { address, station, isThere, isAbandoned, dialAt } = server;
    if (!isThere || isAbandoned || now < dialAt || !this.options.wants(address)) return;
    const link = this.createLink(this.options.linkName(), station);
    server.link = link;
    server.isOpen = false;
    server.opened = 1;
    server.openedAt = now;
    server.askedAt ??= now;
    server.dialAt = now + backoffMs(server.attempt++, this.options.random);
    this.send(station, { kind: 'open', link: link.name });
  }

  private insist(server: Server, link: BusLink, now: number): void {
    if (now - server.openedAt < reopenMs) return;
    if (server.opened < openings) {
      server.opened++;
      server.openedAt = now;
      this.send(server.station, { kind: 'open', link: link.name });
      return;
    }
    this.end(link);
    server.dialAt = now + backoffMs(server.attempt, this.options.random);
    const reason =
      'announces itself over NATS and does not answer; see that both may publish and subscribe to all subjects of the fleet';
    // One that announced itself before, and not since, is silent altogether: it is gone, or its line is.
    const isHeard = server.askedAt !== null && server.heardAt > server.askedAt;
    if (server.isThere && isHeard)
      this.effects.push({ kind: 'refused', address: server.address, reason });
  }

  private admit(station: string, name: string, known: BusLink | undefined): void {
    if (known !== undefined) {
      if (known.station === station) this.send(station, { kind: 'accept', link: name });
      return;
    }
    const server = this.at(station);
    if (server === null) {
      // Its announcement was lost, and comes again.
      this.send(station, { kind: 'close', link: name });
      return;
    }
    const others = [...this.links.values()].filter(
      (link) => link.station === station && !this.isOwn(link),
    );
    if (others.length >= linksOfOne && others[0] !== undefined) {
      this.end(others[0]);
      others[0].events?.broken();
    }
    const link = this.createLink(name, station);
    this.send(station, { kind: 'accept', link: name });
    this.effects.push({ kind: 'accepted', link, address: server.address });
  }

  private acceptedBy(station: string, link: BusLink): void {
    for (const server of this.servers.values()) {
      if (server.link !== link || server.station !== station || server.isOpen) continue;
      server.isOpen = true;
      server.askedAt = null;
      this.effects.push({ kind: 'opened', link, address: server.address });
    }
  }

  private isOwn(link: BusLink): boolean {
    return [...this.servers.values()].some((server) => server.link === link);
  }

  private createLink(name: string, station: string): BusLink {
    const { pieceBytes } = this.options;
    const publish = (frame: BusFrame) => this.send(station, frame);
    const link = new BusLink({ name, station, pieceBytes, publish });
    this.links.set(name, link);
    return link;
  }

  private drop(link: BusLink): void {
    this.links.delete(link.name);
    for (const server of this.servers.values()) if (server.link === link) server.link = null;
  }

  private send(to: string, frame: BusFrame): void {
    this.effects.push({ kind: 'send', to, frame });
  }
}

const nothing: readonly BusEffect[] = [];

function first<Key>(map: ReadonlyMap<Key, unknown>): Key | undefined {
  return map.keys().next().value;
}
