// Watches the wall clock of this machine, tells what happens to it, and lets tombstones age by it. What
// is made of a clock that was wrong is in core/clock-lead.ts.

import { wallNow } from '../../shared/wall-clock.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { History } from '../core/stats/history.ts';
import { ClockLead } from '../core/sync/clock-lead.ts';
import type { Membership } from '../core/sync/membership.ts';
import type { Clocks } from '../core/timing/timing.ts';
import type { Logger } from '../log.ts';
import { clocks } from '../machine/clocks.ts';

export interface ClockWatchingOptions {
  registry: Registry;
  membership: Pick<Membership, 'clocks' | 'forgetClocks'>;
  history: History;
  log: Pick<Logger, 'warn'>;
}

export class ClockWatching {
  private readonly registry: Registry;
  private readonly lead: ClockLead;

  constructor({ registry, membership, history, log }: ClockWatchingOptions) {
    this.registry = registry;
    const told = (text: string) => {
      log.warn(text);
      history.add(wallNow(), 'clock', null, text);
    };
    const peerClocks = () => membership.clocks(performance.now());
    const stepped = () => membership.forgetClocks();
    this.lead = new ClockLead({ registry, peerClocks, stepped, told }, clocks());
  }

  /** Called regularly; what it changes is pending in the registry. */
  tick(now: Clocks): void {
    this.lead.tick(now);
    this.registry.collectTombstones(this.lead.agingWall(now) - this.registry.tombstoneMs);
  }
}
