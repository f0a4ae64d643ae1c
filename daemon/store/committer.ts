// Commits what is pending, and keeps going when the disk does not: after a failed commit nothing is
// lost, because it all stays pending; requests are told so at once, and the disk is tried again at
// most once a second until it takes everything.
import type { Refusal } from '../../shared/protocol/message.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { Counters } from '../core/stats/counters.ts';
import type { Clocks } from '../core/timing/timing.ts';
import type { HostStore } from './host-store.ts';
import type { StoreError } from './store-error.ts';

/** A full disk is not asked more often: each attempt blocks the event loop. */
const retryAfterMs = 1_000;

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
   * `changed` is called when commits begin to fail and when they succeed again, `mended` when files
   * were taken from under the daemon and are there again.
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

  /** Commits; a refusal tells that nothing of it is on the disk yet. Does not throw. */
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

  /** Once a second or so: notices files that were taken from under the daemon. Does not throw. */
  look(): void {
    // Then the next commit tries.
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

/** Said to nodes: what they can do, without the server's paths. */
const refusal: Refusal = {
  code: 'not-stored',
  text: 'this name server cannot write its registry now; the hosts listed are good, register with another one',
};
