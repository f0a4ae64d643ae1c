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
