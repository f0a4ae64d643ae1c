// Corrects times that this server gave while its wall clock was ahead. Peers refuse them, and the
// hybrid logical clock would go on from there for as long as the clock was wrong by. So once the clock is right
// again, the lead is taken back: records whose times the peers refuse are stamped anew and published again.
//
// The peers' clocks tell whether this server's clock is wrong now or was wrong before: a lead that all of them
// confirm is none. A step of the wall clock shows against the monotonic one.

import type { Registry } from '../registry/registry.ts';
import { takeBack } from '../registry/taking-back.ts';
import { leastTombstoneMs } from '../registry/tombstones.ts';
import { maxAheadMs } from '../registry/version.ts';
import type { Clocks } from '../timing/timing.ts';
import type { Membership } from './membership.ts';
import { roughly } from './peer-trouble.ts';

/** Three heartbeats: the clock may be set right in several steps. */
const patienceMs = 3_000;

/** A clock that was set forward is believed after as long as a tombstone lives at least. */
const doubtMs = leastTombstoneMs;

type PeerClocks = Pick<Membership, 'clocks' | 'forgetClocks'>;

/** The wall clock of this machine, and the times that were given by it. */
export class ClockLead {
  private readonly registry: Registry;
  private readonly membership: PeerClocks;
  private last: Clocks;
  /** monotonic: since when times are ahead that no peer confirms, until when the clock is doubted */
  private aheadSince: number | null = null;
  private doubtedUntil: number;
  private steppedAt: number;

  /** Until a peer confirms it, the clock is doubted: it may have been wrong when this server started. */
  constructor(registry: Registry, membership: PeerClocks, now: Clocks) {
    this.registry = registry;
    this.membership = membership;
    this.last = now;
    this.steppedAt = now.mono;
    this.doubtedUntil = now.mono + doubtMs;
    registry.clock.doubtedMs = Number.POSITIVE_INFINITY;
  }

  /**
   * Watches the clock, and collects tombstones that are old enough by it. What it changes is pending in the
   * registry.
   * @returns reports for operators
   */
  tick(now: Clocks): string[] {
    const reports = [this.noteStep(now)];
    const clocks = this.membership.clocks(now.mono);
    this.believe(now, clocks);
    // Without a peer no time is refused, and there is no telling which clock was wrong.
    if (clocks.length > 0) reports.push(this.takeBack(now, Math.max(0, Math.min(...clocks))));
    else this.aheadSince = null;
    const { registry } = this;
    // Tombstones keep the dead from coming back: a clock that was just set forward must not collect them all.
    registry.collectTombstones(now.wall - registry.clock.doubtedMs - registry.tombstoneMs);
    return reports.filter((report) => report !== null);
  }

  private noteStep(now: Clocks): string | null {
    const { registry } = this;
    const stepMs = now.wall - this.last.wall - (now.mono - this.last.mono);
    this.last = now;
    if (Math.abs(stepMs) <= maxAheadMs) return null;
    this.steppedAt = now.mono;
    this.membership.forgetClocks();
    registry.clock.doubtedMs = Math.max(0, registry.clock.doubtedMs + stepMs);
    if (stepMs > 0) this.doubtedUntil = now.mono + doubtMs;
    const step = roughly(Math.abs(stepMs));
    return stepMs > 0
      ? `the clock of this machine went forward by ${step}: it was set, or the machine slept`
      : `the clock of this machine was set back by ${step}`;
  }

  private believe({ mono }: Clocks, clocks: readonly number[]): void {
    const isConfirmed =
      mono - this.steppedAt >= patienceMs &&
      clocks.some((clockMs) => Math.abs(clockMs) <= maxAheadMs);
    if (isConfirmed || mono >= this.doubtedUntil) this.registry.clock.doubtedMs = 0;
  }

  /** `confirmedMs`: a lead that every peer confirms. */
  private takeBack(now: Clocks, confirmedMs: number): string | null {
    const { registry } = this;
    registry.clock.leadMs = confirmedMs;
    const bound = now.wall + confirmedMs + maxAheadMs;
    if (registry.clock.latest <= bound) {
      this.aheadSince = null;
      return null;
    }
    this.aheadSince ??= now.mono;
    if (now.mono - this.aheadSince < patienceMs) return null;
    this.aheadSince = null;
    const aheadMs = registry.clock.latest - now.wall;
    const count = takeBack(registry, now.wall, bound);
    if (count === 0) return null;
    return `records with times up to ${roughly(aheadMs)} ahead of this server's clock, which was wrong: ${count}; they are stamped anew and sent again to the peers, which had refused them`;
  }
}
