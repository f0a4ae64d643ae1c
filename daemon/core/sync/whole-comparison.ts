// Whether comparing has brought everything that a peer had: then, and not before, a list made here lacks
// nothing of it. Its log is not enough, for it tells only of what the peer itself registered. Digests may
// differ for ever, since hosts come meanwhile, so that what counts is a comparison that looked at all of it.
import { bucketCount } from '../registry/digest.ts';
import { maxBuckets } from './repair.ts';

/**
 * Answers after the one that named the last differing bucket: with the first its rows are here and asked
 * for, with the second they have come.
 */
const answersUntilHere = 2;

export class WholeComparison {
  private readonly named = new Set<number>();
  private answersLeft = Number.POSITIVE_INFINITY;

  /** What a digest was answered with, by the peer or by this server. @returns whether everything that it had is here by now */
  answered(buckets: readonly number[]): boolean {
    if (buckets.length === 0 || --this.answersLeft <= 0) return true;
    for (const bucket of buckets) this.named.add(bucket);
    const hasNamedAll = buckets.length < maxBuckets || this.named.size === bucketCount;
    if (hasNamedAll) this.answersLeft = Math.min(this.answersLeft, answersUntilHere);
    return false;
  }
}
