// Who is let in. A connection is in one of three places:
//   silent   connected, nothing said yet;
//   asking   a request has begun and is not answered: these are the backlog;
//   idle     answered, kept open for more.
// The backlog is bounded by the setting, all connections by `limit`, those of one source by
// `perSource`. Silent connections never fill the backlog, so that clients who say nothing cannot
// keep out those who do; when room is needed, whoever has been silent or idle longest goes first.

/** One source may hold this many connections: the nodes behind one large NAT, not one flood. */
export const maxConnectionsPerSource = 256;

export type Place = 'silent' | 'asking' | 'idle';

/** A connection, to this file: where it comes from and how to end it. */
export interface Guest {
  readonly source: string;
  /** where it is now; written here only, null outside */
  place: Place | null;
  /** closes the connection; called once, and the guest is not admitted any more then */
  evict(): void;
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
  private readonly places: Record<Place, Set<Guest>> = {
    silent: new Set(),
    asking: new Set(),
    idle: new Set(),
  };
  private readonly bySource = new Map<string, number>();
  private readonly perSource: number;

  constructor(options: AdmissionOptions) {
    this.backlogLimit = options.backlog;
    this.limit = options.limit;
    this.perSource = options.perSource ?? maxConnectionsPerSource;
  }

  get backlog(): number {
    return this.places.asking.size;
  }

  get silent(): number {
    return this.places.silent.size;
  }

  get idle(): number {
    return this.places.idle.size;
  }

  get open(): number {
    return this.places.silent.size + this.places.asking.size + this.places.idle.size;
  }

  /**
   * A connection was accepted. False: there is no room, close it. Others may have been evicted to
   * make room.
   */
  enter(guest: Guest): boolean {
    const fromSource = this.bySource.get(guest.source) ?? 0;
    if (fromSource >= this.perSource && !this.evictOne((other) => other.source === guest.source))
      return false;
    if (this.open >= this.limit && !this.evictOne(() => true)) return false;
    this.bySource.set(guest.source, (this.bySource.get(guest.source) ?? 0) + 1);
    this.move(guest, 'silent');
    return true;
  }

  /** A request of the guest has begun. False: the backlog is full. */
  ask(guest: Guest): boolean {
    if (guest.place === 'asking') return true;
    if (this.places.asking.size >= this.backlogLimit) return false;
    this.move(guest, 'asking');
    this.peak = Math.max(this.peak, this.backlog);
    this.recentPeak = Math.max(this.recentPeak, this.backlog);
    return true;
  }

  /** Whether a guest that was not let in will hear of it later. */
  waits(_guest: Guest): boolean {
    return false;
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
    const others = (this.bySource.get(guest.source) ?? 1) - 1;
    if (others === 0) this.bySource.delete(guest.source);
    else this.bySource.set(guest.source, others);
  }

  takePeak(): number {
    const peak = this.recentPeak;
    this.recentPeak = this.backlog;
    return peak;
  }

  private move(guest: Guest, to: Place): void {
    if (guest.place !== null) this.places[guest.place].delete(guest);
    guest.place = to;
    this.places[to].add(guest);
  }

  private evictOne(isEligible: (guest: Guest) => boolean): boolean {
    for (const place of [this.places.silent, this.places.idle])
      for (const guest of place)
        if (isEligible(guest)) {
          this.leave(guest);
          guest.evict();
          return true;
        }
    return false;
  }
}
