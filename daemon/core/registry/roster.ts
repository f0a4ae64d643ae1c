// The roster: the addresses in the registry, which of them are live or gone, and the order in which they came
// and went. Hosts lists are made of nothing else; the registry extends it. A host is *proved* once it has
// answered a ping of this server; until then its own claim is all there is.
//
// Invariants: an address has at most one row. A row is in exactly one of the lists `live` and `gone`, each in
// the order of change numbers, or it is free and has no address. Membership changes (a host comes or goes) are
// numbered; a host that is seen again is no change. All methods that change a roster are protected.
import { addressWords, formatAddress } from '../../../shared/protocol/address.ts';
import { kindByFamily } from '../../../shared/protocol/address-kind.ts';
import { AddressIndex } from './address-index.ts';
import { NumberColumn } from './columns.ts';
import { LiveViews } from './live-views.ts';
import { ChangeList, createLinks, forRowsInOrder, type RowList } from './row-list.ts';
import { RowSet } from './row-set.ts';
import { LiveSpans, type Position, type Spans } from './tombstones.ts';

const free = 0;
const live = 1;
const gone = 2;

/** The addresses of a registry, live and gone. */
export class Roster {
  /** The packed address of each row (shared/protocol/address.ts), for reading only. */
  readonly addresses: Uint32Array;
  readonly live: ChangeList;
  readonly gone: ChangeList;
  /** Rows from this one on were never used. */
  rowsUsed = 0;
  /** Number of the latest membership change. */
  change: number;
  /** Tombstones up to this change number may have been dropped: a cursor before it is too old for a delta. */
  horizon: number;

  /** The live hosts by the kinds of askers that may see them. */
  readonly views = new LiveViews();
  /** The live hosts that never answered a ping of this server. */
  readonly unprovedRows = this.views.all.unproved.rows;

  /** rows of proved hosts, live or gone */
  private readonly proofs = new RowSet();
  private readonly states: Uint8Array;
  private readonly changes: NumberColumn;
  protected readonly spans: LiveSpans;
  private readonly index: AddressIndex;
  private readonly freeRows: number[] = [];
  /** rows that changed since the follower took them out; null: there is no follower */
  private changed: Set<number> | null = null;

  /** Reserves columns for `rows`; the system commits their memory as rows fill. */
  constructor(rows: number, horizon: number) {
    this.addresses = new Uint32Array(rows * addressWords);
    this.states = new Uint8Array(rows);
    this.changes = new NumberColumn(rows);
    this.spans = new LiveSpans(rows);
    this.index = new AddressIndex(this.addresses);
    const links = createLinks(rows);
    this.live = new ChangeList(links, this.changes);
    this.gone = new ChangeList(links, this.changes);
    this.horizon = horizon;
    this.change = horizon;
  }

  /** The row, live or gone, of the address packed at `words[at]`; or `noRow`. */
  find(words: Uint32Array, at: number): number {
    return this.index.find(words, at);
  }

  /** `find` for `count` addresses packed from `words[at]` on; writes their rows to `rows`. */
  findAll(words: Uint32Array, at: number, count: number, rows: Int32Array): void {
    this.index.findAll(words, at, count, rows);
  }

  /** The rows, live or gone, whose addresses have hashes from `first` to `last`. */
  rowsHashed(first: number, last: number): Iterable<number> {
    return this.index.rowsHashed(first, last);
  }

  /** Whether the row holds a live host. */
  isLive(row: number): boolean {
    return this.states[row] === live;
  }

  /** Whether the row holds a tombstone. */
  isGone(row: number): boolean {
    return this.states[row] === gone;
  }

  /** Whether the row holds a live host or a tombstone. */
  isUsed(row: number): boolean {
    return this.states[row] !== free;
  }

  /** Whether the row's host, live or gone, is proved. */
  isProved(row: number): boolean {
    return this.proofs.has(row);
  }

  /** The kind of the row's address, by family. */
  kindOf(row: number): number {
    return kindByFamily(this.addresses, row * addressWords);
  }

  /** The number of the change with which the row's host came or went. */
  changeOf(row: number): number {
    return this.changes.at(row);
  }

  /** Whether an asker with that cursor may have the host of the tombstone in `row`. */
  wasListed(row: number, cursor: Position): boolean {
    return this.spans.wasLive(row, cursor);
  }

  /** When the host of the tombstone in `row` was live. */
  spansOf(row: number): Spans {
    return this.spans.at(row);
  }

  /**
   * Begins to collect the rows whose hosts come, go, are dropped or become proved.
   * @returns the set that they are added to; the follower takes them out. There is one follower.
   */
  follow(): Set<number> {
    this.changed ??= new Set();
    return this.changed;
  }

