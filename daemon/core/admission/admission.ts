// Which connections are let in, and which give way. A connection is in one of five places:
//   silent    connected, without a byte yet;
//   reading   a request has begun and is incomplete: waits for the client;
//   deciding  a request is complete and unanswered: waits for the server;
//   writing   the client reads more slowly than it is answered: waits for the client;
//   idle      answered, and kept open for more.
// Reading, deciding and writing are the backlog, bounded by the setting Backlog; `limit` bounds all connections,
// `perSource` those of one source. When room is needed, a connection that waits for its client gives way: the longest of
// the source with most of them (greediest-first.ts). So clients that send nothing, that send a byte, or that do not read
// keep nobody out. PROTOCOL.md, "redirect, busy".
import type { Link } from '../timing/linked-set.ts';
import { GreediestFirst } from './greediest-first.ts';

/** Most connections of one source: enough for the nodes behind a large NAT, not for a flood. */
export const maxConnectionsPerSource = 256;

/**
 * Connections of one source that wait for their clients may hold a quarter of the backlog. A request is complete
 * within a few round trips, so 25 of 100 serve the nodes behind a large NAT, and three sources cannot fill it.
 */
export const sourceShare = 4;

/** Most connections of one source that wait for their clients, in a backlog of `limit`. */
export function shareOfBacklog(limit: number): number {
  return Math.max(1, Math.floor(limit / sourceShare));
}

/** Where a connection is; see above. */
export type Place = 'silent' | 'reading' | 'deciding' | 'writing' | 'idle';

/** A connection, as admission sees it. */
export interface Guest {
  /** as `sourceOf` names it */
  readonly source: string;
  /** where it is; written here only; null: not admitted */
  place: Place | null;
  /** in that place */
  readonly link: Link<Guest>;
  /** Closes the connection; it is not admitted any more. Called once. */
  evict(): void;
  /** Leaves the backlog and closes, with a `busy` if it can still be sent. */
  giveWay(): void;
  /** Whether the backlog has room, for a guest that waits for it. */
  proceed(hasRoom: boolean): void;
}

/** Limits, in connections. */
export interface AdmissionOptions {
  backlog: number;
  limit: number;
  /** 256 when left out */
  perSource?: number;
}

/** How full a server is, in connections: for redirects and for the console. */
export interface Occupancy {
  readonly backlog: number;
  readonly backlogLimit: number;
  readonly peak: number;
  readonly open: number;
  readonly limit: number;
  /** The highest backlog since the last call. */
  takePeak(): number;
}

const linkOf = ({ link }: Guest) => link;

/** The admission of one process. */
export class Admission implements Occupancy {
  backlogLimit: number;
  readonly limit: number;
  /** the highest backlog since the start */
  peak = 0;
  private recentPeak = 0;
  private readonly places: Record<Place, GreediestFirst<Guest>> = {
    silent: new GreediestFirst(linkOf),
    reading: new GreediestFirst(linkOf),
    deciding: new GreediestFirst(linkOf),
    writing: new GreediestFirst(linkOf),
    idle: new GreediestFirst(linkOf),
  };
  private readonly perSource: number;

  constructor(options: AdmissionOptions) {
    this.backlogLimit = options.backlog;
    this.limit = options.limit;
    this.perSource = options.perSource ?? maxConnectionsPerSource;
  }

  get backlog(): number {
    const { reading, deciding, writing } = this.places;
    return reading.size + deciding.size + writing.size;
  }

  get silent(): number {
    return this.places.silent.size;
  }

  get idle(): number {
    return this.places.idle.size;
  }

  get open(): number {
    return this.silent + this.backlog + this.idle;
  }

  /** Whether a complete request would find room, without more than an incomplete one giving way. */
  get hasRoom(): boolean {
    return this.backlog < this.backlogLimit || this.incomplete > 0;
  }

  /** Incomplete requests: each gives way to a complete one. */
  get incomplete(): number {
    return this.places.reading.size;
  }

