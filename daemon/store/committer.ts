// Commits what is pending in the registry, and keeps the daemon running when the disk fails: after a failed
// commit everything stays pending, requests are refused at once, and the commit is retried at most once a
// second.
import type { Refusal } from '../../shared/protocol/message.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { Counters } from '../core/stats/counters.ts';
import type { Clocks } from '../core/timing/timing.ts';
import type { HostStore } from './host-store.ts';
import type { StoreError } from './store-error.ts';

/** Interval between attempts while commits fail: each one blocks the event loop. */
const retryAfterMs = 1_000;

/** Whether the registry can be written. */
export interface StorageHealth {
  /** why commits fail, and since when (ms since 1970); null while they succeed */
  trouble: { reason: string; since: number } | null;
}

export class Committer implements StorageHealth {
  trouble: StorageHealth['trouble'] = null;
  private readonly store: HostStore;
  private readonly registry: Registry;
  private readonly counters: Counters;
  private readonly clocks: () => Clocks;
  private readonly changed: (trouble: StorageHealth['trouble']) => void;
  private readonly mended: (text: string) => void;
  private triedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param options.changed called when commits begin to fail, and when they succeed again
   * @param options.mended called when the database was deleted or replaced and has been written again
   */
  constructor(options: {
    store: HostStore;
    registry: Registry;
    counters: Counters;
    clocks: () => Clocks;
    changed: (trouble: StorageHealth['trouble']) => void;
    mended: (text: string) => void;
  }) {
    this.store = options.store;
    this.registry = options.registry;
    this.counters = options.counters;
    this.clocks = options.clocks;
    this.changed = options.changed;
    this.mended = options.mended;
  }

  /** Commits everything pending. @returns the refusal to send if nothing of it is on the disk; never throws */
  commit(): Refusal | null {
    if (!this.registry.hasPending) return null;
    const { mono, wall } = this.clocks();
    if (this.trouble !== null && mono - this.triedAt < retryAfterMs) return refusal;
    this.triedAt = mono;
    try {
      this.report(this.store.commit(this.registry));
      this.counters.commits++;
      if (this.trouble !== null) this.set(null);
      return null;
    } catch (error) {
      this.counters.commitFailures++;
      this.failed(error as StoreError, wall);
      return refusal;
    }
  }

  /** Call once a second: notices that the database was deleted or replaced, and writes it again. Never throws. */
  look(): void {
    // The next commit will try.
    if (this.trouble !== null && this.registry.hasPending) return;
    try {
      const mended = this.store.look(this.registry);
      this.report(mended);
      if (mended !== null && this.trouble !== null) this.set(null);
    } catch (error) {
      this.failed(error as StoreError, this.clocks().wall);
    }
  }

  private report(mended: string | null): void {
    if (mended !== null) this.mended(mended);
  }

  private failed({ message: reason }: StoreError, since: number): void {
    if (this.trouble === null) this.set({ reason, since });
    else this.trouble.reason = reason;
  }

  private set(trouble: StorageHealth['trouble']): void {
    this.trouble = trouble;
    this.changed(trouble);
  }
}

/** For nodes: what they can do, without the server's paths. */
const refusal: Refusal = {
  code: 'not-stored',
  text: 'this name server cannot write its registry now; the listed hosts are valid, register with another name server',
};
