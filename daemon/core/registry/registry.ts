// The registry: every host that this name server knows, in columns of typed arrays. A million hosts take about
// 100 bytes each. Columns are reserved for `maxHosts` at once; the system commits their memory as rows fill.
//
// Invariants: those of the roster (roster.ts). Every record has a version; a change made here takes a new
// version and a new entry in the change log. `pending` has every change that is not on the disk yet.
import { addressWords, formatAddress } from '../../../shared/protocol/address.ts';
import type { HostChange, HostDialect } from '../../../shared/protocol/sync-message.ts';
import { ChangeLog, VersionVector } from './change-log.ts';
import { DialectColumn, HostVersions, latestTime, NumberColumn } from './columns.ts';
import { Digest } from './digest.ts';
import type { HostRecord, Registered, RegistryOptions, StoredHost } from './host-record.ts';
import { isFromTheFuture, judge, type MergeOutcome, unknownLeave } from './merge.ts';
import { NodeIds } from './node-ids.ts';
import { type Pending, PendingRows } from './pending-rows.ts';
import { Roster } from './roster.ts';
import { noRow, type RowList } from './row-list.ts';
import { RowSet } from './row-set.ts';
import { SourceShares } from './source-shares.ts';
import { briefMs, leastTombstoneMs, tombstoneRows } from './tombstones.ts';
import { HybridClock, maxAheadMs, type Version } from './version.ts';

export type * from './host-record.ts';

/** All hosts of a name server, and every way in which they change. */
export class Registry extends Roster {
  /** Live hosts at most. */
  readonly maxHosts: number;
  readonly nodeIds: NodeIds;
  readonly firstSeen: NumberColumn;
  readonly lastSeen: NumberColumn;
  /** Counts up with every change that a console could show. */
  revision = 0;
  /** The changes made here, for the peers. */
  readonly log: ChangeLog;
  /** The latest entry on the disk; peers are sent none after it. */
  committedEntry = 0;
  readonly versions: HostVersions;
  readonly digest: Digest;
  /** Up to which entry the log of each other server is applied here. */
  readonly applied: VersionVector;
  readonly shares: SourceShares;
  /** Unproved hosts dropped from the full registry to make room for others. */
  crowdedOut = 0;
  /** A contact is a change of its own when it is this much later than the version, in ms. */
  publishAfterMs = Number.POSITIVE_INFINITY;
  tombstoneMs = leastTombstoneMs;

  /** Makes the versions of the changes made here. */
  readonly clock: HybridClock;
  private readonly dialects: DialectColumn;
  readonly changedAt: NumberColumn;
  /** Rows of hosts that left or were removed here: their tombstones have the version of that. */
  readonly left = new RowSet();
  readonly unstored = new PendingRows();

  constructor(options: RegistryOptions) {
    const rows = Math.max(options.maxHosts + tombstoneRows(options.maxHosts), options.rows ?? 0);
    super(rows, options.horizon ?? 0);
    this.maxHosts = options.maxHosts;
    this.nodeIds = new NodeIds(rows);
    this.firstSeen = new NumberColumn(rows);
    this.lastSeen = new NumberColumn(rows);
    this.dialects = new DialectColumn(rows);
    this.changedAt = new NumberColumn(rows);
    this.versions = new HostVersions(rows);
    this.digest = new Digest(this, this.versions);
    this.log = new ChangeLog(rows);
    this.applied = new VersionVector(options.applied);
    this.clock = new HybridClock(options.server ?? '');
    const { maxHosts, perSource = Number.POSITIVE_INFINITY, salt = 0 } = options;
    this.shares = new SourceShares(this, { maxHosts, rows, perSource, salt });
  }

