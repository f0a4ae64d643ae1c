// Commits what is pending, and keeps going when the disk does not: after a failed commit nothing is
// lost, because it all stays pending; requests are told so at once, and the disk is tried again at
// most once a second until it takes everything.
import type { Counters } from '../../shared/ipc/contract.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import type { Registry } from '../core/registry.ts';
import type { Clocks } from '../core/self-preservation.ts';
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
  private triedAt = Number.NEGATIVE_INFINITY;

  /** `changed` is called when commits begin to fail and when they succeed again. */
  constructor(options: {
    store: HostStore;
    registry: Registry;
    counters: Counters;
    clocks: () => Clocks;
    changed: (trouble: StorageHealth['trouble']) => void;
  }) {
    this.store = options.store;
    this.registry = options.registry;
    this.counters = options.counters;
    this.clocks = options.clocks;
    this.changed = options.changed;
  }

  /** Commits; a refusal tells that nothing of it is on the disk yet. Does not throw. */
  commit(): Refusal | null {
    if (!this.registry.hasPending) return null;
    const { mono, wall } = this.clocks();
    if (this.trouble !== null && mono - this.triedAt < retryAfterMs) return refusal;
    this.triedAt = mono;
    try {
      this.store.commit(this.registry);
      this.counters.commits++;
      if (this.trouble !== null) this.set(null);
      return null;
    } catch (error) {
      this.counters.commitFailures++;
      const reason = (error as StoreError).message;
      if (this.trouble === null) this.set({ reason, since: wall });
      else this.trouble.reason = reason;
      return refusal;
    }
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
