// Changes of the list of hosts as an async iterator. Each reader has a queue of its own, which begins when the
// iterator is made. A slow reader loses nothing and costs bounded memory: changes beyond a number are merged, so
// that adding and removing a host cancel out.
import type { Change } from './known-hosts.ts';

/** A change of the list, and who said so. */
export interface HostsChange extends Change {
  /**
   * Who said so: a name server; a node, about hosts that no name server named; or nobody (`expiry`): the host was
   * not named for the TTL and does not answer.
   */
  by: 'name-server' | 'node' | 'expiry';
  /** `ip:port` of who said it; null for `expiry`. */
  from: string | null;
}

/** Changes queued one by one; a reader that is further behind receives the rest as one change. */
const maxWaiting = 100;

/** The queue of one reader. */
export class Changes implements AsyncIterableIterator<HostsChange> {
  private readonly waiting: HostsChange[] = [];
  private readonly readers: ((result: IteratorResult<HostsChange, undefined>) => void)[] = [];
  private readonly onEnd: (changes: Changes) => void;
  private hasEnded = false;

  /** @param onEnd called when the iterator ends, by `end` or by its reader */
  constructor(onEnd: (changes: Changes) => void) {
    this.onEnd = onEnd;
  }

  /** Queues a change. */
  push(change: HostsChange): void {
    if (this.hasEnded) return;
    const reader = this.readers.shift();
    if (reader !== undefined) reader({ value: change, done: false });
    else if (this.waiting.length < maxWaiting) this.waiting.push(change);
    else this.waiting.push(merged(this.waiting.pop() as HostsChange, change));
  }

  /** Ends the iterator after the queued changes. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.onEnd(this);
    for (const reader of this.readers.splice(0)) reader({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<HostsChange, undefined>> {
    const value = this.waiting.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.hasEnded) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.readers.push(resolve));
  }

  return(): Promise<IteratorResult<HostsChange, undefined>> {
    this.waiting.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function merged(first: HostsChange, then: HostsChange): HostsChange {
  const added = new Set(first.added);
  const gone = new Set(first.gone);
  for (const host of then.gone) if (!added.delete(host)) gone.add(host);
  for (const host of then.added) if (!gone.delete(host)) added.add(host);
  return { ...then, added: [...added], gone: [...gone] };
}
