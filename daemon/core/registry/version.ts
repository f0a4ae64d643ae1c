// Versions of records: a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014). The later of
// two changes has the larger version even though the servers' clocks differ, and no two changes have the same
// version. A version more than `maxAheadMs` in the future is refused and never moves the clock; otherwise it
// would win for ever.

/** The version of a record: unique, and totally ordered by `compareVersions`. */
export interface Version {
  /** ms since 1970 */
  ms: number;
  /** orders the changes within one millisecond */
  counter: number;
  /** id of the server that made the change; orders changes of different servers with equal times */
  server: string;
}

/** How far another server's clock may be ahead of this one, in ms. */
export const maxAheadMs = 60_000;

/** Negative if `a` is older than `b`, positive if it is newer, zero if they are the same. */
export function compareVersions(a: Version, b: Version): number {
  if (a.ms !== b.ms) return a.ms - b.ms;
  if (a.counter !== b.counter) return a.counter - b.counter;
  return a.server < b.server ? -1 : a.server > b.server ? 1 : 0;
}

/** Makes the versions of the changes of one server. */
export class HybridClock {
  /** id of that server */
  readonly server: string;
  /** By how much all peers' clocks are ahead of this one, in ms. */
  leadMs = 0;
  /** By how much this clock may be ahead of the true time, in ms: hosts and tombstones may be that much younger. */
  doubtedMs = 0;
  /** The latest time in any record here, ms since 1970; it may lie in the future. */
  latest = 0;
  private ms = 0;
  private counter = 0;
  /** the latest version of another server; its counter includes versions made here in the same millisecond */
  private observed = { ms: 0, counter: 0 };

  constructor(server: string) {
    this.server = server;
  }

  /** The version of a change made here at `now` (ms since 1970): larger than all made or observed before. */
  next(now: number): Version {
    if (now > this.ms) {
      this.ms = now;
      this.counter = 0;
    } else {
      this.counter++;
      // So that it is not given again if the clock is set back to here.
      if (this.ms === this.observed.ms) this.observed.counter = this.counter;
    }
    this.noteTime(this.ms);
    return { ms: this.ms, counter: this.counter, server: this.server };
  }

  /** The version of a contact at `ms` (ms since 1970), now or earlier: larger than `after`. */
  at(ms: number, after: Version): Version {
    const { server } = this;
    return ms > after.ms
      ? { ms, counter: 0, server }
      : { ms: after.ms, counter: after.counter + 1, server };
  }

  /** Keeps track of `latest`: a record has the time `ms`. */
  noteTime(ms: number): void {
    if (ms > this.latest) this.latest = ms;
  }

  /**
   * Sets the clock back, if it is after `bound`: the next versions begin at `now`, or after the latest version
   * of another server that is not itself after `bound`. All in ms since 1970.
   */
  giveBack(now: number, bound: number): void {
    this.latest = now;
    if (this.ms <= bound) return;
    const { ms, counter } = this.observed;
    const isAfter = ms > now && ms <= bound;
    this.ms = isAfter ? ms : now;
    this.counter = isAfter ? counter : 0;
  }

  /**
   * Advances the clock past another server's version.
   * @returns false if the version is from the future: then it must be refused
   */
  observe(version: Version, now: number): boolean {
    if (version.ms > now + maxAheadMs) return false;
    const { ms, counter, server } = version;
    const { observed } = this;
    const isLatest = ms > observed.ms || (ms === observed.ms && counter > observed.counter);
    if (isLatest && server !== this.server) this.observed = { ms, counter };
    if (version.ms > this.ms) {
      this.ms = version.ms;
      this.counter = version.counter;
    } else if (version.ms === this.ms) {
      this.counter = Math.max(this.counter, version.counter);
    }
    return true;
  }
}
