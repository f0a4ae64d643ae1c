// Pings the hosts that never answered one, so that nodes which are there are told from those that only
// say so: each soon after it came, and again once a TTL, since a node may be behind a NAT today and not
// tomorrow. A host that does not answer is not suspected for it; it stays unproved. Walks the unproved
// rows, a slice a tick, and goes on when there is room for one more ping.
import { addressWords } from '../../../shared/protocol/address.ts';
import { sourceOf } from '../../../shared/protocol/address-kind.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Ping } from './expiry-effects.ts';
import { type ExpiryIntervals, expiryIntervals } from './expiry-intervals.ts';

/** Pings in flight at once, beside the 512 of suspects and canaries: six a second if nobody answers. */
export const maxProving = 32;

/** Of those, to one source: whoever names many ports that do not answer delays itself. */
const maxProvingPerSource = 4;

export class Proving {
  private readonly registry: Registry;
  private intervals: ExpiryIntervals;
  /** in flight, each with its source */
  private readonly pings = new Map<Ping, string>();
  private readonly bySource = new Map<string, number>();
  private row = 0;
  private walks = 0;
  /** the latest change when this walk began, and the one before: what came since is new */
  private walkBegan: number;
  private newSince: number;
  private debt = 0;
  private lastAt: number;

  constructor(options: { registry: Registry; ttlMs: number; mono: number }) {
    this.registry = options.registry;
    this.intervals = expiryIntervals(options.ttlMs);
    this.walkBegan = options.registry.change;
    this.newSince = options.registry.change;
    this.lastAt = options.mono;
  }

  configure(ttlMs: number): void {
    this.intervals = expiryIntervals(ttlMs);
  }

  /** The pings that are to be sent at `mono`; each has to be reported to `ended`. */
  tick(mono: number): Ping[] {
    const { registry, intervals } = this;
    const { rowsUsed } = registry;
    // A stall is not made up for: a tick costs no more after it than before.
    const elapsedMs = Math.min(mono - this.lastAt, intervals.stallMs);
    this.lastAt = mono;
    this.debt = Math.min(rowsUsed, this.debt + (rowsUsed * elapsedMs) / intervals.scanMs);
    const pings: Ping[] = [];
    while (this.debt >= 1 && this.pings.size < maxProving) {
      const next = registry.unprovedRows.from(this.row);
      const passed = (next === noRow ? rowsUsed : next + 1) - this.row;
      if (passed > this.debt) {
        this.row += Math.floor(this.debt);
        this.debt -= Math.floor(this.debt);
        break;
      }
      this.debt -= passed;
      this.row += passed;
      if (next === noRow) this.wrap();
      else if (this.isWanted(next)) this.ping(next, pings);
    }
    return pings;
  }

  /** A ping of this has its answer, or none; whatever else is reported is ignored. */
  ended(ping: Ping): void {
    const source = this.pings.get(ping);
    if (source === undefined) return;
    this.pings.delete(ping);
    const left = (this.bySource.get(source) ?? 1) - 1;
    if (left === 0) this.bySource.delete(source);
    else this.bySource.set(source, left);
  }

  private isWanted(row: number): boolean {
    // Those who did not answer are spread over the walks of a TTL by their rows.
    const walksEachTtl = Math.max(1, Math.round(this.intervals.ttlMs / this.intervals.scanMs));
    return this.registry.changeOf(row) > this.newSince || (row + this.walks) % walksEachTtl === 0;
  }

  private ping(row: number, pings: Ping[]): void {
    const source = sourceOf(this.registry.addresses, row * addressWords);
    const open = this.bySource.get(source) ?? 0;
    if (open >= maxProvingPerSource) return;
    const { address, nodeId, dialect } = this.registry.record(row);
    const timeoutMs = this.intervals.pingMs;
    const ping: Ping = { kind: 'ping', address, nodeId, dialect, timeoutMs };
    this.pings.set(ping, source);
    this.bySource.set(source, open + 1);
    pings.push(ping);
  }

  private wrap(): void {
    this.row = 0;
    this.walks++;
    this.newSince = this.walkBegan;
    this.walkBegan = this.registry.change;
  }
}
