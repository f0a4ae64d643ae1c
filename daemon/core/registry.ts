// The registry: every host this name server knows, packed into columns, so that a million hosts
// cost about 100 bytes each and a list of them is made without touching an object. Columns are
// reserved for `maxHosts` at once; the system commits their memory as rows fill.
//
// Invariants: an address has at most one row; a row is in exactly one of the lists `live` and
// `gone`, each ordered by change number, or it is free; `pending` names every row and every
// forgotten address that the store has not been told of. Membership changes (a host appears, a
// host goes) are numbered; being seen again is not one.
import {
  AddressList,
  addressWords,
  formatAddress,
  maxAddressText,
  writeAddress,
} from '../../shared/protocol/address.ts';
import { AddressIndex } from './address-index.ts';
import { NodeIds } from './node-ids.ts';
import { createLinks, noRow, RowList } from './row-list.ts';

export type HostState = 'live' | 'gone';
export type HostDialect = 'native' | 'legacy';

/** A host as a record: what the store keeps and what a console shows. Times in ms since 1970. */
export interface HostRecord {
  address: string;
  nodeId: string;
  firstSeen: number;
  lastSeen: number;
  state: HostState;
  dialect: HostDialect;
  /** number of the change that made the host live or gone, and when that was */
  change: number;
  changedAt: number;
}

export type Registered = 'registered' | 'returned' | 'refreshed' | 'full';

/** What must be on disk before anything that followed from it is answered. */
export interface Pending {
  /** rows to write as they are now; some may be free again and are skipped */
  rows: readonly number[];
  /** addresses whose tombstones were collected */
  forgotten: readonly string[];
  /** the highest change number among all collected tombstones */
  horizon: number;
}

const liveFlag = 1;
const goneFlag = 2;
const legacyFlag = 4;
const pendingFlag = 8;

/** Rows for tombstones beside `maxHosts` hosts; when they run out, the oldest tombstone makes room. */
const tombstoneShare = 0.25;

/** How long a tombstone tells that its host is gone: nodes and peers that were away for a day learn it. */
export const tombstoneLifetimeMs = 24 * 3_600_000;

/** Largest `maxHosts`: row numbers and index slots stay far inside 32 bits. */
export const largestMaxHosts = 16_000_000;

export class Registry {
  readonly maxHosts: number;
  /** `ip:port` of each row, packed; read by the lists, written here only. */
  readonly addresses: Uint32Array;
  readonly nodeIds: NodeIds;
  readonly firstSeen: Float64Array;
  readonly lastSeen: Float64Array;
  readonly live: RowList;
  readonly gone: RowList;
  /** Rows below this were used at least once. */
  rowsUsed = 0;
  /** Number of the latest membership change. */
  change: number;
  /** Change numbers up to here may have lost their tombstones: a cursor before it is too old. */
  horizon: number;
  /** Grows with everything that a console could show. */
  revision = 0;

  private readonly flags: Uint8Array;
  private readonly changes: Float64Array;
  private readonly changedAt: Float64Array;
  private readonly index: AddressIndex;
  private readonly free: number[] = [];
  private pendingRows: number[] = [];
  private forgotten: string[] = [];

  /** `rows`: how many there must be at least. */
  constructor(options: { maxHosts: number; horizon?: number; rows?: number }) {
    this.maxHosts = options.maxHosts;
    const forTombstones = Math.ceil(options.maxHosts * tombstoneShare) + 1;
    const rows = Math.max(options.maxHosts + forTombstones, options.rows ?? 0);
    this.addresses = new Uint32Array(rows * addressWords);
    this.nodeIds = new NodeIds(rows);
    this.firstSeen = new Float64Array(rows);
    this.lastSeen = new Float64Array(rows);
    this.flags = new Uint8Array(rows);
    this.changes = new Float64Array(rows);
    this.changedAt = new Float64Array(rows);
    this.index = new AddressIndex(this.addresses);
    const links = createLinks(rows);
    this.live = new RowList(links);
    this.gone = new RowList(links);
    this.horizon = options.horizon ?? 0;
    this.change = this.horizon;
  }

  /**
   * A registry with the given records in it, at most `rows` of them, each of another address;
   * nothing is pending.
   * @throws RangeError when a record's address is none, or is not written as this program does
   */
  static restore(
    records: Iterable<HostRecord>,
    options: { maxHosts: number; horizon: number; rows: number },
  ): Registry {
    const registry = new Registry(options);
    const one = new AddressList(1);
    const written = Buffer.alloc(maxAddressText);
    for (const record of records) {
      one.length = 0;
      const bytes = Buffer.from(record.address, 'latin1');
      const isAddress = one.pushText(bytes, 0, bytes.length);
      if (!isAddress || bytes.compare(written, 0, writeAddress(one.words, 0, written, 0)) !== 0)
        throw new RangeError(`the stored address ${record.address} is malformed`);
      const row = registry.takeRow(one.words, 0);
      registry.nodeIds.set(row, record.nodeId);
      registry.firstSeen[row] = record.firstSeen;
      registry.lastSeen[row] = record.lastSeen;
      registry.changes[row] = record.change;
      registry.changedAt[row] = record.changedAt;
      registry.flags[row] =
        (record.state === 'live' ? liveFlag : goneFlag) |
        (record.dialect === 'legacy' ? legacyFlag : 0);
    }
    registry.linkByChange();
    return registry;
  }

  /** The row of the address packed at `words[at]`, live or gone, or `noRow`. */
  find(words: Uint32Array, at: number): number {
    return this.index.find(words, at);
  }

  isLive(row: number): boolean {
    return ((this.flags[row] as number) & liveFlag) !== 0;
  }

