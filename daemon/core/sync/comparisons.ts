// What an operator waits for who wants two servers compared now: that a comparison which began after
// the wish finds nothing that differs. Until then, what the rounds bring is counted for whoever waits.
// All times on the monotonic clock.

/** Longer than a few rounds; whoever waits is then told how far it came, and it goes on. */
export const longestWaitMs = 10_000;

/** `equal`: nothing differs any more. `unfinished`: it goes on. `lost`: the connection has ended. */
export type ComparisonEnd = 'equal' | 'unfinished' | 'lost';

export interface Comparison {
  end: ComparisonEnd;
  /** records that it brought here, and those that it gave to the other one */
  received: number;
  sent: number;
}

interface Waiter {
  /** comparisons that had begun before */
  after: number;
  until: number;
  received: number;
  sent: number;
  ended: (comparison: Comparison) => void;
}

export class Comparisons {
  private begunCount = 0;
  private answered = 0;
  private readonly waiters = new Set<Waiter>();

  /** `ended` is called once. */
  watch(mono: number, ended: Waiter['ended']): void {
    this.waiters.add({
      after: this.begunCount,
      until: mono + longestWaitMs,
      received: 0,
      sent: 0,
      ended,
    });
  }

  begun(): void {
    this.begunCount++;
  }

  /** The other one has answered the oldest comparison that it had not answered. */
  compared(isDifferent: boolean): void {
    this.answered++;
    for (const waiter of this.waiters)
      if (!isDifferent && this.answered > waiter.after) this.finish(waiter, 'equal');
  }

  brought(received: number): void {
    for (const waiter of this.waiters) waiter.received += received;
  }

  gave(sent: number): void {
    for (const waiter of this.waiters) waiter.sent += sent;
  }

  tick(mono: number): void {
    for (const waiter of this.waiters) if (mono >= waiter.until) this.finish(waiter, 'unfinished');
  }

  lost(): void {
    for (const waiter of this.waiters) this.finish(waiter, 'lost');
  }

  private finish(waiter: Waiter, end: ComparisonEnd): void {
    const { received, sent, ended } = waiter;
    this.waiters.delete(waiter);
    ended({ end, received, sent });
  }
}