  /**
   * A registry with these hosts, each in its row below `options.rows`; nothing is pending.
   * @throws RangeError when two hosts have the same address, or a row is not below `options.rows`
   */
  static restore(hosts: Iterable<StoredHost>, options: RegistryOptions): Registry {
    const registry = new Registry(options);
    const { now = Number.POSITIVE_INFINITY } = options;
    for (const host of hosts) {
      const { row, version } = host;
      registry.restoreRow(host);
      registry.nodeIds.set(row, host.nodeId);
      registry.firstSeen.set(row, host.firstSeen);
      registry.lastSeen.set(row, host.lastSeen);
      registry.changedAt.set(row, host.changedAt);
      registry.dialects.set(row, host.dialect);
      if (host.hasLeft) registry.left.add(row);
      registry.versions.set(row, version);
      registry.clock.observe(version, now);
      registry.clock.noteTime(latestTime(registry, row));
      registry.log.restore(row, host.entry);
      if (host.state === 'live') registry.digest.toggle(row);
    }
    registry.indexRows(0, registry.rowsUsed);
    for (let row = 0; row < registry.rowsUsed; row++) registry.shares.count(row, 1);
    registry.linkByChange();
    registry.log.linkByEntry(registry.rowsUsed, options.entry ?? 0);
    registry.committedEntry = registry.log.last;
    return registry;
  }

  /** The row's host, live or gone. */
  record(row: number): HostRecord {
    const { firstSeen, lastSeen, state, dialect, change, changedAt } = this.stored(row);
    const address = formatAddress(this.addresses, row * addressWords);
    const nodeId = this.nodeIds.get(row);
    return { address, nodeId, firstSeen, lastSeen, state, dialect, change, changedAt };
  }

  /** The row's host as peers are sent it. */
  hostChange(row: number): HostChange {
    const { change: _change, changedAt: _changedAt, ...host } = this.record(row);
    return { ...host, version: this.versions.get(row) };
  }

  dialectOf(row: number): HostDialect {
    return this.dialects.at(row);
  }

  /** The row as the store keeps it; `words` is a view of the column, not a copy. */
  stored(row: number): StoredHost {
    return {
      row,
      words: this.addresses.subarray(row * addressWords, (row + 1) * addressWords),
      nodeId: this.nodeIds.packed(row),
      firstSeen: this.firstSeen.at(row),
      lastSeen: this.lastSeen.at(row),
      state: this.isLive(row) ? 'live' : 'gone',
      dialect: this.dialectOf(row),
      change: this.changeOf(row),
      changedAt: this.changedAt.at(row),
      version: this.versions.get(row),
      isProved: this.isProved(row),
      hasLeft: this.left.has(row),
      entry: this.log.entryOf(row),
    };
  }

  /**
   * A contact of the node at the address packed at `words[0]`: registers it, or notes that it was seen again.
   * @param now ms since 1970, here and below
   */
  register(words: Uint32Array, nodeId: string, dialect: HostDialect, now: number): Registered {
    let row = this.find(words, 0);
    if (row !== noRow && this.isLive(row)) {
      // Digests go by versions, so what differs otherwise would stay different.
      const spoken = this.dialects.afterContact(row, dialect);
      const isAnother = !this.nodeIds.equals(row, nodeId) || spoken !== this.dialectOf(row);
      if (isAnother) {
        this.nodeIds.set(row, nodeId);
        this.setProved(row, false);
        this.markPending(row);
      }
      this.touch(row, isAnother ? dialect : spoken, now);
      if (isAnother) this.publish(row, now);
      return 'refreshed';
    }
    if (!this.shares.hasRoomFor(words)) return 'over-share';
    if (this.live.length >= this.maxHosts && !this.makeRoom(words, now)) return 'full';
    const isReturning = row !== noRow;
    if (!isReturning) {
      row = this.newRow(words);
      // The row may have held another host, which was seen later.
      this.lastSeen.set(row, now);
    }
    // A node that comes back keeps its first contact; another node at its address does not inherit it.
    if (!isReturning || !this.nodeIds.equals(row, nodeId)) {
      this.firstSeen.set(row, now);
      this.setProved(row, false);
    }
    this.nodeIds.set(row, nodeId);
    this.stamp(row, now);
    this.digest.toggle(row);
    this.markPending(row);
    this.touch(row, dialect, now);
    this.changeTo(this.live, row, now);
    return isReturning ? 'returned' : 'registered';
  }

