// The registry: every host this name server knows, packed into columns, so that a million hosts
// cost about 100 bytes each and a list of them is made without touching an object. Columns are
// reserved for `maxHosts` at once; the system commits their memory as rows fill.
//
// Invariants: those of the roster; `pending` names every row, written or forgotten, that the store
// has not been told of. Every record has a version; a change made here takes a new one, and a
// new entry in this server's log, which its peers are sent.
import { addressWords, formatAddress } from '../../../shared/protocol/address.ts';
import type { HostChange } from '../../../shared/protocol/sync-message.ts';
import { ChangeLog } from './change-log.ts';
import { Digest } from './digest.ts';
import type {
  HostDialect,
  HostRecord,
  Pending,
  Registered,
  RegistryOptions,
  RestoreOptions,
  StoredHost,
} from './host-record.ts';
import { HostVersions } from './host-versions.ts';
import { isFromTheFuture, judge, type MergeOutcome, unheardLeave } from './merge.ts';
import { NodeIds } from './node-ids.ts';
import { NumberColumn } from './number-column.ts';
import { PendingRows } from './pending-rows.ts';
import { Roster } from './roster.ts';
import { noRow, type RowList } from './row-list.ts';
import { SourceShares } from './source-shares.ts';
import { latestTime } from './taking-back.ts';
import { leastTombstoneMs, tombstoneRows } from './tombstones.ts';
import { HybridClock, maxAheadMs, type Version } from './version.ts';
import { VersionVector } from './version-vector.ts';

export type * from './host-record.ts';

const legacyFlag = 1;

export class Registry extends Roster {
  readonly maxHosts: number;
  readonly nodeIds: NodeIds;
  readonly firstSeen: NumberColumn;
  readonly lastSeen: NumberColumn;
  /** Grows with everything that a console could show. */
  revision = 0;
  /** This server's changes, for its peers. */
  readonly log: ChangeLog;
  /** The latest entry on the disk: nothing after it may be told. */
  committedEntry = 0;
  readonly versions: HostVersions;
  readonly digest: Digest;
  /** Of each other server, up to where its log is in here. */
  readonly applied: VersionVector;
  readonly shares: SourceShares;
  /** Hosts that made room for others in the full registry. */
  crowdedOut = 0;
  /** A contact that moves `last seen` by this much is a change of its own. */
  publishAfterMs = Number.POSITIVE_INFINITY;
  tombstoneMs = leastTombstoneMs;

  /** Of this server's versions. */
  readonly clock: HybridClock;
  private readonly flags: Uint8Array;
  readonly changedAt: NumberColumn;
  private readonly unstored = new PendingRows();

