// Group commit: requests are put on the disk in groups, one transaction each, and only then
// answered. A group is what arrived in one turn of the event loop; when the last group shows that
// many clients ask at once, the next one waits a moment for more, because a commit costs the same
// for one request as for fifty.
import type { Refusal } from '../shared/protocol/message.ts';

/** Someone with replies to send, once it is known whether what they say is on the disk. */
export interface Waiting {
  /** `failure`: nothing of this turn could be stored; null: all of it is. */
  release(failure: Refusal | null): void;
}

/** A group of this size shows that clients ask at once: one that asks and waits makes groups of 1. */
const groupUnderLoad = 4;

/** Longest wait for more: what a commit takes on a disk that flushes its cache. */
const gatherMs = 2;

/** Enough to share one commit; waiting for more would save less than it delays. */
const fullGroup = 64;

export class Turn {
  private readonly persist: () => Refusal | null;
  private waiting = new Set<Waiting>();
  private lastGroup = 0;
  private endOfTurn: NodeJS.Immediate | null = null;
  private gathering: NodeJS.Timeout | null = null;

  /** `persist` commits what is pending and tells why it could not. It does not throw. */
  constructor(persist: () => Refusal | null) {
    this.persist = persist;
  }

  /** `waiting` is released when its group is on the disk, once, however often it is added. */
  add(waiting: Waiting): void {
    this.waiting.add(waiting);
    if (this.endOfTurn !== null) return;
    const isWorthWaiting = this.lastGroup >= groupUnderLoad && this.waiting.size < fullGroup;
    if (isWorthWaiting) this.gathering ??= setTimeout(() => this.end(), gatherMs);
    else this.endOfTurn = setImmediate(() => this.end());
  }

  /** Commits and answers now: for a stop, and for changes that did not come over the network. */
  end(): Refusal | null {
    if (this.endOfTurn !== null) clearImmediate(this.endOfTurn);
    if (this.gathering !== null) clearTimeout(this.gathering);
    this.endOfTurn = null;
    this.gathering = null;
    const released = this.waiting;
    this.waiting = new Set();
    this.lastGroup = released.size;
    const failure = this.persist();
    for (const each of released) each.release(failure);
    return failure;
  }
}
