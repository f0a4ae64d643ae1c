// When two servers compare their digests: some time after they met, then regularly, and again soon
// after a comparison that found something. All times on the monotonic clock.

/** Between two comparisons of digests, less up to a third at random. */
const regularMs = 30_000;

/** After a comparison that found something, for what was left over; longer each time it brings nothing. */
const againMs = 1_000;

/**
 * After a meeting: soon, for then the logs are most likely not to tell everything, but not before the
 * other one has dialled too, at its longest pause, or its log would send again what a repair brought.
 */
const firstMs = 6_000;

export class RepairSchedule {
  private readonly random: () => number;
  private next = 0;
  private pause = againMs;

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.random = random;
  }

  met(mono: number): void {
    this.next = mono + firstMs;
  }

  /** An operator wants a comparison now, and does not wait for a pause that has grown. */
  wanted(mono: number): void {
    this.next = mono;
    this.pause = againMs;
  }

  isDue(mono: number): boolean {
    return mono >= this.next;
  }

  begun(mono: number): void {
    this.next = mono + regularMs * (1 - this.random() / 3);
  }

  /** What the comparison that was begun last has found. */
  compared(isDifferent: boolean, mono: number): void {
    if (!isDifferent) {
      this.pause = againMs;
      return;
    }
    this.next = mono + this.pause;
    // What can not be repaired now, because the peer is full for instance, is not tried each second.
    this.pause = Math.min(2 * this.pause, regularMs);
  }

  /** It brought something, which may not have been all. */
  brought(): void {
    this.pause = againMs;
  }
}
