// Time as the core sees it: the two clocks, deadlines, backoff, and token buckets. No timers: the caller passes the
// time in.
import { Link, LinkedSet, linksByItem } from './linked-set.ts';

/** One reading of the two clocks. */
export interface Clocks {
  /** the monotonic clock, ms: it is never set, and may stand still while the machine sleeps */
  mono: number;
  /** the wall clock, ms since 1970: it may be set at any time */
  wall: number;
}

/** Until when an item may wait. */
export class Deadline<T> extends Link<T> {
  /** ms; valid while it runs */
  dueAt = 0;
}

/**
 * Deadlines of one length for many items. A new deadline is the last one, so the due ones are in front, and a sweep
 * costs only what has expired. A deadline that runs is never moved: sending more bytes does not extend it.
 */
export class Deadlines<T extends object> {
  readonly lengthMs: number;
  private readonly running: LinkedSet<T, Deadline<T>>;

  /** `deadlineOf`: the one of an item, where the item has it; starting it ends its run in other `Deadlines`. */
  constructor(lengthMs: number, deadlineOf = linksByItem((item: T) => new Deadline(item))) {
    this.lengthMs = lengthMs;
    this.running = new LinkedSet(deadlineOf);
  }

  /** Starts the deadline of `item` at `now`, ms; a deadline that runs already stays as it is. */
  start(item: T, now: number): void {
    const started = this.running.add(item);
    if (started !== null) started.dueAt = now + this.lengthMs;
  }

  /** Cancels the deadline of `item`. */
  stop(item: T): void {
    this.running.delete(item);
  }

  /** Removes and returns the items that are due at `now`, ms, the oldest first. */
  takeDue(now: number): T[] {
    const due: T[] = [];
    for (
      let { first } = this.running;
      first !== null && first.dueAt <= now;
      { first } = this.running
    ) {
      this.running.delete(first.item);
      due.push(first.item);
    }
    return due;
  }
}

/**
 * The shortest and the longest backoff. 2 s: a partition is healed within seconds, and a dead peer costs a
 * packet.
 */
const leastBackoffMs = 250;
const mostBackoffMs = 2_000;

/**
 * How long to wait before another attempt to connect, in ms: exponential, and random over the upper half, so
 * that a fleet does not return to a restarted server in the same instant.
 * @param attempt counts from 0
 * @param random gives numbers in [0, 1)
 */
export function backoffMs(attempt: number, random: () => number): number {
  const longest = Math.min(mostBackoffMs, leastBackoffMs * 2 ** attempt);
  return longest * (0.5 + random() / 2);
}

/** Token buckets kept at least, about 100 bytes each; twice as many at most. A source whose bucket is dropped starts anew. */
const leastSources = 4_096;

interface Bucket {
  /** tokens used at `at`, ms */
  tokens: number;
  at: number;
}

/** A token bucket for each source (`sourceOf`), in memory bounded by twice `leastSources`. */
export class SourceBudget {
  private readonly atOnce: number;
  private readonly everyMs: number;
  /**
   * Those used since `earlier` was full, which has the others. Dropping the oldest of a single Map with each new
   * source would take ten times as long: the first key is found behind thousands of places that were emptied before.
   */
  private recent = new Map<string, Bucket>();
  private earlier: ReadonlyMap<string, Bucket> = new Map();

  /** A bucket holds `atOnce` tokens; one comes back every `everyMs`. */
  constructor(atOnce: number, everyMs: number) {
    this.atOnce = atOnce;
    this.everyMs = everyMs;
  }

  /** Takes a token of `source` at `now`, ms. @returns false if it has none left */
  take(source: string, now: number): boolean {
    const last = this.recent.get(source) ?? this.earlier.get(source) ?? { tokens: 0, at: now };
    const returned = Math.max(0, now - last.at) / this.everyMs;
    const tokens = Math.max(0, last.tokens - returned);
    const isLeft = tokens + 1 <= this.atOnce;
    this.recent.set(source, { tokens: isLeft ? tokens + 1 : tokens, at: now });
    if (this.recent.size >= leastSources) {
      this.earlier = this.recent;
      this.recent = new Map();
    }
    return isLeft;
  }
}
