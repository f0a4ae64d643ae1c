// Whether this server may delete hosts. A server that lost its own network would find every host
// dead; so a delete needs proof that this server's network works: some of the hosts that were in
// contact most recently (the canaries) answer a ping, there was traffic lately, and neither the
// process nor the machine was asleep. The state ends by itself as soon as the proof is there, and
// while no host is suspected there is nothing to prove.

import type { FreezeReason } from '../../../shared/ipc/status-contract.ts';
import type { Clocks } from '../timing/timing.ts';
import type { ExpiryIntervals } from './expiry-intervals.ts';

/** How many cycles an override lasts: one in which suspects are judged, one in which they go. */
const overrideCycles = 2;

/** A day, for a TTL of an hour: time for an operator to see the alarm and to set a firewall right. */
const unheardTtls = 24;

export class SelfPreservation {
  reason: FreezeReason | null = 'starting';
  /** wall time at which the reason began, or ended */
  since: number;
  private intervals: ExpiryIntervals;
  private heldFor: 'starting' | 'stalled' = 'starting';
  /** when the cycle began that must pass */
  private heldSince: number;
  private lastTick: Clocks;
  private quietSince: number;
  private answeredAt = Number.NEGATIVE_INFINITY;
  private canariesFailed = false;
  /** since when each round found nobody to ask, and when the last one did */
  private unheardSince: number | null = null;
  private unheardAt = Number.NEGATIVE_INFINITY;
  private overriddenUntil = Number.NEGATIVE_INFINITY;

  constructor(intervals: ExpiryIntervals, now: Clocks) {
    this.intervals = intervals;
    this.since = now.wall;
    this.heldSince = now.mono;
    this.lastTick = now;
    this.quietSince = now.mono;
  }

  configure(intervals: ExpiryIntervals): void {
    this.intervals = intervals;
  }

  /** Something arrived over the network: a request, a peer's message, the answer to a ping. */
  traffic(mono: number): void {
    this.quietSince = Math.max(mono, this.quietSince);
  }

  /** A host answered a ping: what this server sends arrives somewhere, and what comes back arrives here. */
  answered(mono: number): void {
    this.traffic(mono);
    this.answeredAt = Math.max(mono, this.answeredAt);
  }

  /** Whether a host answered a ping lately: within the last two rounds of canaries. */
  hasProof(mono: number): boolean {
    return mono - this.answeredAt <= 2 * this.intervals.passMs;
  }

  /**
   * The result of a round of canaries. With nobody to ask who answered before
   * there is nothing to conclude from: a network in which nobody can be pinged.
   * But where most hosts did (`areMostProved`), and none of them is heard of,
   * nothing that is sent may arrive; that all are gone is believed after a day.
   */
  canaries(answered: number, asked: number, mono: number, areMostProved: boolean): void {
    const isUnheard = asked === 0 && areMostProved && !this.hasProof(mono);
    const hasPaused = mono - this.unheardAt > this.intervals.ttlMs;
    if (!isUnheard) this.unheardSince = null;
    else if (this.unheardSince === null || hasPaused) this.unheardSince = mono;
    this.unheardAt = mono;
    const patienceMs = unheardTtls * this.intervals.ttlMs;
    const mayBeDeaf = isUnheard && mono - (this.unheardSince ?? mono) < patienceMs;
    this.canariesFailed = mayBeDeaf || answered * 2 < asked;
  }

  /** An operator knows better, for two cycles. */
  override(mono: number): void {
    this.overriddenUntil = mono + overrideCycles * this.intervals.cycleMs;
  }

  isOverridden(mono: number): boolean {
    return mono < this.overriddenUntil;
  }

  /**
   * Called regularly. `isNeeded`: some host is suspected, so that traffic and canaries are looked
   * for. Returns why deletes are frozen, or null when they are not.
   */
  tick(now: Clocks, isNeeded: boolean): FreezeReason | null {
    const { mono, wall } = now;
    const monoGap = mono - this.lastTick.mono;
    const wallGap = wall - this.lastTick.wall;
    this.lastTick = now;
    // A stalled process ticks late; while a machine sleeps the monotonic clock may stand still.
    if (monoGap > this.intervals.stallMs || Math.abs(wallGap - monoGap) > this.intervals.stallMs) {
      this.heldFor = 'stalled';
      this.heldSince = mono;
    }
    if (!isNeeded) {
      this.quietSince = mono;
      this.canariesFailed = false;
    }
    const reason = this.judge(mono);
    if (reason !== this.reason) {
      this.reason = reason;
      this.since = wall;
    }
    return reason;
  }

  private judge(mono: number): FreezeReason | null {
    if (this.isOverridden(mono)) return null;
    if (mono < this.heldSince + this.intervals.cycleMs) return this.heldFor;
    if (mono - this.quietSince > this.intervals.quietMs) return 'isolated';
    return this.canariesFailed ? 'canaries' : null;
  }
}
