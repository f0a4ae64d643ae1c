// Rounds of canaries: a few hosts that answered a ping before, and were in contact most recently, are
// pinged, because they are the ones most surely alive. When they answer, this server's network works.
// One that did not answer is asked again when all others were: else a few who keep in touch and do not
// answer would be asked in every round, and deletes would be frozen for ever.
import type { Registry } from '../registry/registry.ts';
import type { ExpiryEffect, Ping } from './expiry-effects.ts';
import type { RecentHost } from './recent-hosts.ts';

/** Enough that a few dead ones among them do not matter, few enough to be no load. */
export const maxCanaries = 20;

/** So many are to choose from: as many rounds as it takes to notice that a few do not answer any more. */
export const canaryCandidates = 3 * maxCanaries;

/** Those of the last fifty rounds. */
const maxFailed = 50 * maxCanaries;

export interface CanaryResult {
  answered: number;
  asked: number;
}

export class Canaries {
  private readonly registry: Registry;
  private readonly open = new Map<Ping, number>();
  /** rows of those that did not answer, and the change that made each live; the latest last */
  private readonly failed = new Map<number, number>();
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

  /** Starts a round with those of the candidates that are still there. */
  start(hosts: readonly RecentHost[], mono: number, pingMs: number, effects: ExpiryEffect[]): void {
    const { registry } = this;
    const isThere = ({ row, change }: RecentHost) =>
      registry.isLive(row) && registry.changeOf(row) === change && registry.isProved(row);
    const order = [...this.failed.keys()];
    const failedAt = ({ row, change }: RecentHost) =>
      this.failed.get(row) === change ? order.indexOf(row) : -1;
    const there = hosts.filter(isThere).toSorted((a, b) => failedAt(a) - failedAt(b));
    for (const { row } of there.slice(0, maxCanaries)) {
      const { address, nodeId, dialect } = registry.record(row);
      const ping: Ping = { kind: 'ping', address, nodeId, dialect, timeoutMs: pingMs };
      this.open.set(ping, row);
      effects.push(ping);
    }
    this.result = { answered: 0, asked: this.open.size };
    this.endsAt = mono + pingMs;
  }

  /** The report of a ping; ignored when it is not one of this round. */
  pingEnded(ping: Ping, answered: boolean | null): void {
    const row = this.open.get(ping);
    if (row === undefined) return;
    this.open.delete(ping);
    this.failed.delete(row);
    if (answered === true && this.result !== null) this.result.answered++;
    else this.remember(row);
  }

  /** The result of the round, once, when every report is here or the time for it has passed. */
  takeResult(mono: number): CanaryResult | null {
    if (this.open.size > 0 && mono < this.endsAt) return null;
    const { result } = this;
    for (const row of this.open.values()) this.remember(row);
    this.open.clear();
    this.result = null;
    return result;
  }

  private remember(row: number): void {
    this.failed.delete(row);
    this.failed.set(row, this.registry.changeOf(row));
    const [oldest] = this.failed.keys();
    if (this.failed.size > maxFailed) this.failed.delete(oldest as number);
  }
}
