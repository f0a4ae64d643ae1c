// The live hosts as askers of each kind may be told of them (shared/protocol/address-kind.ts): their
// rows, how many they are, and their text as a full list; and those of IPv4 alone, for old nodes. Where nobody is
// hidden from an asker, which is so in a network of one kind of address, it shares what is there for everybody.
import type { AddressList } from '../../../shared/protocol/address.ts';
import {
  addressKind,
  everyIpv4Kind,
  everyKind,
  kindsToldTo,
} from '../../../shared/protocol/address-kind.ts';
import { encodeHostsLines } from '../../../shared/protocol/native-reply.ts';
import { RowSet } from './row-set.ts';

/** Of the live hosts that are proved, or of the others. */
export class LiveHalf {
  readonly rows = new RowSet();
  readonly blocks = new ListBlocks();
}

/** The proved ones are told first. */
export class LiveView {
  readonly proved = new LiveHalf();
  readonly unproved = new LiveHalf();
  /** of address, a bit each */
  readonly kinds: number;

  constructor(kinds: number) {
    this.kinds = kinds;
  }

  get length(): number {
    return this.proved.rows.size + this.unproved.rows.size;
  }

  get halves(): readonly LiveHalf[] {
    return [this.proved, this.unproved];
  }
}

export class LiveViews {
  /** Every live host. */
  readonly all = new LiveView(everyKind);
  private readonly narrower = Object.values(addressKind)
    .map(kindsToldTo)
    .flatMap((kinds) => [kinds, kinds & everyIpv4Kind])
    .filter((kinds, index, all) => kinds !== everyKind && all.indexOf(kinds) === index)
    .map((kinds) => new LiveView(kinds));

  /** What is told to who may be told of `kinds`, as `kindsToldTo` gives them, or of those of IPv4 only. */
  of(kinds: number = everyKind): LiveView {
    const { all } = this;
    const view = this.narrower.find((each) => each.kinds === kinds);
    return view === undefined || view.length === all.length ? all : view;
  }

  /** The host in `row`, at an address of `kind` (by family), is live and of that half from now on; null: it is not live. */
  set(row: number, kind: number, half: 'proved' | 'unproved' | null): void {
    change(this.all, row, half);
    for (const view of this.narrower) if (view.kinds & kind) change(view, row, half);
  }

  /** To be called once a second. */
  tick(): void {
    for (const view of [this.all, ...this.narrower])
      for (const { blocks } of view.halves) blocks.tick();
  }
}

function change(view: LiveView, row: number, half: 'proved' | 'unproved' | null): void {
  for (const each of view.halves) {
    each.rows.delete(row);
    each.blocks.changed(row);
  }
  if (half !== null) view[half].rows.add(row);
}

// The full list kept as text: blocks of rows, each as the lines in which it is sent. A block is made
// when a full list first comes to it, and again when a host in it came or went; a list is then sent
// without writing an address. It takes some 20 bytes a host in IPv4, so it is let go when nobody has
// asked for a full list for a while.

/** Rows of a block: some 40 KB of text, a third of what a socket takes before its writer waits. */
export const rowsPerBlock = 2_048;

/** Ticks without a full list after which the text goes. */
const restAfterTicks = 60;

export interface ListBlock {
  lines: Uint8Array;
  /** hosts in it */
  length: number;
  /** the latest change number among them */
  newest: number;
}

export class ListBlocks {
  private blocks: (ListBlock | undefined)[] = [];
  private idleTicks = 0;

  /** The text of the block that begins with row `first`, of what `make` gives when there is none. */
  at(first: number, make: () => { hosts: AddressList; newest: number }): ListBlock {
    this.idleTicks = 0;
    const known = this.blocks[first / rowsPerBlock];
    if (known !== undefined) return known;
    const { hosts, newest } = make();
    const made = { lines: encodeHostsLines(hosts), length: hosts.length, newest };
    this.blocks[first / rowsPerBlock] = made;
    return made;
  }

  /** The host in `row` comes or goes. */
  changed(row: number): void {
    const block = Math.floor(row / rowsPerBlock);
    if (this.blocks[block] !== undefined) this.blocks[block] = undefined;
  }

  /** To be called once a second. */
  tick(): void {
    if (this.blocks.length > 0 && ++this.idleTicks > restAfterTicks) this.blocks = [];
  }
}
