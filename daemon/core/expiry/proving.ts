// Proves hosts: pings those that have never answered, soon after they registered and then once per TTL, because a
// node may leave its NAT. A host that does not answer stays unproved; it is not suspected for that. Scans the
// unproved rows, a slice per tick, as long as there is room for another ping.
import { addressWords, isIpv4 } from '../../../shared/protocol/address.ts';
import { sourceOf } from '../../../shared/protocol/address-kind.ts';
import type { Unable } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Ping } from './expiry-effects.ts';
import { type ExpiryIntervals, expiryIntervals } from './expiry-intervals.ts';

/** Proving pings in flight, beside the 512 of suspects and canaries: six per second if no host answers. */
export const maxProving = 32;

/** Proving pings in flight to one source, so that a source with many silent ports delays only itself. */
const maxProvingPerSource = 4;

/** Chooses the unproved hosts to ping; `mono` is monotonic time in ms. */
export class Proving {
  private readonly registry: Registry;
  private intervals: ExpiryIntervals;
  /** pings in flight, each with its source */
  private readonly pings = new Map<Ping, string>();
  private readonly bySource = new Map<string, number>();
  private row = 0;
  private walks = 0;
  /** the latest change when this scan and the one before began: hosts with later changes are new */
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

  /**
   * The pings to send now; report each to `ended`.
   * @param cannotPing an address family to which no ping can be sent; others try that (ability.ts)
   */
  tick(mono: number, cannotPing: Unable | null = null): Ping[] {
    const { registry, intervals } = this;
    const { rowsUsed } = registry;
    // A stall is not caught up: a tick after it costs no more than one before.
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
      else if (this.isWanted(next) && !this.isOf(next, cannotPing)) this.ping(next, pings);
    }
    return pings;
  }

  /** A ping of `tick` was answered or timed out; other pings are ignored. */
  ended(ping: Ping): void {
    const source = this.pings.get(ping);
    if (source === undefined) return;
    this.pings.delete(ping);
    const left = (this.bySource.get(source) ?? 1) - 1;
    if (left === 0) this.bySource.delete(source);
    else this.bySource.set(source, left);
  }

  private isWanted(row: number): boolean {
    // Hosts that did not answer are spread over the scans of a TTL by their rows.
    const walksEachTtl = Math.max(1, Math.round(this.intervals.ttlMs / this.intervals.scanMs));
    return this.registry.changeOf(row) > this.newSince || (row + this.walks) % walksEachTtl === 0;
  }

  private isOf(row: number, family: Unable | null): boolean {
    if (family !== 'ipv4' && family !== 'ipv6') return false;
    return isIpv4(this.registry.addresses, row * addressWords) === (family === 'ipv4');
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
