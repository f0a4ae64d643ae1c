// When this server compares its digests with one peer (PROTOCOL.md, "Repair"): some time after they met, then
// regularly, again soon after a comparison that found a difference, and at once for an operator. An operator
// waits until a comparison that began after the request finds no difference. All times are monotonic, in ms.
// The peer answers comparisons in the order in which they began.
//
// After a start, comparisons also decide when this server knows everything: until they have brought all that each
// reachable peer has, a list made here must not be called `full`, because a node forgets what a full list does
// not name. Change logs are not enough: they lack hosts that registered with a server that is down now, and a
// peer that does not dial this server sends none.
import { bucketCount } from '../registry/digest.ts';
import type { Membership } from './membership.ts';
import type { Peer } from './peer.ts';
import { maxBuckets } from './repair.ts';

/** Between two comparisons, less up to a third at random. */
const regularMs = 30_000;

/** After a comparison that found a difference; doubles each time that it brings nothing. */
const againMs = 1_000;

/**
 * After a meeting: soon, for then the logs are most likely to lack something, but not before the peer has
 * dialled too, at its longest pause, or its log would send again what a repair has brought.
 */
const firstMs = 6_000;

/**
 * A server whose heartbeat had this server's digest within this time, ms, has the same records, but for what is on its
 * way. While hosts register anywhere, the digests of now differ nearly always, and mean nothing.
 */
export const sameMs = 10_000;

/** A few rounds. The operator then gets what has been done so far, and the comparing goes on. */
export const longestWaitMs = 10_000;

/** An operator wants this server and the peer at `address` compared now. */
export interface ComparisonWish {
  readonly address: string;
}

/** `equal`: no difference is left. `unfinished`: it goes on. `lost`: the connection was closed. */
export type ComparisonEnd = 'equal' | 'unfinished' | 'lost';

/** The result of a comparison that an operator requested. */
export interface Comparison {
  end: ComparisonEnd;
  /** records that the comparison brought here, and records that it gave to the peer */
  received: number;
  sent: number;
}

/** A wish that is over. */
export interface Finished {
  wish: ComparisonWish;
  result: Comparison;
}

interface Waiter {
  wish: ComparisonWish;
  /** comparisons that had begun before */
  after: number;
  until: number;
  received: number;
  sent: number;
}

/** The comparisons of one outbound session. */
export class Comparisons {
  private readonly random: () => number;
  private next = 0;
  private pause = againMs;
  private begunAt = Number.NEGATIVE_INFINITY;
  /** the last answer named as many buckets as one may, so others may differ, too */
  private mayBeMore = false;
  private begunCount = 0;
  private answeredCount = 0;
  private readonly waiters = new Set<Waiter>();

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.random = random;
  }

  /** The session is open. */
  met(mono: number): void {
    this.next = mono + firstMs;
  }

  /** An operator does not wait for a pause that has grown. */
  request(wish: ComparisonWish, mono: number): void {
    const until = mono + longestWaitMs;
    this.waiters.add({ wish, after: this.begunCount, until, received: 0, sent: 0 });
    this.next = mono;
    this.pause = againMs;
  }

  /** Somebody waits until nothing differs. */
  get isAwaited(): boolean {
    return this.waiters.size > 0;
  }

  isDue(mono: number): boolean {
    return mono >= this.next;
  }

  /** `isRegular`: the next one is due a regular time later. */
  begun(mono: number, isRegular: boolean): void {
    this.begunCount++;
    this.begunAt = mono;
    if (isRegular) this.nextRegular(mono);
  }

  /**
   * A heartbeat since the last comparison counts as one that found no difference.
   * @param sameAt when one had the digest of this server
   * @returns whether that makes the one that is due needless
   */
  isNeedless(sameAt: number, mono: number): boolean {
    if (this.isAwaited || sameAt <= this.begunAt || mono - sameAt >= sameMs) return false;
    this.pause = againMs;
    this.nextRegular(mono);
    return true;
  }

  private nextRegular(mono: number): void {
    this.next = mono + regularMs * (1 - this.random() / 3);
  }

  /** The peer has answered the oldest comparison that it had not answered, with the number of buckets that differ. */
  answered(differing: number, mono: number): Finished[] {
    this.answeredCount++;
    this.mayBeMore = differing >= maxBuckets;
    if (differing > 0) {
      this.next = mono + this.pause;
      // A difference that cannot be repaired now, because the peer is full for instance, is not tried each second.
      this.pause = Math.min(2 * this.pause, regularMs);
      return [];
    }
    this.pause = againMs;
    return this.finish('equal', ({ after }) => this.answeredCount > after);
  }

  /**
   * Records that were news here. When other buckets may differ, the next comparison is soon; else all that differed was
   * looked into, and in a fleet in which hosts register all the time something else does by now.
   */
  received(count: number): void {
    if (count > 0 && this.mayBeMore) this.pause = againMs;
    for (const waiter of this.waiters) waiter.received += count;
  }

  /** Records that the peer lacked. */
  sent(count: number): void {
    for (const waiter of this.waiters) waiter.sent += count;
  }

  tick(mono: number): Finished[] {
    return this.finish('unfinished', ({ until }) => mono >= until);
  }

  /** The connection is closed. */
  lost(): Finished[] {
    return this.finish('lost', () => true);
  }

  private finish(end: ComparisonEnd, isOver: (waiter: Waiter) => boolean): Finished[] {
    const over = [...this.waiters].filter(isOver);
    for (const waiter of over) this.waiters.delete(waiter);
    return over.map(({ wish, received, sent }) => ({ wish, result: { end, received, sent } }));
  }
}

/** Whether this server, which started a while ago, may still lack hosts that its peers know. */
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
    const { peers } = this.membership;
    const isEarly = this.isEarly(mono);
    const isAwaited = (peer: Peer) => !peer.isCompared && (isEarly || peer.isThere(mono));
    const isAlone = peers.length > 0 && !peers.some(({ isCompared }) => isCompared);
    this.isOver =
      !isReceiving && !isAlone && !this.membership.isSearching && !peers.some(isAwaited);
    return !this.isOver;
  }

  /** Whether there is somebody to catch up with: a peer is there, or may be about to come. */
  hasSource(mono: number): boolean {
    const { peers, isSearching } = this.membership;
    const mayCome = peers.length > 0 || isSearching;
    return peers.some((peer) => peer.isThere(mono)) || (mayCome && this.isEarly(mono));
  }

  private isEarly(mono: number): boolean {
    this.startedAt ??= mono;
    return mono - this.startedAt < this.membership.times.settledMs;
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
