// Group commit: all that arrived in one turn of the event loop is put on the disk in one
// transaction, and only then answered. While a commit waits for the disk, requests gather in the
// kernel, so groups grow by themselves under load.
import type { Refusal } from '../shared/protocol/message.ts';

/** Someone with replies to send, once it is known whether what they say is on the disk. */
export interface Waiting {
  /** `failure`: nothing of this turn could be stored; null: all of it is. */
  release(failure: Refusal | null): void;
}

export class Turn {
  private readonly persist: () => Refusal | null;
  private waiting = new Set<Waiting>();
  private scheduled: NodeJS.Immediate | null = null;

  /** `persist` commits what is pending and tells why it could not. It does not throw. */
  constructor(persist: () => Refusal | null) {
    this.persist = persist;
  }

  /** `waiting` is released at the end of this turn, once, however often it is added. */
  add(waiting: Waiting): void {
    this.waiting.add(waiting);
    this.scheduled ??= setImmediate(() => this.end());
  }

  /** Ends the turn now: for a stop, and for changes that did not come over the network. */
  end(): Refusal | null {
    if (this.scheduled !== null) clearImmediate(this.scheduled);
    this.scheduled = null;
    const released = this.waiting;
    this.waiting = new Set();
    const failure = this.persist();
    for (const each of released) each.release(failure);
    return failure;
  }
}
