// Rounds of canaries: a few hosts that were in contact most recently are pinged, because they are
// the ones most surely alive. When they answer, this server's network works.
import type { ExpiryEffect, Ping } from './expiry-effects.ts';
import type { RecentHost } from './recent-hosts.ts';
import type { Registry } from './registry.ts';

/** Enough that a few dead ones among them do not matter, few enough to be no load. */
export const maxCanaries = 20;

export interface CanaryResult {
  answered: number;
  asked: number;
}

export class Canaries {
  private readonly registry: Registry;
  private readonly open = new Set<Ping>();
  private result: CanaryResult | null = null;
  private endsAt = 0;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  get isRunning(): boolean {
    return this.result !== null;
  }

  get pinging(): number {
    return this.open.size;
  }

  /** Starts a round with the hosts that are still there. */
  start(hosts: readonly RecentHost[], mono: number, pingMs: number, effects: ExpiryEffect[]): void {
    const { registry } = this;
    for (const { row, change } of hosts) {
      if (!registry.isLive(row) || registry.changeOf(row) !== change) continue;
      const { address, dialect } = registry.record(row);
      const ping: Ping = { kind: 'ping', address, dialect, timeoutMs: pingMs };
      this.open.add(ping);
      effects.push(ping);
    }
    this.result = { answered: 0, asked: this.open.size };
    this.endsAt = mono + pingMs;
  }

  /** The report of a ping; ignored when it is not one of this round. */
  pingEnded(ping: Ping, answered: boolean | null): void {
    if (this.open.delete(ping) && answered && this.result !== null) this.result.answered++;
  }

  /** The result of the round, once, when every report is here or the time for it has passed. */
  takeResult(mono: number): CanaryResult | null {
    if (this.open.size > 0 && mono < this.endsAt) return null;
    const { result } = this;
    this.open.clear();
    this.result = null;
    return result;
  }
}