  constructor(options: RegistryOptions) {
    const rows = Math.max(options.maxHosts + tombstoneRows(options.maxHosts), options.rows ?? 0);
    super(rows, options.horizon ?? 0);
    this.maxHosts = options.maxHosts;
    this.nodeIds = new NodeIds(rows);
    this.firstSeen = new NumberColumn(rows);
    this.lastSeen = new NumberColumn(rows);
    this.flags = new Uint8Array(rows);
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
   * A registry with these hosts, each in a row of its own below `rows`; nothing is pending.
   * @throws RangeError when two have the same address, or one is in a row behind the last
   */
  static restore(hosts: Iterable<StoredHost>, options: RestoreOptions): Registry {
    const registry = new Registry(options);
    const { now = Number.POSITIVE_INFINITY } = options;
    for (const host of hosts) {
      const { row, version } = host;
      registry.restoreRow(host);
      registry.shares.count(row, 1);
      registry.nodeIds.set(row, host.nodeId);
      registry.firstSeen.set(row, host.firstSeen);
      registry.lastSeen.set(row, host.lastSeen);
      registry.changedAt.set(row, host.changedAt);
      registry.flags[row] = host.dialect === 'legacy' ? legacyFlag : 0;
      registry.versions.set(row, version);
      registry.clock.observe(version, now);
      registry.clock.noteTime(latestTime(registry, row));
      registry.log.restore(row, host.entry);
      if (host.state === 'live') registry.digest.toggle(row);
    }
    registry.linkByChange();
    registry.log.linkByEntry(registry.rowsUsed, options.entry ?? 0);
    registry.committedEntry = registry.log.last;
    return registry;
  }

  record(row: number): HostRecord {
    const { firstSeen, lastSeen, state, dialect, change, changedAt } = this.stored(row);
    return {
      address: formatAddress(this.addresses, row * addressWords),
      nodeId: this.nodeIds.get(row),
      ...{ firstSeen, lastSeen, state, dialect, change, changedAt },
    };
  }

  dialectOf(row: number): HostDialect {
    return (this.flags[row] as number) & legacyFlag ? 'legacy' : 'native';
  }

  /** The row as the store keeps it; its words are the columns' own. */
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
      entry: this.log.entryOf(row),
    };
  }

  /** An interaction of the host at `words[0..4]` at `now`: it is stored, or seen again. */
  register(words: Uint32Array, nodeId: string, dialect: HostDialect, now: number): Registered {
    let row = this.find(words, 0);
    if (row !== noRow && this.isLive(row)) {
      const isAnother = !this.nodeIds.equals(row, nodeId);
      if (isAnother) {
        this.nodeIds.set(row, nodeId);
        this.setProved(row, false);
        this.markPending(row);
      }
      this.touch(row, dialect, now);
      if (isAnother) this.publish(row, now);
      return 'refreshed';
    }
    if (!this.shares.hasRoomFor(words)) return 'over-share';
    if (this.live.length >= this.maxHosts && !this.makeRoom(words, now)) return 'full';
    const isReturning = row !== noRow;
    if (isReturning) {
      // The same node came back: it is known since then. Another one at its address is not.
      if (!this.nodeIds.equals(row, nodeId)) {
        this.firstSeen.set(row, now);
        this.setProved(row, false);
      }
    } else {
      row = this.newRow(words);
      this.firstSeen.set(row, now);
      // Not as late as another one that was in this row before.
      this.lastSeen.set(row, now);
    }
    this.nodeIds.set(row, nodeId);
    this.stamp(row, now);
    this.digest.toggle(row);
    this.markPending(row);
    this.touch(row, dialect, now);
    this.changeTo(this.live, row, now);
    return isReturning ? 'returned' : 'registered';
  }

  /** The live host in `row` proved that it lives, without saying anything new about itself. */
  seen(row: number, now: number): void {
    this.clock.noteTime(now);
    this.lastSeen.set(row, Math.max(now, this.lastSeen.at(row)));
    this.markContact(row);
    // A version is made at the contact it tells of, or after it.
    const unpublished = this.lastSeen.at(row) - this.versions.msOf(row);
    if (unpublished >= this.publishAfterMs) this.publish(row, now);
  }

  /**
   * The live host in `row` answered a ping of this server: it was seen, and is proved from now on, also
   * after a restart, for as long as the same node speaks the same dialect at its address.
   */
  prove(row: number, now: number): void {
    if (this.setProved(row, true)) this.markPending(row);
    this.seen(row, now);
  }

  /** The clock was ahead when the live host in `row` was seen last: it counts as seen at `now`. */
  seenAtMost(row: number, now: number): void {
    if (this.lastSeen.at(row) <= now) return;
    this.lastSeen.set(row, now);
    this.markContact(row);
  }

  /** The live host in `row` goes: a tombstone stays in its place. */
  remove(row: number, now: number): void {
    this.bury(row, now);
    this.stamp(row, now);
  }

  /** The host at `words[0..4]`, which is not live here, leaves: where it is live, this tombstone wins. */
  leaveUnheard(words: Uint32Array, nodeId: string, now: number): void {
    const known = this.find(words, 0);
    const row = known === noRow ? this.newRow(words) : known;
    if (known !== noRow) this.clock.observe(this.versions.get(row), now);
    this.overwrite(row, unheardLeave(nodeId, this.clock.next(now)), now);
    this.log.append(row);
  }

  /** Another server's tombstone of `version` says nothing of the live host in `row`: that is told. */
  outlive(row: number, version: Version, now: number): void {
    this.clock.observe(version, now);
    this.publish(row, now);
  }

  /** The live host in `row` did not answer. The tombstone has the version judged: any later contact wins. */
  expire(row: number, now: number): void {
    this.bury(row, now);
    this.log.append(row);
  }

  /** Another server's record of the host at `words[0..4]`, which arrived at `now`. */
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
    if (outcome === 'contested') this.publish(row, now, state === 'gone' ? version : before);
    return outcome;
  }

  /** Whether a tombstone that buries the host may have been collected since its last contact. */
  isLeftOver({ lastSeen }: { lastSeen: number }, now: number): boolean {
    return lastSeen < now - this.clock.doubtedMs - this.tombstoneMs + maxAheadMs;
  }

  /** Forgets the tombstones of hosts that were gone before `before`; returns how many. */
  collectTombstones(before: number): number {
    const { length } = this.gone;
    while (this.gone.first !== noRow && this.changedAt.at(this.gone.first) < before)
      this.forgetOldestTombstone();
    return length - this.gone.length;
  }

  get hasPending(): boolean {
    return this.unstored.length > 0 || this.applied.hasPending;
  }

  /** What the store has not been told of. It stays pending until `settle`. */
  pending(): Pending {
    return {
      ...this.unstored.lists(),
      horizon: this.horizon,
      entry: this.log.last,
      applied: this.applied.pending(),
    };
  }

  /** Everything pending is on disk. */
  settle(): void {
    this.unstored.settle();
    this.applied.settle();
    this.committedEntry = this.log.last;
  }

  /** Drops an unproved host for a newcomer at `words[0..4]` whose source has fewer; false: there is none. */
  private makeRoom(words: Uint32Array, now: number): boolean {
    const row = this.shares.rowToDrop(words);
    if (row === noRow) return false;
    this.remove(row, now);
    this.crowdedOut++;
    return true;
  }

  protected override move(row: number, to: RowList): void {
    this.shares.count(row, -1);
    super.move(row, to);
    this.shares.count(row, 1);
  }

  protected override freeRow(row: number): void {
    this.shares.count(row, -1);
    super.freeRow(row);
  }

  /** A change made here, at the end of the log. Its version is larger than the row's, unless no peer takes that. */
  private stamp(row: number, now: number): void {
    this.clock.observe(this.versions.get(row), now + this.clock.leadMs);
    this.versions.set(row, this.clock.next(now));
    this.log.append(row);
  }

  /** `tombstone`: what the contact of the row wins over, as of when it was; a leave since then wins over it. */
  private publish(row: number, now: number, tombstone?: Version): void {
    this.digest.toggle(row);
    this.stamp(row, now);
    const seen = Math.min(this.lastSeen.at(row), now);
    if (tombstone !== undefined) this.versions.set(row, this.clock.at(seen, tombstone));
    this.digest.toggle(row);
    this.markContact(row);
  }

  private bury(row: number, now: number): void {
    this.digest.toggle(row);
    this.markPending(row);
    this.changeTo(this.gone, row, now);
  }

  /** `row` is new, or its record loses to `change`. */
  private overwrite(row: number, change: Omit<HostChange, 'address'>, now: number): void {
    const { state, nodeId, firstSeen, lastSeen, version } = change;
    const list = state === 'live' ? this.live : this.gone;
    const from = this.isLive(row) ? this.live : this.isGone(row) ? this.gone : null;
    if (from === this.live) this.digest.toggle(row);
    if (!this.nodeIds.equals(row, nodeId)) this.setProved(row, false);
    this.nodeIds.set(row, nodeId);
    this.firstSeen.set(row, firstSeen);
    this.lastSeen.set(row, from === null ? lastSeen : Math.max(lastSeen, this.lastSeen.at(row)));
    this.flags[row] = change.dialect === 'legacy' ? legacyFlag : 0;
    this.log.remove(row);
    this.versions.set(row, version);
    if (state === 'live') this.digest.toggle(row);
    this.markPending(row);
    // That it was seen again, or is gone once more, is no change to nodes.
    if (from !== list) this.changeTo(list, row, now);
  }

  private touch(row: number, dialect: HostDialect, now: number): void {
    const flags = this.flags[row] as number;
    if (((flags & legacyFlag) !== 0) !== (dialect === 'legacy')) {
      this.flags[row] = flags ^ legacyFlag;
      // That a port accepts connections is no answer of a native host, nor the other way round.
      this.setProved(row, false);
      this.markPending(row);
    }
    this.seen(row, now);
  }

  /** The row is written with what is pending. */
  markPending(row: number): void {
    this.revision++;
    this.unstored.add(row);
  }

  private markContact(row: number): void {
    this.revision++;
    this.unstored.addContact(row);
  }

  private changeTo(list: RowList, row: number, now: number): void {
    this.clock.noteTime(now);
    this.move(row, list);
    this.changedAt.set(row, now);
  }

  /** The oldest tombstone makes room when there is none. */
  private newRow(words: Uint32Array): number {
    if (!this.hasFreeRow && this.gone.first !== noRow) this.forgetOldestTombstone();
    return this.takeRow(words, 0);
  }

  private forgetOldestTombstone(): void {
    const row = this.gone.first;
    this.unstored.forgotten.push(row);
    this.log.remove(row);
    this.freeRow(row);
    this.revision++;
  }
}
