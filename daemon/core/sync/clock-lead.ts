// What becomes of times that this server gave while its wall clock was ahead. Peers refuse them, and the
// hybrid clock would go on from there for as long as the clock was wrong by. So when the clock is right
// again, the lead is given back: what has a time that nobody takes is stamped anew and told again.
//
// Which of two clocks is wrong, this server's now or its own before, its peers tell: a lead that all of
// theirs confirm is none. Steps of the wall clock show against the monotonic one.
import type { Registry } from '../registry/registry.ts';
import { takeBack } from '../registry/taking-back.ts';
import { leastTombstoneMs } from '../registry/tombstones.ts';
import { maxAheadMs } from '../registry/version.ts';
import type { Clocks } from '../timing/timing.ts';
import { roughly } from './peer-clocks.ts';

/** Three heartbeats: a clock that is set right in steps is waited for. */
const patienceMs = 3_000;

/** A clock that was set forward and stood for as long as a tombstone lives tells the time. */
const doubtMs = leastTombstoneMs;

export interface ClockLeadOptions {
  registry: Registry;
  /** The clocks of the peers that are there less this one, ms: those that are known. */
  peerClocks: () => readonly number[];
  /** This clock was set: what is known of the peers' is void. */
  stepped: () => void;
  /** What an operator should know. */
  told: (text: string) => void;
}

export class ClockLead {
  private readonly options: ClockLeadOptions;
  private last: Clocks;
  /** on the monotonic clock: since when times are ahead that nobody confirms, until when the clock is doubted */
  private aheadSince: number | null = null;
  private doubtedUntil: number;
  private steppedAt: number;

  /** Until a peer confirms the clock nobody knows whether it was right when this server started. */
  constructor(options: ClockLeadOptions, now: Clocks) {
    this.options = options;
    this.last = now;
    this.steppedAt = now.mono;
    this.doubtedUntil = now.mono + doubtMs;
    options.registry.clock.doubtedMs = Number.POSITIVE_INFINITY;
  }

  /** Called regularly; what it stamps anew is pending in the registry. */
  tick(now: Clocks): void {
    this.noteStep(now);
    const clocks = this.options.peerClocks();
    this.believe(now, clocks);
    // Alone it refuses nothing, and nobody could tell which clock was wrong.
    if (clocks.length > 0) this.takeBack(now, Math.max(0, Math.min(...clocks)));
    else this.aheadSince = null;
  }

  /**
   * The time of day by which tombstones age. A clock that was just set forward must not collect all of
   * them: those of the last day are what keeps the dead from coming back.
   */
  agingWall(now: Clocks): number {
    return now.wall - this.options.registry.clock.doubtedMs;
  }

  private noteStep(now: Clocks): void {
    const { registry, stepped, told } = this.options;
    const stepMs = now.wall - this.last.wall - (now.mono - this.last.mono);
    this.last = now;
    if (Math.abs(stepMs) <= maxAheadMs) return;
    this.steppedAt = now.mono;
    stepped();
    registry.clock.doubtedMs = Math.max(0, registry.clock.doubtedMs + stepMs);
    if (stepMs > 0) this.doubtedUntil = now.mono + doubtMs;
    const step = roughly(Math.abs(stepMs));
    told(
      stepMs > 0
        ? `the clock of this machine went forward by ${step}: it was set, or the machine slept`
        : `the clock of this machine was set back by ${step}`,
    );
  }

  private believe({ mono }: Clocks, clocks: readonly number[]): void {
    const isConfirmed =
      mono - this.steppedAt >= patienceMs &&
      clocks.some((clockMs) => Math.abs(clockMs) <= maxAheadMs);
    if (isConfirmed || mono >= this.doubtedUntil) this.options.registry.clock.doubtedMs = 0;
  }

  /** `confirmedMs`: a lead that every peer confirms. */
  private takeBack(now: Clocks, confirmedMs: number): void {
    const { registry, told } = this.options;
    registry.clock.leadMs = confirmedMs;
    const bound = now.wall + confirmedMs + maxAheadMs;
    if (registry.clock.latest <= bound) {
      this.aheadSince = null;
      return;
    }
    this.aheadSince ??= now.mono;
    if (now.mono - this.aheadSince < patienceMs) return;
    this.aheadSince = null;
    const aheadMs = registry.clock.latest - now.wall;
    const count = takeBack(registry, now.wall, bound);
    if (count === 0) return;
    told(
      `records with times up to ${roughly(aheadMs)} ahead of this server's clock, which was wrong: ${count}; they are stamped anew and told to the peers, which refused them`,
    );
  }
}
