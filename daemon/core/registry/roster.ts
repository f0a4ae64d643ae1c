// The roster: which addresses are in the registry, and which of them came or went last. It is all
// that a hosts list is made of. The registry is a roster of which more is known. A host is *proved* once
// it has answered a ping of this server; until then only its own word says that it is there.
//
// Invariants: an address has at most one row; a row is in exactly one of the lists `live` and `gone`,
// each ordered by change number, or it is free and has no address. Membership changes (a host appears,
// a host goes) are numbered; being seen again is not one. Whatever changes it is protected: for those
// who read, a roster is read only.
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

export class Roster {
  /** `ip:port` of each row, packed; read by the lists, written here only. */
  readonly addresses: Uint32Array;
  readonly live: ChangeList;
  readonly gone: ChangeList;
  /** Rows below this were used at least once. */
  rowsUsed = 0;
  /** Number of the latest membership change. */
  change: number;
  /** Change numbers up to here may have lost their tombstones: a cursor before it is too old. */
  horizon: number;

  /** The live hosts by who may be told of them. */
  readonly views = new LiveViews();
  /** Those of them that never answered a ping of this server. */
  readonly unprovedRows = this.views.all.unproved.rows;

  /** The rows of hosts that answered a ping, live or gone. */
  private readonly proofs = new RowSet();
  private readonly states: Uint8Array;
  private readonly changes: NumberColumn;
  protected readonly spans: LiveSpans;
  private readonly index: AddressIndex;
  private readonly freeRows: number[] = [];
  /** rows that changed since whoever follows took note of them; null: nobody follows */
  private changed: Set<number> | null = null;

  /** Columns are reserved for `rows` at once; the system commits their memory as rows fill. */
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

  /** The row of the address packed at `words[at]`, live or gone, or `noRow`. */
  find(words: Uint32Array, at: number): number {
    return this.index.find(words, at);
  }

  /** `find` for many: `count` addresses from `words[at]` on. */
  findAll(words: Uint32Array, at: number, count: number, rows: Int32Array): void {
    this.index.findAll(words, at, count, rows);
  }

  /** The rows, live or gone, whose addresses have a hash from `first` to `last`. */
  rowsHashed(first: number, last: number): Iterable<number> {
    return this.index.rowsHashed(first, last);
  }

  isLive(row: number): boolean {
    return this.states[row] === live;
  }

  isGone(row: number): boolean {
    return this.states[row] === gone;
  }

  /** Whether the row's host, live or gone, ever answered a ping of this server. */
  isProved(row: number): boolean {
    return this.proofs.has(row);
  }

  /** The kind of the row's address, by family. */
  kindOf(row: number): number {
    return kindByFamily(this.addresses, row * addressWords);
  }

  /** Number of the change that made the row's host appear or go. */
  changeOf(row: number): number {
    return this.changes.at(row);
  }

  /** Whether somebody with that cursor may have heard of the host that left the tombstone in `row`. */
  wasHeardOf(row: number, cursor: Position): boolean {
    return this.spans.wasLive(row, cursor);
  }

  /** When it was. */
  spansOf(row: number): Spans {
    return this.spans.at(row);
  }

  /**
   * Each row whose host comes, goes, is forgotten or proved is put into this set from now on. Who
   * follows takes them out again.
   */
  follow(): Set<number> {
    this.changed ??= new Set();
    return this.changed;
  }

  protected get hasFreeRow(): boolean {
    return this.freeRows.length > 0 || this.rowsUsed < this.states.length;
  }

  /** A free row for the address packed at `words[at]`, which has none; it is in no list yet. */
  protected takeRow(words: Uint32Array, at: number): number {
    if (!this.hasFreeRow) throw new RangeError('more hosts than rows: maxHosts is not kept');
    const row = this.freeRows.pop() ?? this.rowsUsed++;
    for (let i = 0; i < addressWords; i++)
      this.addresses[row * addressWords + i] = words[at + i] as number;
    this.index.add(row);
    return row;
  }

  /** A membership change: the row's host appears or goes. */
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

  /** The row's host answered a ping, or is another one that did not. False: that was known. */
  protected setProved(row: number, isProved: boolean): boolean {
    if (this.isProved(row) === isProved) return false;
    if (isProved) this.proofs.add(row);
    else this.proofs.delete(row);
    this.setState(row, this.states[row] as number);
    this.changed?.add(row);
    return true;
  }

  /** The tombstone in `row` is forgotten. */
  protected freeRow(row: number): void {
    this.horizon = Math.max(this.horizon, this.changes.at(row));
    this.clearRow(row);
    this.freeRows.push(row);
    this.changed?.add(row);
  }

  /** The row holds nobody any more. */
  protected clearRow(row: number): void {
    (this.isLive(row) ? this.live : this.gone).remove(row);
    this.index.delete(row);
    this.proofs.delete(row);
    this.spans.clear(row);
    this.setState(row, free);
    this.addresses.fill(0, row * addressWords, (row + 1) * addressWords);
  }

  /**
   * The row as it was before, with the address packed at `words[0]`; it is in its list after
   * `linkByChange`. @throws RangeError when there is no such row, or the address has another one
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
      throw new RangeError(`row ${row} of ${formatAddress(words, 0)} is behind the last one`);
    for (let i = 0; i < addressWords; i++)
      this.addresses[row * addressWords + i] = words[i] as number;
    if (!this.index.add(row)) throw new RangeError(`${formatAddress(words, 0)} is there twice`);
    if (restored.isProved) this.proofs.add(row);
    this.setState(row, restored.state === 'live' ? live : gone);
    this.changes.set(row, restored.change);
    this.rowsUsed = Math.max(this.rowsUsed, row + 1);
  }

  /** Both lists in order again, when rows were added to them without. */
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

  protected linkByChange(): void {
    forRowsInOrder(this.changes, this.rowsUsed, (row) => {
      if (this.states[row] === free) {
        this.freeRows.push(row);
        return;
      }
      (this.isLive(row) ? this.live : this.gone).append(row);
      this.change = Math.max(this.change, this.changeOf(row));
    });
  }
}