  protected get hasFreeRow(): boolean {
    return this.freeRows.length > 0 || this.rowsUsed < this.states.length;
  }

  /**
   * Takes a free row for a new address, packed at `words[at]`. The row is in no list yet.
   * @throws RangeError if none is free
   */
  protected takeRow(words: Uint32Array, at: number): number {
    if (!this.hasFreeRow) throw new RangeError(`no row is free of ${this.states.length}`);
    const row = this.freeRows.pop() ?? this.rowsUsed++;
    for (let i = 0; i < addressWords; i++)
      this.addresses[row * addressWords + i] = words[at + i] as number;
    this.index.add(row);
    return row;
  }

  /** A membership change: the row's host comes (`to` is `live`) or goes (`to` is `gone`). */
  protected move(row: number, to: RowList): void {
    const before = this.changes.at(row);
    const number = ++this.change;
    if (this.isLive(row)) {
      this.live.remove(row);
      this.spans.went(row, before);
    } else if (this.isGone(row)) {
      this.gone.remove(row);
      this.spans.returned(row, before);
    } else if (to === this.gone) this.spans.went(row, number);
    this.setState(row, to === this.live ? live : gone);
    this.changes.set(row, number);
    to.append(row);
    this.changed?.add(row);
  }

  /** Whether the row's host is proved from now on. @returns false if nothing changed */
  protected setProved(row: number, isProved: boolean): boolean {
    if (this.isProved(row) === isProved) return false;
    if (isProved) this.proofs.add(row);
    else this.proofs.delete(row);
    this.setState(row, this.states[row] as number);
    this.changed?.add(row);
    return true;
  }

  /** Drops the tombstone in `row`. */
  protected freeRow(row: number): void {
    this.horizon = Math.max(this.horizon, this.changes.at(row));
    this.clearRow(row);
    this.freeRows.push(row);
    this.changed?.add(row);
  }

  /** Removes the host or tombstone from the row. */
  protected clearRow(row: number): void {
    (this.isLive(row) ? this.live : this.gone).remove(row);
    this.index.delete(row);
    this.proofs.delete(row);
    this.spans.clear(row);
    this.setState(row, free);
    this.addresses.fill(0, row * addressWords, (row + 1) * addressWords);
  }

  /**
   * Fills the row with a stored or replicated host, whose address is packed at `words[0]`. What finds it is filled
   * afterwards, by `indexRows` and `linkByChange`: of a million rows, each structure in a loop of its own, in which
   * the processor waits for many cache misses at once.
   * @throws RangeError when there is no such row
   */
  protected restoreRow(restored: {
    row: number;
    words: Uint32Array;
    state: 'live' | 'gone';
    change: number;
    isProved: boolean;
  }): void {
    const { row, words } = restored;
    if (row >= this.states.length)
      throw new RangeError(
        `${formatAddress(words, 0)} is in row ${row}, there are ${this.states.length}`,
      );
    for (let i = 0; i < addressWords; i++)
      this.addresses[row * addressWords + i] = words[i] as number;
    if (restored.isProved) this.proofs.add(row);
    this.states[row] = restored.state === 'live' ? live : gone;
    this.changes.set(row, restored.change);
    this.rowsUsed = Math.max(this.rowsUsed, row + 1);
  }

  /**
   * Has the restored rows from `first` to before `end` found by their addresses, and listed.
   * @throws RangeError when the address is in another row
   */
  protected indexRows(first: number, end: number): void {
    for (let row = first; row < end; row++)
      if (this.isUsed(row) && !this.index.add(row))
        throw new RangeError(`${formatAddress(this.addresses, row * addressWords)} is in two rows`);
    for (let row = first; row < end; row++) this.setState(row, this.states[row] as number);
  }

  /** Sorts both lists, after rows were appended out of order. */
  protected relinkByChange(): void {
    for (const list of [this.live, this.gone]) list.clear();
    this.linkByChange();
  }

  private setState(row: number, state: number): void {
    this.states[row] = state;
    this.views.set(
      row,
      this.kindOf(row),
      state !== live ? null : this.isProved(row) ? 'proved' : 'unproved',
    );
  }

  /** Puts the restored rows into their lists, in the order of their changes. */
  protected linkByChange(): void {
    forRowsInOrder(this.changes, this.rowsUsed, (row) => {
      if (this.states[row] === free) {
        this.freeRows.push(row);
        return;
      }
      (this.isLive(row) ? this.live : this.gone).append(row);
      this.change = Math.max(this.change, this.changeOf(row));
    });
    this.spans.startedAt = this.change;
  }
}
