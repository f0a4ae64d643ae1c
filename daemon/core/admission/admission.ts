// Who is let in, and who gives way. A connection is in one of five places:
//   silent    connected, nothing said yet;
//   reading   a request has begun and is not whole: the client's turn;
//   deciding  a request is whole and not answered: the server's turn;
//   writing   the client does not read as fast as it is answered: the client's turn;
//   idle      answered, kept open for more.
// Reading, deciding and writing are the backlog, bounded by the setting; all connections are bounded by
// `limit`, those of one source by `perSource`. Whoever only keeps others waiting gives way when room is
// needed: the longest of the source that holds most (greediest-first.ts). So neither those who say nothing, nor
// those who say a byte, nor those who do not read keep out those who ask. PROTOCOL.md, "redirect, busy".
import { GreediestFirst } from './greediest-first.ts';

/** One source may hold this many connections: the nodes behind one large NAT, not one flood. */
export const maxConnectionsPerSource = 256;

/**
 * Connections of one source that keep the others waiting may hold one part in so many of the backlog. A
 * request is whole within a few round trips, so 25 of 100 are the nodes behind a large NAT; and one source,
 * or two, or three, cannot fill it.
 */
export const sourceShare = 4;

/** Most places for those of one source, in a backlog of `limit`. */
export function shareOfBacklog(limit: number): number {
  return Math.max(1, Math.floor(limit / sourceShare));
}

export type Place = 'silent' | 'reading' | 'deciding' | 'writing' | 'idle';

/** A connection, to this file: where it comes from and how to end it. */
export interface Guest {
  /** as `sourceOf` names it */
  readonly source: string;
  /** where it is now; written here only, null outside */
  place: Place | null;
  /** closes the connection; called once, and the guest is not admitted any more then */
  evict(): void;
  /** gives up its place in the backlog, with a word if one can still be said, and closes */
  giveWay(): void;
  /** whether there is room in the backlog, for a guest that waits to hear it */
  proceed(hasRoom: boolean): void;
}

export interface AdmissionOptions {
  backlog: number;
  limit: number;
  perSource?: number;
}

/** How full a server is: what the console is told, and what redirects go by. */
export interface Occupancy {
  readonly backlog: number;
  readonly backlogLimit: number;
  readonly peak: number;
  readonly open: number;
  readonly limit: number;
  /** the highest backlog since this was last asked */
  takePeak(): number;
}

export class Admission implements Occupancy {
  backlogLimit: number;
  readonly limit: number;
  /** the most that were in the backlog at once, since start and since `takePeak` */
  peak = 0;
  private recentPeak = 0;
  private readonly places: Record<Place, GreediestFirst<Guest>> = {
    silent: new GreediestFirst(),
    reading: new GreediestFirst(),
    deciding: new GreediestFirst(),
    writing: new GreediestFirst(),
    idle: new GreediestFirst(),
  };
  private readonly all = new GreediestFirst<Guest>();
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
    return this.all.size;
  }

  /** Unfinished requests: each gives way to a whole one. */
  get unfinished(): number {
    return this.places.reading.size;
  }

  /** Most places for one source's connections that keep others waiting. */
  protected get share(): number {
    return shareOfBacklog(this.backlogLimit);
  }

  /**
   * A connection was accepted. False: there is no room, close it. Others may have been evicted to
   * make room.
   */
  enter(guest: Guest): boolean {
    const { source } = guest;
    if (this.all.of(source) >= this.perSource && !this.evictOne((place) => place.firstOf(source)))
      return false;
    if (this.open >= this.limit && !this.evictOne((place) => place.first())) return false;
    this.all.add(guest);
    this.move(guest, 'silent');
    return true;
  }

  /** A request of the guest has begun. False: the backlog has no room for it; `seek` makes some. */
  ask(guest: Guest): boolean {
    if (isInBacklog(guest)) return true;
    if (this.backlog >= this.backlogLimit) return false;
    this.move(guest, 'reading');
    this.peak = Math.max(this.peak, this.backlog);
    this.recentPeak = Math.max(this.recentPeak, this.backlog);
    return true;
  }

  /**
   * The backlog had no room for the guest's request: whether others give way, so that it can `ask` again.
   * Null: it is told later (`proceed`).
   */
  seek(guest: Guest, isWhole: boolean): boolean | null {
    return this.makeRoom(guest, isWhole);
  }

  /** All that came of the guest is read, and its request is not whole: its source may hold too many such. */
  remainsUnfinished({ source }: Guest): void {
    const { reading } = this.places;
    if (reading.of(source) > this.share) this.dismiss(reading.firstOf(source));
  }

  /** Whose turn it is with a guest in the backlog has changed. */
  turned(guest: Guest, to: 'reading' | 'deciding' | 'writing'): void {
    if (isInBacklog(guest) && guest.place !== to) this.move(guest, to);
  }

  /** All that the guest asked is answered. */
  answered(guest: Guest): void {
    if (guest.place !== null) this.move(guest, 'idle');
  }

  /** The connection is closed, whoever closed it. */
  leave(guest: Guest): void {
    if (guest.place === null) return;
    this.places[guest.place].delete(guest);
    guest.place = null;
    this.all.delete(guest);
  }

  takePeak(): number {
    const peak = this.recentPeak;
    this.recentPeak = this.backlog;
    return peak;
  }

  /** Has somebody give way to a guest, if that is fair. */
  protected makeRoom({ source }: Guest, isWhole: boolean): boolean {
    const { reading, writing } = this.places;
    if (isWhole && this.dismissUnfinished()) return true;
    if (isWhole)
      return (
        writing.greediest > Math.max(this.share, writing.of(source)) &&
        this.dismiss(writing.first())
      );
    // Of two that are both unfinished, the source that holds less goes first.
    return reading.greediest > reading.of(source) + 1 && this.dismiss(reading.first());
  }

  /** Has the longest unfinished request of the greediest source give way. */
  protected dismissUnfinished(): boolean {
    return this.dismiss(this.places.reading.first());
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

/** Whether a request of the guest is not answered. */
export function isInBacklog({ place }: Guest): boolean {
  return place === 'reading' || place === 'deciding' || place === 'writing';
}
