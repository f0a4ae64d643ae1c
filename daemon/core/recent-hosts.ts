// The few hosts that were in contact most recently, collected while the registry is walked anyway.
// Each is kept with the contact that was seen, because the rows go on changing during the walk.

export interface RecentHost {
  row: number;
  /** number of the change that made it live: the row's host is another one when it differs */
  change: number;
  lastSeen: number;
}

export class RecentHosts {
  /** the latest contact first */
  private hosts: RecentHost[] = [];
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a host seen at `lastSeen` would be kept. */
  wants(lastSeen: number): boolean {
    if (this.hosts.length < this.limit) return true;
    return lastSeen > (this.hosts[this.limit - 1] as RecentHost).lastSeen;
  }

  offer(host: RecentHost): void {
    if (!this.wants(host.lastSeen)) return;
    const later = this.hosts.findIndex((other) => other.lastSeen < host.lastSeen);
    this.hosts.splice(later === -1 ? this.hosts.length : later, 0, host);
    if (this.hosts.length > this.limit) this.hosts.pop();
  }

  /** Empties it; returns what was collected, the latest contact first. */
  take(): RecentHost[] {
    const hosts = this.hosts;
    this.hosts = [];
    return hosts;
  }
}
