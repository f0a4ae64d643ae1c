// Commits the pending changes of the registry, and keeps the daemon running when the disk fails: after a failed
// commit everything stays pending, requests are refused at once, and the commit is retried at most once a
// second.

import type { Counters } from '../../shared/counters.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { Clocks } from '../core/timing/timing.ts';
import type { HostStore } from './host-store.ts';
import type { StoreError } from './store-error.ts';

/** Interval between attempts while commits fail: each one blocks the event loop. */
const retryAfterMs = 1_000;

/** Why commits fail, and since when (ms since 1970); null while they succeed. */
export type StorageTrouble = { reason: string; since: number } | null;

/** What a committer works with. */
export interface CommitterOptions {
  store: HostStore;
  registry: Registry;
  counters: Counters;
  clocks: () => Clocks;
  /** called when commits begin to fail, and when they succeed again */
  changed: (trouble: StorageTrouble) => void;
  /** called with how long each transaction took, ms, whether it failed or not */
  took?: (ms: number) => void;
}

/** Commits the registry, and reports when that fails. */
export class Committer {
  trouble: StorageTrouble = null;
  private readonly options: CommitterOptions;
  private triedAt = Number.NEGATIVE_INFINITY;

  constructor(options: CommitterOptions) {
    this.options = options;
  }

  /** Commits everything pending. @returns the refusal to send if nothing of it is on the disk; never throws */
  commit(): Refusal | null {
    const { store, registry, counters, clocks, took } = this.options;
    if (!registry.hasPending) return null;
    const { mono, wall } = clocks();
    if (this.trouble !== null && mono - this.triedAt < retryAfterMs) return refusal;
    this.triedAt = mono;
    try {
      store.commit(registry);
      counters.commits++;
      if (this.trouble !== null) this.set(null);
      return null;
    } catch (error) {
      counters.commitFailures++;
      this.failed(error as StoreError, wall);
      return refusal;
    } finally {
      took?.(clocks().mono - mono);
    }
  }

  /**
   * Call once a second: notices that the database was deleted or replaced, and writes it again. Never throws.
   * @param isLast the daemon stops: all of it is written now
   */
  look(isLast = false): void {
    const { store, registry, clocks } = this.options;
    // The next commit will try.
    if (this.trouble !== null && registry.hasPending && !isLast) return;
    try {
      store.look(registry, isLast);
      if (this.trouble !== null && !registry.hasPending) this.set(null);
    } catch (error) {
      this.failed(error as StoreError, clocks().wall);
    }
  }

  private failed({ message: reason }: StoreError, since: number): void {
    if (this.trouble === null) this.set({ reason, since });
    else this.trouble.reason = reason;
  }

  private set(trouble: StorageTrouble): void {
    this.trouble = trouble;
    this.options.changed(trouble);
  }
}

/** For nodes: what they can do, without the server's paths. */
const refusal: Refusal = {
  code: 'not-stored',
  text: 'this name server cannot write its registry now; the listed hosts are valid, register with another name server',
};
