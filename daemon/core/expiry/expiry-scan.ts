// Scans the registry, a slice per tick: every row once in `scanMs`, no tick the whole table. Finds the live hosts
// without interaction for a TTL and, on the way, the proved hosts most recently in contact and how many hosts
// each name server owns.
import { addressWords } from '../../../shared/protocol/address.ts';
import { sourceOf } from '../../../shared/protocol/address-kind.ts';
import { hashAddress } from '../registry/address-hash.ts';
import type { Registry } from '../registry/registry.ts';
import { takeBackContact } from '../registry/taking-back.ts';
import type { Clocks } from '../timing/timing.ts';
import { type RecentHost, RecentHosts } from './canaries.ts';
import { dueAfterMs, type ExpiryIntervals, jitterShare } from './expiry-intervals.ts';
import { ShareCount } from './rendezvous.ts';

/** The scan of one registry; times in milliseconds. */
export class ExpiryScan {
  /** the proved hosts most recently in contact as of the last full scan, the latest first */
  recent: readonly RecentHost[] = [];
  /** last contact of the live host that was silent for longest, as of the last full scan */
  oldestSeen: number | null = null;
  /** hosts that are due and that no room was left for, as of the last full scan */
  waiting = 0;
  readonly shares: ShareCount;
  private readonly registry: Registry;
  private readonly collecting: RecentHosts;
  private row = 0;
  private oldest = Number.POSITIVE_INFINITY;
  private leftOut = 0;
  /** rows to scan that earlier ticks left, a fraction included */
  private debt = 0;
  private lastAt: number;
  private lastWall: number | null = null;
  /** wall time that a step of the clock skipped, in which no host could be heard; counts until `skippedUntil` */
  private skippedMs = 0;
  private skippedUntil = Number.NEGATIVE_INFINITY;

  constructor(registry: Registry, recentHosts: number, mono: number) {
    this.registry = registry;
    this.shares = new ShareCount(registry);
    this.collecting = new RecentHosts(recentHosts);
    this.lastAt = mono;
  }

  /**
   * Calls `due` with each row of the next slice whose host is due for a ping, whichever server owns it; it returns
   * false if there is no room for the host.
   * `isClockSure`: the wall clock was not set a moment ago, so a contact from the future is a mistake.
   */
  advance(
    now: Clocks,
    intervals: ExpiryIntervals,
    due: (row: number) => boolean,
    isClockSure = true,
  ): void {
    const { registry } = this;
    const { lastSeen } = registry;
    const rows = registry.rowsUsed;
    // A stall is not caught up: a tick after it costs no more than one before.
    const elapsedMs = Math.min(now.mono - this.lastAt, intervals.stallMs, intervals.scanMs);
    this.noteStep(now, intervals);
    this.lastAt = now.mono;
    this.debt += (rows * elapsedMs) / intervals.scanMs;
    // Clocks of servers differ a little; a contact from further ahead would outlive all others.
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
      if (lastSeen.at(row) > fromTheFuture) takeBackContact(registry, row, now.wall);
      const seen = lastSeen.at(row);
      this.oldest = Math.min(this.oldest, seen);
      if (this.isDue(row, now.wall, intervals)) this.leftOut += due(row) ? 0 : 1;
      else if (registry.isProved(row) && this.collecting.wants(seen))
        this.collecting.offer(
          { row, change: registry.changeOf(row), lastSeen: seen },
          sourceOf(registry.addresses, row * addressWords),
        );
    }
  }

  /**
   * Notes a step of the wall clock against the monotonic one: the clock was set, or the machine slept. Only
   * silence shows that an unproved host is gone, and while nothing ran here it could not be heard; so for one
   * TTL the skipped time does not count as silence. A proved host is pinged.
   */
  private noteStep({ mono, wall }: Clocks, { ttlMs, stallMs }: ExpiryIntervals): void {
    const stepMs = this.lastWall === null ? 0 : wall - this.lastWall - (mono - this.lastAt);
    this.lastWall = wall;
    if (mono >= this.skippedUntil) this.skippedMs = 0;
    if (Math.abs(stepMs) <= stallMs) return;
    this.skippedMs = Math.max(0, this.skippedMs + stepMs);
    if (stepMs > 0) this.skippedUntil = mono + ttlMs * (1 + jitterShare);
  }

  /** Whether the live host in `row` has been silent for so long that it is to be pinged at `wall`. */
  isDue(row: number, wall: number, { ttlMs }: ExpiryIntervals): boolean {
    const { registry } = this;
    const heardUntil = registry.isProved(row) ? wall : wall - this.skippedMs;
    const silentMs = heardUntil - registry.lastSeen.at(row);
    // Most hosts are decided without the hash.
    if (silentMs < ttlMs * (1 - jitterShare)) return false;
    if (silentMs >= ttlMs * (1 + jitterShare)) return true;
    return silentMs >= dueAfterMs(ttlMs, hashAddress(registry.addresses, row * addressWords));
  }

  private wrap(): void {
    this.row = 0;
    this.waiting = this.leftOut;
    this.leftOut = 0;
    this.recent = this.collecting.take();
    this.oldestSeen = Number.isFinite(this.oldest) ? this.oldest : null;
    this.oldest = Number.POSITIVE_INFINITY;
  }
}
