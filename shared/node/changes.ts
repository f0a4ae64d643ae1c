// Changes of the list as an async iterator: for each reader a queue of its own, which begins when it
// is made. A reader that is slow loses nothing and costs bounded memory: what waits beyond a number
// is merged, so that adding and forgetting a host cancel out.
import type { Change } from './known-hosts.ts';

export interface HostsChange extends Change {
  /**
   * Whose word it is: a name server's; a node's, for hosts that no name server named; or this node's
   * own finding, that a host neither was named for the time to live nor answers.
   */
  by: 'name-server' | 'node' | 'expiry';
  /** `ip:port` of who said it; null for `expiry`. */
  from: string | null;
}

/** Changes that wait one by one; a reader that is further behind gets the rest as one. */
const maxWaiting = 100;

export class Changes implements AsyncIterableIterator<HostsChange> {
  private readonly waiting: HostsChange[] = [];
  private readonly readers: ((result: IteratorResult<HostsChange, undefined>) => void)[] = [];
  private readonly onEnd: (changes: Changes) => void;
  private hasEnded = false;

  /** `onEnd`: nobody reads any more. */
  constructor(onEnd: (changes: Changes) => void) {
    this.onEnd = onEnd;
  }

  push(change: HostsChange): void {
    if (this.hasEnded) return;
    const reader = this.readers.shift();
    if (reader !== undefined) reader({ value: change, done: false });
    else if (this.waiting.length < maxWaiting) this.waiting.push(change);
    else this.waiting.push(merged(this.waiting.pop() as HostsChange, change));
  }

  /** What waits is still read. */
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
