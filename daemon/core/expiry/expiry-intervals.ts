// The intervals of expiry, all derived from the TTL, so that a test with a TTL of 2 s behaves like a TTL of one
// hour. Only the patience with pings and `stallMs` are clamped, because they depend on the machine and the network: with
// less, a busy machine would fail its own pings. All in milliseconds.

/** Intervals of expiry, in milliseconds. */
export interface ExpiryIntervals {
  ttlMs: number;
  /** between two calls of `tick` */
  tickMs: number;
  /** one scan of the whole registry */
  scanMs: number;
  /** from the first attempt at a host to the last; deletions also wait this long after a start */
  cycleMs: number;
  /** between the starts of two attempts at one host */
  retryMs: number;
  /** between two canary rounds, and so between two passes that delete */
  passMs: number;
  /**
   * without inbound traffic for this long the network may be down; shorter than a cycle, so that an outage that
   * covers all attempts at a host is noticed before the last one fails
   */
  quietMs: number;
  /** the longest that a ping waits for its answer, as the last attempt does; at most `retryMs` */
  pingMs: number;
  /** the shortest, where hosts answer at once (ping-patience.ts) */
  leastPingMs: number;
  /** time for another server's opinion: a ping of its own and a round trip */
  opinionMs: number;
  /** a tick later than this, or a larger clock step, means that the process was suspended */
  stallMs: number;
}

/**
 * Bounds of patience: no network in use is slower than the upper one; garbage collection and disks take the lower.
 * A ping takes two round trips, so at a TTL below 30 s, with three attempts, hosts 300 ms away are out of reach.
 */
const patience = { leastMs: 250, mostMs: 5_000 };

/** Bounds of `tickMs`: a finer tick costs wake-ups, a coarser one sends pings in bursts. */
const tick = { leastMs: 10, mostMs: 1_000 };

/** The intervals for a TTL in ms and the setting PingAttempts. */
export function expiryIntervals(ttlMs: number, attempts = 3): ExpiryIntervals {
  const waits = Math.max(1, attempts - 1);
  const stallMs = clamp(ttlMs / 720, patience.leastMs, patience.mostMs);
  // Attempts never overlap, however short the TTL.
  const retryMs = Math.max(ttlMs / 25 / waits, patience.leastMs);
  const pingMs = Math.min(retryMs, patience.mostMs);
  const cycleMs = retryMs * waits;
  return {
    ttlMs,
    tickMs: clamp(ttlMs / 3_600, tick.leastMs, tick.mostMs),
    scanMs: ttlMs / 60,
    cycleMs,
    retryMs,
    passMs: Math.max(ttlMs / 60, patience.leastMs),
    quietMs: cycleMs * (25 / 30),
    pingMs,
    leastPingMs: patience.leastMs,
    opinionMs: 2 * pingMs,
    stallMs,
  };
}

/** Due times are spread by ±this share of the TTL, so that hosts that registered together are not pinged together. */
export const jitterShare = 0.05;

/** Time in ms from the last interaction of a host to its ping; `addressHash` (32 bits) spreads the hosts. */
export function dueAfterMs(ttlMs: number, addressHash: number): number {
  const spread = (addressHash / 0xffff_ffff) * 2 - 1;
  return ttlMs * (1 + jitterShare * spread);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
