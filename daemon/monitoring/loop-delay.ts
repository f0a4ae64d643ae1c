// How long the event loop keeps others waiting: a timer that comes late was kept waiting by what ran before it, by a
// busy machine, or by a process that was stopped. `monitorEventLoopDelay` of Node is no use here: it forgets the delay
// that lasts while it is reset, and without a reset it has no recent maximum.

/** Between two looks, ms: shorter delays do not matter, and fifty wakeups a second cost nothing. */
const lookMs = 20;

/** Watches the event loop from `start` to `close`. */
export class LoopDelay {
  private timer: NodeJS.Timeout | null = null;
  private lastAt = 0;
  private longest = 0;

  start(): void {
    if (this.timer !== null) return;
    this.lastAt = performance.now();
    this.timer = setInterval(() => this.look(), lookMs);
    this.timer.unref();
  }

  /** The longest delay since the last call, ms. */
  take(): number {
    this.look();
    const { longest } = this;
    this.longest = 0;
    return longest;
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private look(): void {
    const now = performance.now();
    this.longest = Math.max(this.longest, now - this.lastAt - lookMs);
    this.lastAt = now;
  }
}
