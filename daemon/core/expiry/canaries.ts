// Canaries: the proved hosts most recently in contact, which are the most likely to be alive. They are pinged in
// rounds; when they answer, this server's network works. A canary that did not answer is pinged again only after
// all others: otherwise a few hosts that send `alive` and answer no ping would freeze deletions for ever.
import type { Registry } from '../registry/registry.ts';
import type { ExpiryEffect, Ping } from './expiry-effects.ts';

/** Canaries in a round: enough that a few dead ones do not decide it, few enough to be no load. */
export const maxCanaries = 20;

/** Candidates kept for the rounds: three rounds without asking one twice. */
export const canaryCandidates = 3 * maxCanaries;

/** Failed canaries remembered: those of the last 50 rounds. */
const maxFailed = 50 * maxCanaries;

/** The result of a round: hosts that answered, of those pinged. */
export interface CanaryResult {
  answered: number;
  asked: number;
}

/** One round of canaries at a time. */
export class Canaries {
  private readonly registry: Registry;
  private readonly open = new Map<Ping, number>();
  /** rows of canaries that did not answer, with the change that made each live; the latest last */
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

  /** Starts a round with the candidates that are still live and proved; pushes its pings to `effects`. */
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

  /** Reports a ping; those of other rounds are ignored. */
  pingEnded(ping: Ping, answered: boolean | null): void {
    const row = this.open.get(ping);
    if (row === undefined) return;
    this.open.delete(ping);
    this.failed.delete(row);
    if (answered === true && this.result !== null) this.result.answered++;
    else this.remember(row);
  }

  /** The result of the round, once: when every ping was reported, or timed out. Null before. */
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

/** A contact of a host, as the scan saw it: rows change during a scan. */
export interface RecentHost {
  row: number;
  /** number of the change that made the host live; another number means another host in the row */
  change: number;
  /** ms since 1970 */
  lastSeen: number;
}

interface Collected extends RecentHost {
  source: string;
}

/** Per source: no source is most of the canaries, and none depends on a single host. */
export const maxRecentPerSource = 2;

/** Collects the `limit` hosts most recently in contact during a scan. */
export class RecentHosts {
  /** the latest contact first */
  private hosts: Collected[] = [];
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a host seen at `lastSeen` would be kept, unless its source has enough. */
  wants(lastSeen: number): boolean {
    if (this.hosts.length < this.limit) return true;
    return lastSeen > (this.hosts[this.limit - 1] as RecentHost).lastSeen;
  }

  /** `source`: of the host's address, by `sourceOf`. */
  offer(host: RecentHost, source: string): void {
    if (!this.wants(host.lastSeen)) return;
    const { hosts } = this;
    const { row, change, lastSeen } = host;
    let ofSource = 0;
    let earliest = 0;
    let place = hosts.length;
    for (let at = hosts.length - 1; at >= 0; at--) {
      const other = hosts[at] as Collected;
      if (other.lastSeen < lastSeen) place = at;
      if (other.source === source && ofSource++ === 0) earliest = at;
    }
    if (ofSource >= maxRecentPerSource) {
      if (earliest < place) return;
      hosts.splice(earliest, 1);
    }
    hosts.splice(place, 0, { row, change, lastSeen, source });
    if (hosts.length > this.limit) hosts.pop();
  }

  /** Returns the collected hosts, the latest contact first, and starts anew. */
  take(): RecentHost[] {
    const hosts = this.hosts.map(({ row, change, lastSeen }) => ({ row, change, lastSeen }));
    this.hosts = [];
    return hosts;
  }
}
