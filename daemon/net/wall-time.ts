// Times of the monotonic clock as times of day. One time of the one is always the same time of the other,
// so that a list that is made anew each second stays in its order; only when the time of day was set does
// it follow.

/** What the two clocks may drift apart before they are compared again: nobody sees it in a list of seconds. */
const mostDriftMs = 500;

export class WallTime {
  private readonly monotonic: () => number;
  private readonly wall: () => number;
  private offset: number;

  constructor(monotonic: () => number, wall: () => number) {
    this.monotonic = monotonic;
    this.wall = wall;
    this.offset = wall() - monotonic();
  }

  /** Compares the clocks. Between two calls, what is given out by `at` is in order. */
  compare(): void {
    const offset = this.wall() - this.monotonic();
    if (Math.abs(offset - this.offset) > mostDriftMs) this.offset = offset;
  }

  at(monotonic: number): number {
    return Math.round(this.offset + monotonic);
  }
}
