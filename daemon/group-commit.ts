// Group commit: requests are committed in groups, one transaction each, and answered afterwards, because a commit costs
// the same for one request as for fifty. A group is everything that is there: the event loop accepts one connection in
// a round, so rounds go on until one brings nothing new. When the last group shows that many clients ask at once, the
// next one waits a moment for more. Ten milliseconds end it: connections may come without end, and ask nothing.
import { EventEmitter } from 'node:events';
import type { Refusal } from '../shared/protocol/message.ts';

/** Has replies to send once the group is committed. */
export interface Waiting {
  /** `failure`: nothing of this group could be stored; null: all of it is on disk. */
  release(failure: Refusal | null): void;
}

/** Requests in a group that show that clients ask at once: one client that waits for replies makes groups of 1. */
const groupUnderLoad = 4;

/** Longest wait for more requests, ms: about what a commit takes. */
const gatherMs = 2;

/** Longest time for a group to become complete, ms: several times what one of many clients takes. */
const completeMs = 10;

/** Requests that are enough for one commit: waiting for more would save less than it delays. */
const fullGroup = 64;

/** How to commit, and when to wait for more. */
export interface GroupCommitOptions {
  /** Commits all pending changes; returns why it could not, or null. Does not throw. */
  persist: () => Refusal | null;
  /** Connections so far: each new one is about to send a request. A datagram is one already. */
  arrivals: () => number;
  /** The requests were gathered elsewhere (by workers): never wait for more. */
  isGathered?: boolean;
  /** monotonic ms */
  now?: () => number;
}

/** Events of a group, without arguments. */
export interface GroupCommitEvents {
  /** A group is committed; no reply of it has been sent yet. */
  stored: [];
  /** A group is committed, and its replies are on their way. */
  released: [];
}

/** Collects those that wait for a commit; one for each process with connections. */
export class GroupCommit extends EventEmitter<GroupCommitEvents> {
  private readonly options: GroupCommitOptions;
  private readonly now: () => number;
  private waiting = new Set<Waiting>();
  /** requests of the group beyond one for each that waits */
  private more = 0;
  private lastGroup = 0;
  /** when the group began, monotonic ms */
  private began = 0;
  /** calls of `add`, ever */
  private added = 0;
  private seenArrivals = 0;
  private round: NodeJS.Immediate | null = null;
  private gathering: NodeJS.Timeout | null = null;

  constructor(options: GroupCommitOptions) {
    super();
    this.options = options;
    this.now = options.now ?? (() => performance.now());
  }

  /**
   * Releases `waiting` when its group is committed, once, however often it was added. `requests`: how many of its
   * requests are in the group.
   */
  add(waiting: Waiting, requests = 1): void {
    this.added++;
    this.waiting.add(waiting);
    this.more += requests - 1;
    if (this.round !== null || this.gathering !== null) return;
    this.began = this.now();
    this.nextRound();
  }

  /** Commits and releases now: for a stop, and for changes that did not come from a node. */
  end(): Refusal | null {
    if (this.round !== null) clearImmediate(this.round);
    if (this.gathering !== null) clearTimeout(this.gathering);
    this.round = null;
    this.gathering = null;
    const released = this.waiting;
    this.waiting = new Set();
    this.lastGroup = released.size + this.more;
    this.more = 0;
    const failure = this.options.persist();
    if (failure === null) this.emit('stored');
    for (const each of released) each.release(failure);
    if (failure === null) this.emit('released');
    return failure;
  }

  private nextRound(): void {
    this.round = setImmediate(() => this.endOfRound());
  }

  private endOfRound(): void {
    this.round = null;
    const isDue = this.now() - this.began >= completeMs;
    if (isDue || this.waiting.size + this.more >= fullGroup) this.end();
    else if (this.hasNewArrivals()) this.nextRound();
    else if (this.lastGroup < groupUnderLoad || this.options.isGathered) this.end();
    else this.gathering = setTimeout(() => this.end(), gatherMs);
  }

  /** Whether a connection came, or a worker sent more, since the last call. */
  private hasNewArrivals(): boolean {
    const arrivals = this.options.isGathered ? this.added : this.options.arrivals();
    const isNew = arrivals !== this.seenArrivals;
    this.seenArrivals = arrivals;
    return isNew;
  }
}