  isGone(row: number): boolean {
    return ((this.flags[row] as number) & goneFlag) !== 0;
  }

  /** Number of the change that made the row's host appear or go. */
  changeOf(row: number): number {
    return this.changes[row] as number;
  }

  record(row: number): HostRecord {
    const flags = this.flags[row] as number;
    return {
      address: formatAddress(this.addresses, row * addressWords),
      nodeId: this.nodeIds.get(row),
      firstSeen: this.firstSeen[row] as number,
      lastSeen: this.lastSeen[row] as number,
      state: flags & liveFlag ? 'live' : 'gone',
      dialect: flags & legacyFlag ? 'legacy' : 'native',
      change: this.changes[row] as number,
      changedAt: this.changedAt[row] as number,
    };
  }

  /** An interaction of the host at `words[0..4]` at `now`: it is stored, or seen again. */
  register(words: Uint32Array, nodeId: string, dialect: HostDialect, now: number): Registered {
    let row = this.find(words, 0);
    if (row !== noRow && this.isLive(row)) {
      if (!this.nodeIds.equals(row, nodeId)) this.nodeIds.set(row, nodeId);
      this.touch(row, dialect, now);
      return 'refreshed';
    }
    if (this.live.length >= this.maxHosts) return 'full';
    const isReturning = row !== noRow;
    if (isReturning) {
      this.gone.remove(row);
      // The same node came back: it is known since then. Another one at its address is not.
      if (!this.nodeIds.equals(row, nodeId)) this.firstSeen[row] = now;
    } else {
      row = this.takeRow(words, 0);
      this.firstSeen[row] = now;
    }
    this.nodeIds.set(row, nodeId);
    this.flags[row] = liveFlag | ((this.flags[row] as number) & pendingFlag);
    this.touch(row, dialect, now);
    this.appendTo(this.live, row, now);
    return isReturning ? 'returned' : 'registered';
  }

  /** The live host in `row` proved that it lives, without saying anything new about itself. */
  seen(row: number, now: number): void {
    this.lastSeen[row] = Math.max(now, this.lastSeen[row] as number);
    this.markPending(row);
  }

  /** The clock was ahead when the live host in `row` was seen last: it counts as seen at `now`. */
  seenAtMost(row: number, now: number): void {
    if ((this.lastSeen[row] as number) <= now) return;
    this.lastSeen[row] = now;
    this.markPending(row);
  }

  /** The live host in `row` goes: a tombstone stays in its place. */
  remove(row: number, now: number): void {
    this.live.remove(row);
    const flags = this.flags[row] as number;
    this.flags[row] = (flags & ~liveFlag) | goneFlag;
    this.markPending(row);
    this.appendTo(this.gone, row, now);
  }

  /** Forgets the tombstones of hosts that were gone before `before`; returns how many. */
  collectTombstones(before: number): number {
    let collected = 0;
    while (this.gone.first !== noRow && (this.changedAt[this.gone.first] as number) < before) {
      this.forgetOldestTombstone();
      collected++;
    }
    return collected;
  }

  get hasPending(): boolean {
    return this.pendingRows.length > 0 || this.forgotten.length > 0;
  }

  /** What the store has not been told of. It stays pending until `settle`. */
  pending(): Pending {
    return { rows: this.pendingRows, forgotten: this.forgotten, horizon: this.horizon };
  }

  /** Everything pending is on disk. */
  settle(): void {
    for (const row of this.pendingRows)
      this.flags[row] = (this.flags[row] as number) & ~pendingFlag;
    this.pendingRows = [];
    this.forgotten = [];
  }

  private touch(row: number, dialect: HostDialect, now: number): void {
    const flags = this.flags[row] as number;
    this.flags[row] = dialect === 'legacy' ? flags | legacyFlag : flags & ~legacyFlag;
    this.seen(row, now);
  }

  private markPending(row: number): void {
    this.revision++;
    const flags = this.flags[row] as number;
    if (flags & pendingFlag) return;
    this.flags[row] = flags | pendingFlag;
    this.pendingRows.push(row);
  }

  private appendTo(list: RowList, row: number, now: number): void {
    this.changes[row] = ++this.change;
    this.changedAt[row] = now;
    list.append(row);
  }

  private takeRow(words: Uint32Array, at: number): number {
    if (this.free.length === 0 && this.rowsUsed === this.flags.length) this.forgetOldestTombstone();
    const row = this.free.pop() ?? this.rowsUsed++;
    for (let i = 0; i < addressWords; i++)
      this.addresses[row * addressWords + i] = words[at + i] as number;
    this.index.add(row);
    return row;
  }

  private forgetOldestTombstone(): void {
    const row = this.gone.first;
    if (row === noRow) throw new RangeError('more hosts than rows: maxHosts is not kept');
    this.horizon = Math.max(this.horizon, this.changes[row] as number);
    this.forgotten.push(formatAddress(this.addresses, row * addressWords));
    this.index.delete(row);
    this.gone.remove(row);
    this.flags[row] = (this.flags[row] as number) & pendingFlag;
    this.free.push(row);
    this.revision++;
  }

  /** Records arrive in the order of the store; the lists are in the order of the changes. */
  private linkByChange(): void {
    const rows = Uint32Array.from({ length: this.rowsUsed }, (_, row) => row);
    rows.sort((a, b) => (this.changes[a] as number) - (this.changes[b] as number));
    for (const row of rows) (this.isLive(row) ? this.live : this.gone).append(row);
    const last = rows.at(-1);
    if (last !== undefined) this.change = Math.max(this.change, this.changes[last] as number);
  }
}
