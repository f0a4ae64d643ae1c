// Deadlines of one length for many things: each starts at the end of a queue, so the ones that are
// due stand at its front and a sweep costs what has expired. A deadline never moves by itself: what
// a client sends does not extend it.

export class Deadlines<T> {
  readonly lengthMs: number;
  private readonly dueAt = new Map<T, number>();

  constructor(lengthMs: number) {
    this.lengthMs = lengthMs;
  }

  /** Starts the deadline of `item` at `now`; one that runs already is left as it is. */
  start(item: T, now: number): void {
    if (!this.dueAt.has(item)) this.dueAt.set(item, now + this.lengthMs);
  }

  stop(item: T): void {
    this.dueAt.delete(item);
  }

  /** Takes out and returns what is due at `now`, the longest due first. */
  takeDue(now: number): T[] {
    const due: T[] = [];
    for (const [item, at] of this.dueAt) {
      if (at > now) break;
      this.dueAt.delete(item);
      due.push(item);
    }
    return due;
  }
}