  /** Most connections of one source that wait for their clients. */
  protected get share(): number {
    return shareOfBacklog(this.backlogLimit);
  }

  /**
   * A connection was accepted. False: there is no room, close it. Other connections may be evicted to make room.
   */
  enter(guest: Guest): boolean {
    const { source } = guest;
    if (this.openOf(source) >= this.perSource && !this.evictOne((place) => place.firstOf(source)))
      return false;
    if (this.open >= this.limit && !this.evictOne((place) => place.first())) return false;
    this.move(guest, 'silent');
    return true;
  }

  /** A request of the guest has begun. False: the backlog has no room; `seek` may make some. */
  ask(guest: Guest): boolean {
    if (isInBacklog(guest)) return true;
    if (this.backlog >= this.backlogLimit) return false;
    this.move(guest, 'reading');
    this.peak = Math.max(this.peak, this.backlog);
    this.recentPeak = Math.max(this.recentPeak, this.backlog);
    return true;
  }

  /**
   * The backlog had no room for the guest's request, which `isComplete` (complete) or not. Whether another one gave way,
   * so that it can `ask` again. Null: `proceed` is called later.
   */
  seek(guest: Guest, isComplete: boolean): boolean | null {
    return this.makeRoom(guest, isComplete);
  }

  /** All bytes were read, and the request is incomplete: its source may have too many of those. */
  remainsIncomplete({ source }: Guest): void {
    const { reading } = this.places;
    if (reading.of(source) > this.share) this.dismiss(reading.firstOf(source));
  }

  /** A guest in the backlog waits for something else now. */
  moveTo(guest: Guest, to: 'reading' | 'deciding' | 'writing'): void {
    if (isInBacklog(guest) && guest.place !== to) this.move(guest, to);
  }

  /** Everything that the guest asked is answered. */
  answered(guest: Guest): void {
    if (guest.place !== null) this.move(guest, 'idle');
  }

  /** The connection is closed, by either side. */
  leave(guest: Guest): void {
    if (guest.place === null) return;
    this.places[guest.place].delete(guest);
    guest.place = null;
  }

  takePeak(): number {
    const peak = this.recentPeak;
    this.recentPeak = this.backlog;
    return peak;
  }

  /** Has another guest give way to this one, if that is fair. */
  protected makeRoom({ source }: Guest, isComplete: boolean): boolean {
    const { reading, writing } = this.places;
    if (isComplete && this.dismissIncomplete()) return true;
    if (isComplete)
      return (
        writing.greediest > Math.max(this.share, writing.of(source)) &&
        this.dismiss(writing.first())
      );
    // Of two incomplete requests, that of the source with fewer goes first.
    return reading.greediest > reading.of(source) + 1 && this.dismiss(reading.first());
  }

  /** Has the longest incomplete request of the greediest source give way. */
  protected dismissIncomplete(): boolean {
    return this.dismiss(this.places.reading.first());
  }

  private openOf(source: string): number {
    return Object.values(this.places).reduce((sum, place) => sum + place.of(source), 0);
  }

  private dismiss(guest: Guest | undefined): boolean {
    if (guest === undefined) return false;
    this.move(guest, 'idle');
    guest.giveWay();
    return true;
  }

  private move(guest: Guest, to: Place): void {
    if (guest.place !== null) this.places[guest.place].delete(guest);
    guest.place = to;
    this.places[to].add(guest);
  }

  private evictOne(candidate: (place: GreediestFirst<Guest>) => Guest | undefined): boolean {
    const { silent, idle, reading } = this.places;
    for (const place of [silent, idle, reading]) {
      const guest = candidate(place);
      if (guest === undefined) continue;
      this.leave(guest);
      guest.evict();
      return true;
    }
    return false;
  }
}

/** Whether the guest has an unanswered request. */
export function isInBacklog({ place }: Guest): boolean {
  return place === 'reading' || place === 'deciding' || place === 'writing';
}
