// Self-preservation: whether this server may delete hosts. A server that lost its own network would find
// every host dead, so deletions need proof that the network works: at least half of the canaries (the proved
// hosts most recently in contact) answer a ping, there was inbound traffic lately, and neither the process
// nor the machine was suspended. A freeze ends by itself as soon as the proof is there. While no host is
// suspected, nothing has to be proved.
import type { Clocks } from '../timing/timing.ts';
import type { ExpiryIntervals } from './expiry-intervals.ts';

/**
 * Why deletions are frozen. `starting`: less than one ping cycle since the start. `stalled`: the process or the
 * machine was suspended, or a clock jumped. `isolated`: no inbound traffic for `quietMs`. `canaries`: fewer than
 * half of the canaries answered.
 */
export type FreezeReason = 'starting' | 'stalled' | 'isolated' | 'canaries';

/** Ping cycles that an override lasts: one to judge the suspects, one to delete them. */
const overrideCycles = 2;

/** A day at a TTL of one hour: time for an operator to notice the alarm and to fix a firewall. */
const unheardTtls = 24;

/** Decides whether deletions are frozen. All times in milliseconds: `mono` monotonic, `wall` since 1970. */
export class SelfPreservation {
  /** null: deletions are allowed */
  reason: FreezeReason | null = 'starting';
  /** wall time at which `reason` last changed */
  since: number;
  private intervals: ExpiryIntervals;
  private heldFor: 'starting' | 'stalled' = 'starting';
  /** start of the ping cycle that must pass before deletions are allowed */
  private heldSince: number;
  private lastTick: Clocks;
  private quietSince: number;
  private answeredAt = Number.NEGATIVE_INFINITY;
  private canariesFailed = false;
  /** when rounds began to find no canary to ping, and when the latest of them ended */
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

  /** A request, a message of a peer or an answer to a ping arrived. */
  traffic(mono: number): void {
    this.quietSince = Math.max(mono, this.quietSince);
  }

  /** A host answered a ping: the network works in both directions. */
  answered(mono: number): void {
    this.traffic(mono);
    this.answeredAt = Math.max(mono, this.answeredAt);
  }

  /** Whether a host answered a ping within the last two canary rounds. */
  hasProof(mono: number): boolean {
    return mono - this.answeredAt <= 2 * this.intervals.passMs;
  }

  /**
   * The result of a canary round. A round without canaries says nothing in a network where no host can be
   * pinged. Where most hosts are proved (`areMostProved`) and none of them is heard any more, this server may
   * be cut off: deletions stay frozen for 24 TTL, then the hosts are believed to be gone.
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

  /** Allows deletions for two ping cycles, whatever the proofs say. */
  override(mono: number): void {
    this.overriddenUntil = mono + overrideCycles * this.intervals.cycleMs;
  }

  isOverridden(mono: number): boolean {
    return mono < this.overriddenUntil;
  }

  /**
   * To be called regularly. `isNeeded`: some host is suspected, so traffic and canaries matter.
   * @returns why deletions are frozen; null when they are not
   */
  tick(now: Clocks, isNeeded: boolean): FreezeReason | null {
    const { mono, wall } = now;
    const monoGap = mono - this.lastTick.mono;
    const wallGap = wall - this.lastTick.wall;
    this.lastTick = now;
    // A stalled process ticks late. The monotonic clock of a sleeping machine may stand still, the wall clock not.
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
