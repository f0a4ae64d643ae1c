// Whether this server, which started a while ago, may still lack hosts that its peers know. Until comparing
// digests has brought everything that each reachable peer has, a list made here must not be called `full`,
// because a node forgets what a full list does not name. Change logs are not enough: they do not contain hosts
// that registered with a server that is down now, and a peer that does not dial this server sends none.
import { bucketCount } from '../registry/digest.ts';
import type { Membership, Peer } from './membership.ts';
import { maxBuckets } from './repair.ts';

export class CatchingUp {
  /** Never false again. */
  isOver = false;
  private readonly membership: Membership;
  private startedAt: number | null = null;

  constructor(membership: Membership) {
    this.membership = membership;
  }

  /**
   * Waits for a peer that does not answer until it would have settled. While no peer answers at all it goes
   * on, because what is lacking is unknown.
   * @param isReceiving a peer is sending the part of its change log from before it dialled
   */
  isUnderWay(mono: number, isReceiving: boolean): boolean {
    if (this.isOver) return false;
    const { peers, times } = this.membership;
    this.startedAt ??= mono;
    const isEarly = mono - this.startedAt < times.settledMs;
    const isAwaited = (peer: Peer) => !peer.isCompared && (isEarly || peer.isThere(mono));
    const isAlone = peers.length > 0 && !peers.some(({ isCompared }) => isCompared);
    this.isOver = !isReceiving && !isAlone && !peers.some(isAwaited);
    return !this.isOver;
  }
}

/**
 * Answers after the one that named the last differing bucket: with the first its rows are here and asked
 * for, with the second they have come.
 */
const answersUntilHere = 2;

/**
 * Whether comparing with one peer has brought everything that it has. Digests may differ for ever, since
 * hosts keep registering, so what counts is that every bucket that differed was looked into.
 */
export class WholeComparison {
  private readonly named = new Set<number>();
  private answersLeft = Number.POSITIVE_INFINITY;

  /**
   * @param buckets those that differ, as either side answered to a digest
   * @returns whether everything that the peer had is here by now
   */
  answered(buckets: readonly number[]): boolean {
    if (buckets.length === 0 || --this.answersLeft <= 0) return true;
    for (const bucket of buckets) this.named.add(bucket);
    const hasNamedAll = buckets.length < maxBuckets || this.named.size === bucketCount;
    if (hasNamedAll) this.answersLeft = Math.min(this.answersLeft, answersUntilHere);
    return false;
  }
}
