// Every interval of expiry, derived from the TTL, so that a test with a TTL of two seconds behaves
// as the real one of an hour. Only what a machine and a network may take, `pingMs` and `stallMs`,
// does not shrink and grow with it for ever: with less patience, pings of a busy machine would fail
// because there are so many of them. All in milliseconds.

export interface ExpiryIntervals {
  ttlMs: number;
  /** how often the policy should be told the time */
  tickMs: number;
  /** one look at every row of the registry */
  scanMs: number;
  /** from the first attempt at a host to the last, and how long deletes wait after a start */
  cycleMs: number;
  /** between the starts of two attempts at one host */
  retryMs: number;
  /** between two rounds of canaries, and so between two passes that delete */
  passMs: number;
  /** without any traffic for this long the network may be gone; shorter than a cycle, so that an
   * outage that covers all attempts at a host is noticed before the last of them has failed */
  quietMs: number;
  /** what a host may take to answer a ping; at most `retryMs` */
  pingMs: number;
  /** what another server may take for its opinion: a ping of its own, and the way there and back */
  opinionMs: number;
  /** a tick that comes this much later, or a clock that jumps by it, means that nothing ran */
  stallMs: number;
}

/** No network in use answers slower; a machine does pause for this long (collection, disk). */
const patience = { leastMs: 250, mostMs: 5_000 };

/** A finer tick costs wake-ups; a coarser one makes the bursts of pings visible on the network. */
const tick = { leastMs: 10, mostMs: 1_000 };

/** `attempts` is the setting PingAttempts. */
export function expiryIntervals(ttlMs: number, attempts = 3): ExpiryIntervals {
  const waits = Math.max(1, attempts - 1);
  const pingMs = clamp(ttlMs / 720, patience.leastMs, patience.mostMs);
  // Attempts do not overlap, however short the TTL.
  const retryMs = Math.max(ttlMs / 25 / waits, pingMs);
  const cycleMs = retryMs * waits;
  return {
    ttlMs,
    tickMs: clamp(ttlMs / 3_600, tick.leastMs, tick.mostMs),
    scanMs: ttlMs / 60,
    cycleMs,
    retryMs,
    passMs: Math.max(ttlMs / 60, pingMs),
    quietMs: cycleMs * (25 / 30),
    pingMs,
    opinionMs: 2 * pingMs,
    stallMs: pingMs,
  };
}

/** Due times are spread by this share of the TTL, so that what came together is not pinged together. */
export const jitterShare = 0.05;

/** How long after its last interaction the host with this address hash is due for a ping. */
export function dueAfterMs(ttlMs: number, addressHash: number): number {
  const spread = (addressHash / 0xffff_ffff) * 2 - 1;
  return ttlMs * (1 + jitterShare * spread);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
