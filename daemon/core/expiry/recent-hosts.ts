// The few hosts that were in contact most recently, collected while the registry is walked anyway, and
// of one source no more than two: whoever has an address must not be most of them. Each is kept with
// the contact that was seen, because the rows go on changing during the walk.

export interface RecentHost {
  row: number;
  /** number of the change that made it live: the row's host is another one when it differs */
  change: number;
  lastSeen: number;
}

interface Collected extends RecentHost {
  source: string;
}

/** A second one, so that a source does not depend on a single host of it. */
export const maxRecentPerSource = 2;

export class RecentHosts {
  /** the latest contact first */
  private hosts: Collected[] = [];
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a host seen at `lastSeen` would be kept, if its source has not enough already. */
  wants(lastSeen: number): boolean {
    if (this.hosts.length < this.limit) return true;
    return lastSeen > (this.hosts[this.limit - 1] as RecentHost).lastSeen;
  }

  /** `source`: whom its address belongs to, as `sourceOf` says. */
  offer(host: RecentHost, source: string): void {
    if (!this.wants(host.lastSeen)) return;
    const { hosts } = this;
    const same = hosts.filter((other) => other.source === source);
    if (same.length >= maxRecentPerSource) {
      const earliest = same.at(-1) as Collected;
      if (earliest.lastSeen >= host.lastSeen) return;
      hosts.splice(hosts.indexOf(earliest), 1);
    }
    const later = hosts.findIndex((other) => other.lastSeen < host.lastSeen);
    hosts.splice(later === -1 ? hosts.length : later, 0, { ...host, source });
    if (hosts.length > this.limit) hosts.pop();
  }

  /** Empties it; returns what was collected, the latest contact first. */
  take(): RecentHost[] {
    const hosts = this.hosts.map(({ source, ...host }) => host);
    this.hosts = [];
    return hosts;
  }
}
