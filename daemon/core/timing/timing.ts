// The two clocks that everything here is told the time by.

/** `mono` never jumps and may stand still while the machine sleeps; `wall` is ms since 1970. */
export interface Clocks {
  mono: number;
  wall: number;
}

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

// How long to wait before dialling again: doubled with each attempt, and random over the upper half,
// so that a fleet that lost a server does not come back to it in the same instant.

const leastMs = 250;
/** A partition of hours is healed within seconds of its end; and a dead peer costs a packet now and then. */
const mostMs = 2_000;

/** `attempt` counts from 0; `random` gives numbers in [0, 1). */
export function backoffMs(attempt: number, random: () => number): number {
  const longest = Math.min(mostMs, leastMs * 2 ** attempt);
  return longest * (0.5 + random() / 2);
}

// What each source may have done at a price to everybody: so much at once, and then as fast as it comes
// back. Bounded: of many sources only those that spent something of late are kept.

/** Sources kept: some 100 bytes each. Who drops out of it has its whole budget again. */
const maxSources = 4_096;

interface Spent {
  units: number;
  at: number;
}

export class SourceBudget {
  private readonly atOnce: number;
  private readonly everyMs: number;
  /** in the order in which they spent last */
  private readonly spent = new Map<string, Spent>();

  /** `atOnce` units, one of which comes back every `everyMs`. */
  constructor(atOnce: number, everyMs: number) {
    this.atOnce = atOnce;
    this.everyMs = everyMs;
  }

  /** Takes a unit from `source` (sourceOf) at `now`, ms; false: it has none left. */
  take(source: string, now: number): boolean {
    const last = this.spent.get(source) ?? { units: 0, at: now };
    const back = Math.max(0, now - last.at) / this.everyMs;
    const units = Math.max(0, last.units - back);
    this.spent.delete(source);
    const isLeft = units + 1 <= this.atOnce;
    this.spent.set(source, { units: isLeft ? units + 1 : units, at: now });
    if (this.spent.size > maxSources) this.spent.delete(this.spent.keys().next().value as string);
    return isLeft;
  }
}
