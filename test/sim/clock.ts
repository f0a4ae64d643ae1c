// The clocks of one machine: they run a little too fast or too slow, the wall clock is set now and
// then, and while the machine sleeps the monotonic one may stand still.
import type { Clocks } from '../../daemon/core/timing/timing.ts';
import type { World } from './world.ts';

/** When the world begins, in ms since 1970. */
const epoch = 1_700_000_000_000;

/** Wall time of a clock that is right, when the world is `now` ms old. */
export function wallAt(now: number): number {
  return epoch + now;
}

export class SimClock {
  /** wall time of this machine less true time */
  offsetMs: number;
  private readonly world: World;
  private readonly rate: number;
  private stoodStillMs = 0;

  constructor(world: World, offsetMs = 0, driftPpm = 0) {
    this.world = world;
    this.offsetMs = offsetMs;
    this.rate = 1 + driftPpm / 1e6;
  }

  now(): Clocks {
    const elapsed = this.world.now * this.rate;
    return { mono: elapsed - this.stoodStillMs, wall: epoch + Math.round(elapsed + this.offsetMs) };
  }

  /** The monotonic clock does not know of the last `ms`. */
  stoodStill(ms: number): void {
    this.stoodStillMs += ms;
  }
}
