// The backlog and the limit of connections that the main process and its workers share: a pool of permits
// (core/admission/permits.ts), the admission of connections that the main process serves itself, and the load that each
// worker last reported.
import type { Occupancy } from '../core/admission/admission.ts';
import { type PermitClient, PermitPool } from '../core/admission/permits.ts';
import { SharedAdmission } from '../core/admission/shared-admission.ts';

/** A worker process, as it shares the backlog: its permits, and its load at its last report. */
export interface Sharer extends PermitClient {
  readonly backlog: number;
  readonly open: number;
}

/** The occupancy of a server with workers. */
export class SharedBacklog implements Occupancy {
  /** for the connections that this process serves itself */
  readonly admission: SharedAdmission;
  readonly pool: PermitPool;
  /** most connections at once, of all processes together */
  readonly limit: number;
  peak = 0;
  private readonly sharers = new Set<Sharer>();
  private recentPeak = 0;

  /** `backlog`, `limit`: most unanswered requests and connections at once, of all processes together. */
  constructor({ backlog, limit }: { backlog: number; limit: number }) {
    this.limit = limit;
    const pool = new PermitPool(backlog);
    // Later, as from another process: a connection that wants a permit is not ready for it within the call.
    const later = (run: () => void) => queueMicrotask(run);
    const admission: SharedAdmission = new SharedAdmission(
      { limit },
      {
        want: (wants, isComplete) => later(() => pool.want(own, wants, isComplete)),
        giveBack: (permits, isReply, incomplete) =>
          later(() => pool.giveBack(own, permits, isReply, incomplete)),
        changed: () => {},
      },
    );
    const own: PermitClient = {
      grant: (permits) => later(() => admission.grant(permits)),
      deny: (wants) => later(() => admission.deny(wants)),
      recall: () => later(() => admission.recall()),
      yield: (permits) => later(() => admission.yield(permits)),
      reclaim: (permits) => later(() => admission.reclaim(permits)),
      divided: (evenPart) => later(() => admission.divided(evenPart)),
    };
    pool.join(own);
    this.pool = pool;
    this.admission = admission;
  }

  get backlogLimit(): number {
    return this.pool.limit;
  }

  set backlogLimit(limit: number) {
    this.pool.resize(limit);
  }

  get backlog(): number {
    return this.sum('backlog');
  }

  get open(): number {
    return this.sum('open');
  }

  takePeak(): number {
    this.notePeak();
    const peak = this.recentPeak;
    this.recentPeak = this.backlog;
    return peak;
  }

  /** A worker process started. */
  join(sharer: Sharer): void {
    this.sharers.add(sharer);
    this.pool.join(sharer);
  }

  /** A worker process ended: its permits and connections are gone. */
  leave(sharer: Sharer): void {
    this.sharers.delete(sharer);
    this.pool.leave(sharer);
  }

  /** A worker reported its load. */
  notePeak(): void {
    const { backlog } = this;
    this.peak = Math.max(this.peak, backlog);
    this.recentPeak = Math.max(this.recentPeak, backlog);
  }

  private sum(what: 'backlog' | 'open'): number {
    let sum = this.admission[what];
    for (const each of this.sharers) sum += each[what];
    return sum;
  }
}