  /** A contact of the live host in `row`. It moves last seen also while the clock is set back: that ends a suspicion. */
  seen(row: number, now: number): void {
    this.clock.noteTime(now);
    const lastSeen = this.lastSeen.at(row);
    this.lastSeen.set(row, now < lastSeen ? lastSeen + 1 : now);
    this.markContact(row);
    // A version is never older than the contact that it covers.
    const unpublished = this.lastSeen.at(row) - this.versions.msOf(row);
    if (unpublished >= this.publishAfterMs) this.publish(row, now);
  }

  /**
   * The live host in `row` answered a ping of this server: it was seen, and it is proved, also after a
   * restart, until another node or another dialect is at its address.
   */
  prove(row: number, now: number): void {
    if (this.setProved(row, true)) this.markPending(row);
    this.seen(row, now);
  }

  /** Deletes the live host in `row`, leaving a tombstone later than every contact that is known here. */
  remove(row: number, now: number): void {
    const seen = this.lastSeen.at(row);
    this.bury(row, now);
    // Another server heard the contact, with a clock that is ahead of this one.
    this.stamp(row, now, seen < now + maxAheadMs ? Math.max(now, seen + 1) : now);
    this.left.add(row);
  }

  /** A host that is not live here leaves: the tombstone deletes it at the servers where it is live. */
  leaveUnknown(words: Uint32Array, nodeId: string, now: number): void {
    const known = this.find(words, 0);
    const row = known === noRow ? this.newRow(words) : known;
    if (known !== noRow) this.clock.observe(this.versions.get(row), now);
    this.overwrite(row, unknownLeave(nodeId, this.clock.next(now)), now);
    this.left.add(row);
    this.log.append(row);
  }

  /** Deletes the live host in `row`, which did not answer. Its version stays, so any later contact wins. */
  expire(row: number, now: number): void {
    this.bury(row, now);
    this.log.append(row);
  }

  /** Merges another server's record of the host at the address packed at `words[0]` (merge.ts). */
  merge(change: HostChange, words: Uint32Array, now: number): MergeOutcome {
    const { version, state } = change;
    if (isFromTheFuture(change, now) || !this.versions.hasRoomFor(version.server)) return 'refused';
    this.clock.observe(version, now);
    const row = this.find(words, 0);
    if (row === noRow) {
      if (state === 'live' && this.isLeftOver(change, now)) return 'stale';
      if (state === 'live' && this.live.length >= this.maxHosts) return 'full';
      this.overwrite(this.newRow(words), change, now);
      return 'applied';
    }
    const known = this.isLive(row) ? 'live' : 'gone';
    const lastSeen = this.lastSeen.at(row);
    const before = this.versions.get(row);
    const outcome = judge({ state: known, lastSeen, version: before }, change);
    if (outcome === 'applied' || (outcome === 'contested' && known === 'gone')) {
      const isNewcomer = state === 'live' && known === 'gone';
      if (isNewcomer && this.live.length >= this.maxHosts) return 'full';
      this.overwrite(row, change, now);
    } else if (change.lastSeen > lastSeen) {
      this.lastSeen.set(row, change.lastSeen);
      this.markContact(row);
    }
    if (outcome === 'contested') {
      // The contact wins over the tombstone, and loses to any leave after it.
      const seen = Math.min(this.lastSeen.at(row), now);
      this.publish(row, now, this.clock.at(seen, state === 'gone' ? version : before));
    }
    return outcome;
  }

  /** Whether the host's last contact is so long ago that a tombstone of it may have been dropped since. */
  isLeftOver({ lastSeen }: { lastSeen: number }, now: number): boolean {
    return lastSeen < now - this.clock.doubtedMs - this.tombstoneMs + maxAheadMs;
  }

  /** Drops the tombstones of hosts that went before `before`, ms since 1970. @returns how many */
  collectTombstones(before: number): number {
    const { length } = this.gone;
    while (this.gone.first !== noRow && this.changedAt.at(this.gone.first) < before)
      this.dropOldestTombstone();
    return length - this.gone.length;
  }

  /** Whether anything is not on the disk yet. */
  get hasPending(): boolean {
    return this.unstored.length > 0 || this.applied.hasPending;
  }

