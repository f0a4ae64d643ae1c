// The live hosts as askers of each kind may be told of them (shared/protocol/address-kind.ts): their
// rows, how many they are, and their text as a full list. Where nobody is hidden from an asker, which is so
// in a network of one kind of address, it shares what is there for everybody.
import { addressKind, everyKind, kindsToldTo } from '../../shared/protocol/address-kind.ts';
import { ListBlocks } from './list-blocks.ts';
import { RowSet } from './row-set.ts';

export class LiveView {
  readonly rows = new RowSet();
  readonly blocks = new ListBlocks();
  /** of address, a bit each */
  readonly kinds: number;
  length = 0;

  constructor(kinds: number) {
    this.kinds = kinds;
  }
}

export class LiveViews {
  /** Every live host. */
  readonly all = new LiveView(everyKind);
  private readonly narrower = [addressKind.public, addressKind.private, addressKind.linkLocal].map(
    (kind) => new LiveView(kindsToldTo(kind)),
  );

  /** What is told to who may be told of `kinds`, as `kindsToldTo` gives them. */
  of(kinds: number = everyKind): LiveView {
    const { all } = this;
    const view = this.narrower.find((each) => each.kinds === kinds);
    return view === undefined || view.length === all.length ? all : view;
  }

  /** The host in `row`, at an address of `kind`, is live from now on, or is not. */
  set(row: number, kind: number, isLive: boolean): void {
    change(this.all, row, isLive);
    for (const view of this.narrower) if (view.kinds & kind) change(view, row, isLive);
  }

  /** To be called once a second. */
  tick(): void {
    for (const view of [this.all, ...this.narrower]) view.blocks.tick();
  }
}

function change(view: LiveView, row: number, isLive: boolean): void {
  view.blocks.changed(row);
  if (view.rows.has(row) === isLive) return;
  view.length += isLive ? 1 : -1;
  if (isLive) view.rows.add(row);
  else view.rows.delete(row);
}
