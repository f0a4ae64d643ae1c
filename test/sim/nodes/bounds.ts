// How long after the mending a node may not know something yet, from the intervals of its engine and
// of the name servers. All in ms.
import { expiryIntervals, jitterShare } from '../../../daemon/core/expiry/expiry-intervals.ts';

/** What a question that was under way when its line broke may still wait for its answer, after that
 * for one from a known node. */
const patienceMs = 30_000 + 5_000;

/** A connection, a question and its answer on the longest line; a commit. */
const roundTripMs = 1_000;

/** Servers dial each other again at most 2 s apart, and send what the other lacks. */
export const settleMs = 10_000;

/** Of a mass of dead hosts a pass deletes 15 % of the registry, so that a third takes three. */
const passes = 3;

export function boundsFor(ttlMs: number, attempts: number) {
  const refreshMs = ttlMs / 12;
  // A node whose last round failed comes back after a refresh at most, ± 25 %.
  const refreshedMs = 1.25 * refreshMs + patienceMs + roundTripMs;
  // One that heard a name server: ± 5 %.
  const nextMs = 1.05 * refreshMs + roundTripMs;
  const { scanMs, cycleMs, opinionMs, passMs } = expiryIntervals(ttlMs, attempts);
  const deletedMs = ttlMs * (1 + jitterShare) + scanMs + cycleMs + 2 * opinionMs + passes * passMs;
  return { refreshedMs, nextMs, deletedMs };
}