  /** What is not on the disk yet. It stays pending until `settle`. */
  pending(): Pending {
    return {
      ...this.unstored.lists(),
      horizon: this.horizon,
      entry: this.log.last,
      applied: this.applied.pending(),
    };
  }

  /** The store has committed everything that was pending. */
  settle(): void {
    this.unstored.settle();
    this.applied.settle();
    this.committedEntry = this.log.last;
  }

  /** Drops an unproved host for a newcomer whose source has fewer hosts. @returns false if it found none */
  private makeRoom(words: Uint32Array, now: number): boolean {
    const row = this.shares.rowToDrop(words);
    if (row === noRow) return false;
    this.remove(row, now);
    this.crowdedOut++;
    return true;
  }

  protected override move(row: number, to: RowList): void {
    this.shares.count(row, -1);
    this.left.delete(row);
    super.move(row, to);
    this.shares.count(row, 1);
  }

  protected override freeRow(row: number): void {
    this.shares.count(row, -1);
    super.freeRow(row);
  }

  /** A change made here: a new entry and a new version, larger than the row's unless that is from the future. */
  private stamp(row: number, now: number, from = now): void {
    this.clock.observe(this.versions.get(row), now + this.clock.leadMs);
    this.versions.set(row, this.clock.next(from));
    this.log.append(row);
  }

  /** Makes the latest contact of the live host in `row` a change, with a new version or with `version`. */
  publish(row: number, now: number, version?: Version): void {
    this.digest.toggle(row);
    this.stamp(row, now);
    if (version !== undefined) this.versions.set(row, version);
    this.digest.toggle(row);
    this.markContact(row);
  }

  private bury(row: number, now: number): void {
    this.digest.toggle(row);
    this.markPending(row);
    this.changeTo(this.gone, row, now);
  }

  /** Puts another server's record into `row`, which is new or has an older version. */
  private overwrite(row: number, change: Omit<HostChange, 'address'>, now: number): void {
    const { state, nodeId, firstSeen, lastSeen, version } = change;
    const list = state === 'live' ? this.live : this.gone;
    const from = this.isLive(row) ? this.live : this.isGone(row) ? this.gone : null;
    if (from === this.live) this.digest.toggle(row);
    if (!this.nodeIds.equals(row, nodeId)) this.setProved(row, false);
    this.nodeIds.set(row, nodeId);
    this.firstSeen.set(row, firstSeen);
    this.lastSeen.set(row, from === null ? lastSeen : Math.max(lastSeen, this.lastSeen.at(row)));
    this.dialects.set(row, change.dialect);
    this.log.remove(row);
    this.left.delete(row);
    this.versions.set(row, version);
    if (state === 'live') this.digest.toggle(row);
    this.markPending(row);
    // To nodes, only coming and going is a change.
    if (from !== list) this.changeTo(list, row, now);
  }

  private touch(row: number, dialect: HostDialect, now: number): void {
    if (this.dialectOf(row) !== dialect) {
      this.dialects.set(row, dialect);
      // A legacy host proves itself by accepting a connection, a native one by its answer.
      this.setProved(row, false);
      this.markPending(row);
    }
    this.seen(row, now);
  }

  /** Has the store write the whole row. */
  markPending(row: number): void {
    this.revision++;
    this.unstored.add(row);
  }

  /** Has the store write the row's contact, version and entry only. */
  markContact(row: number): void {
    this.revision++;
    this.unstored.addContact(row);
  }

  private changeTo(list: RowList, row: number, now: number): void {
    this.clock.noteTime(now);
    this.move(row, list);
    if (list === this.gone && now - this.firstSeen.at(row) >= briefMs) this.spans.wentFromAll(row);
    this.changedAt.set(row, now);
  }

  /** Takes a row; when none is free, the oldest tombstone gives up its own. */
  private newRow(words: Uint32Array): number {
    if (!this.hasFreeRow && this.gone.first !== noRow) this.dropOldestTombstone();
    return this.takeRow(words, 0);
  }

  private dropOldestTombstone(): void {
    const row = this.gone.first;
    this.unstored.forgotten.push(row);
    this.log.remove(row);
    this.freeRow(row);
    this.revision++;
  }
}
