// Versions of a host's record: a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks",
// 2014), so that the later of two changes has the larger version although clocks differ, and no two
// changes have the same one. A version from further ahead than `maxAheadMs` is refused and never
// moves the clock: one timestamp from the future would otherwise win for ever.

export interface Version {
  /** milliseconds since 1970 */
  ms: number;
  /** orders changes within one millisecond */
  counter: number;
  /** id of the server that made the change; orders changes that were made at once */
  server: string;
}

/** How far ahead of here another server's clock may be. */
export const maxAheadMs = 60_000;

/** Negative when `a` is older than `b`, zero when they are the same. */
export function compareVersions(a: Version, b: Version): number {
  if (a.ms !== b.ms) return a.ms - b.ms;
  if (a.counter !== b.counter) return a.counter - b.counter;
  return a.server < b.server ? -1 : a.server > b.server ? 1 : 0;
}

export class HybridClock {
  /** whose versions these are */
  readonly server: string;
  /** How much further ahead of here than `maxAheadMs` a version may be: every peer's clock is. */
  leadMs = 0;
  /** By how much the wall clock may be ahead, as far as is known: hosts and tombstones are younger. */
  doubtedMs = 0;
  /** The latest time that was given to a record here, whether it has come or not. */
  latest = 0;
  private ms = 0;
  private counter = 0;
  /** the latest version of another server, and what was made here within its millisecond */
  private observed = { ms: 0, counter: 0 };

  constructor(server: string) {
    this.server = server;
  }

  /** The version of a change made here at `now`: larger than every one made or observed before. */
  next(now: number): Version {
    if (now > this.ms) {
      this.ms = now;
      this.counter = 0;
    } else {
      this.counter++;
      // Never given again, should the clock be given back to here.
      if (this.ms === this.observed.ms) this.observed.counter = this.counter;
    }
    this.noteTime(this.ms);
    return { ms: this.ms, counter: this.counter, server: this.server };
  }

  /** The version of something that happened here at `ms`, earlier perhaps, larger than `after`. */
  at(ms: number, after: Version): Version {
    const { server } = this;
    return ms > after.ms
      ? { ms, counter: 0, server }
      : { ms: after.ms, counter: after.counter + 1, server };
  }

  /** A record has this time. */
  noteTime(ms: number): void {
    if (ms > this.latest) this.latest = ms;
  }

  /**
   * Its versions were of a time after `bound`, which has not come: those made from now on are of `now`, or
   * after the latest of another server that is not from there.
   */
  giveBack(now: number, bound: number): void {
    this.latest = now;
    if (this.ms <= bound) return;
    const { ms, counter } = this.observed;
    const isAfter = ms > now && ms <= bound;
    this.ms = isAfter ? ms : now;
    this.counter = isAfter ? counter : 0;
  }

  /** Takes note of another server's version. False: it is from the future and must be refused. */
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
