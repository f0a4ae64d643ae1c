// The clocks of this machine.
import { wallNow } from '../../shared/wall-clock.ts';
import type { Clocks } from '../core/timing/timing.ts';

/** The time now, as the core is given it. */
export function clocks(): Clocks {
  return { mono: performance.now(), wall: wallNow() };
}

/** Monotonic milliseconds, the same in every process of this machine. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** ms that the two clocks may drift apart before they are compared again: too little to see in a list of seconds. */
const maxDriftMs = 500;

/**
 * Monotonic times as times of day. The same monotonic time always gives the same time of day, so that a list
 * that is made anew each second keeps its order; it changes only when the wall clock was set.
 */
export class WallTime {
  private readonly monotonic: () => number;
  private readonly wall: () => number;
  private offset: number;

  constructor(monotonic: () => number, wall: () => number) {
    this.monotonic = monotonic;
    this.wall = wall;
    this.offset = wall() - monotonic();
  }

  /** Compares the clocks. Between two calls the results of `at` are in the order of their arguments. */
  compare(): void {
    const offset = this.wall() - this.monotonic();
    if (Math.abs(offset - this.offset) > maxDriftMs) this.offset = offset;
  }

  /** @returns ms since 1970 */
  at(monotonic: number): number {
    return Math.round(this.offset + monotonic);
  }
}
