// What a name server finds when it starts again: everything up to its last commit and nothing after
// it. A commit happens whole or, while the disk is full, not at all.
import type { Applied } from '../../daemon/core/registry/change-log.ts';
import type { Registry, StoredHost } from '../../daemon/core/registry/registry.ts';

export class Disk {
  epoch: string;
  /** nothing can be written */
  isFull = false;
  private hosts = new Map<number, StoredHost>();
  private applied = new Map<string, Applied>();
  private entry = 0;
  private horizon = 0;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  /** Takes what is pending in the registry; false when it cannot. */
  commit(registry: Registry): boolean {
    if (this.isFull) return false;
    const pending = registry.pending();
    for (const row of pending.forgotten) this.hosts.delete(row);
    for (const row of pending.rows) {
      if (!registry.isUsed(row)) continue;
      const host = registry.stored(row);
      this.hosts.set(row, {
        ...host,
        words: host.words.slice(),
        nodeId: registry.nodeIds.get(row),
      });
    }
    for (const row of pending.contacts) {
      const known = this.hosts.get(row);
      if (known === undefined) continue;
      const [lastSeen, entry] = [registry.lastSeen.at(row), registry.log.entryOf(row)];
      this.hosts.set(row, { ...known, lastSeen, version: registry.versions.get(row), entry });
    }
    for (const [server, applied] of pending.applied)
      if (applied === null) this.applied.delete(server);
      else this.applied.set(server, applied);
    this.entry = pending.entry;
    this.horizon = pending.horizon;
    registry.settle();
    return true;
  }

  /** What a registry is restored from. */
  contents() {
    const { hosts, applied, entry, horizon } = this;
    const records = [...hosts.values()];
    const rows = records.reduce((most, { row }) => Math.max(most, row + 1), 0);
    return { records, rows, applied, entry, horizon };
  }

  /** As it is now; commits do not change it any more. */
  copy(): Disk {
    const copy = new Disk(this.epoch);
    copy.hosts = new Map(this.hosts);
    copy.applied = new Map(this.applied);
    copy.entry = this.entry;
    copy.horizon = this.horizon;
    return copy;
  }
}
