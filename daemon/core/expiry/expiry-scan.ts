// Walks the registry, a slice a tick, so that every row is looked at once in `scanMs` and no tick
// pays for the whole table. Finds the live hosts without interaction for a TTL, and on its way those
// that were in contact most recently among the proved ones, and how many each server has.
import { addressWords } from '../../../shared/protocol/address.ts';
import { sourceOf } from '../../../shared/protocol/address-kind.ts';
import { hashAddress } from '../registry/address-hash.ts';
import type { Registry } from '../registry/registry.ts';
import type { Clocks } from '../timing/timing.ts';
import { dueAfterMs, type ExpiryIntervals, jitterShare } from './expiry-intervals.ts';
import { type RecentHost, RecentHosts } from './recent-hosts.ts';
import { ShareCount } from './share-count.ts';

export class ExpiryScan {
  /** the proved hosts most recently in contact when the registry was last walked, the latest first */
  recent: readonly RecentHost[] = [];
  /** when the live host that was silent for longest was last seen, as of the last walk */
  oldestSeen: number | null = null;
  readonly shares: ShareCount;
  private readonly registry: Registry;
  private readonly collecting: RecentHosts;
  private row = 0;
  private oldest = Number.POSITIVE_INFINITY;
  /** what was left of a row, in the ticks until now */
  private debt = 0;
  private lastAt: number;
  private lastWall: number | null = null;
  /** wall time in which nobody could be heard, because the clock left it out, and until when that counts */
  private skippedMs = 0;
  private skippedUntil = Number.NEGATIVE_INFINITY;

  constructor(registry: Registry, recentHosts: number, mono: number) {
    this.registry = registry;
    this.shares = new ShareCount(registry);
    this.collecting = new RecentHosts(recentHosts);
    this.lastAt = mono;
  }

  /**
   * Calls `due` with each row of the next slice whose host is due, whoever's share it is. `isClockSure`: the
   * wall clock was not set a moment ago, so that a contact from the future is none.
   */
  advance(
    now: Clocks,
    intervals: ExpiryIntervals,
    due: (row: number) => void,
    isClockSure = true,
  ): void {
    const { registry } = this;
    const { lastSeen } = registry;
    const rows = registry.rowsUsed;
    // A stall is not made up for: a tick costs no more after it than before.
    const elapsedMs = Math.min(now.mono - this.lastAt, intervals.stallMs, intervals.scanMs);
    this.noteStep(now, intervals);
    this.lastAt = now.mono;
    this.debt += (rows * elapsedMs) / intervals.scanMs;
    const surelyDue = now.wall - intervals.ttlMs * (1 + jitterShare);
    const perhapsDue = now.wall - intervals.ttlMs * (1 - jitterShare);
    // Clocks of servers differ a little; a contact from further ahead would outlive every other.
    const fromTheFuture = isClockSure
      ? now.wall + registry.clock.leadMs + intervals.scanMs
      : Number.POSITIVE_INFINITY;
    let slice = Math.min(rows, Math.floor(this.debt));
    this.debt -= slice;
    for (; slice > 0; slice--) {
      if (this.row >= rows) this.wrap();
      const row = this.row++;
      const isLive = registry.isLive(row);
      this.shares.look(row, isLive);
      if (!isLive) continue;
      if (lastSeen.at(row) > fromTheFuture) registry.seenAtMost(row, now.wall);
      const seen = lastSeen.at(row);
      this.oldest = Math.min(this.oldest, seen);
      const heardUntil = registry.isProved(row) ? now.wall : now.wall - this.skippedMs;
      const isSure = heardUntil === now.wall && seen <= surelyDue;
      const isDue =
        seen <= perhapsDue && (isSure || seen + this.dueAfterMs(row, intervals) <= heardUntil);
      if (isDue) due(row);
      else if (registry.isProved(row) && this.collecting.wants(seen))
        this.collecting.offer(
          { row, change: registry.changeOf(row), lastSeen: seen },
          sourceOf(registry.addresses, row * addressWords),
        );
    }
  }

  /**
   * The wall clock went forward: it was set, or the machine slept. Of a host that answers no pings nothing but
   * its silence tells that it is gone, and while nothing ran here it could not be heard; so for a time to live
   * that time is left out. One that answered before is asked.
   */
  private noteStep({ mono, wall }: Clocks, { ttlMs, stallMs }: ExpiryIntervals): void {
    const stepMs = this.lastWall === null ? 0 : wall - this.lastWall - (mono - this.lastAt);
    this.lastWall = wall;
    if (mono >= this.skippedUntil) this.skippedMs = 0;
    if (Math.abs(stepMs) <= stallMs) return;
    this.skippedMs = Math.max(0, this.skippedMs + stepMs);
    if (stepMs > 0) this.skippedUntil = mono + ttlMs * (1 + jitterShare);
  }

  private dueAfterMs(row: number, { ttlMs }: ExpiryIntervals): number {
    return dueAfterMs(ttlMs, hashAddress(this.registry.addresses, row * addressWords));
  }

  private wrap(): void {
    this.row = 0;
    this.recent = this.collecting.take();
    this.oldestSeen = Number.isFinite(this.oldest) ? this.oldest : null;
    this.oldest = Number.POSITIVE_INFINITY;
  }
}
