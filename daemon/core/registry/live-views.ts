// The live hosts as each kind of asker may see them (shared/protocol/address-kind.ts): their rows, their
// number, and the text of their full list. Old nodes have views of IPv4 alone. An asker from whom no host is
// hidden, as in a network with one kind of address, shares the view of all hosts.
import type { AddressList } from '../../../shared/protocol/address.ts';
import {
  addressKind,
  everyIpv4Kind,
  everyKind,
  kindsListedTo,
} from '../../../shared/protocol/address-kind.ts';
import { encodeHostsLines } from '../../../shared/protocol/native-reply.ts';
import { RowSet } from './row-set.ts';

/** The proved hosts of a view, or the unproved ones. */
export class LiveHalf {
  readonly rows = new RowSet();
  readonly blocks = new ListBlocks();

  /** Puts the row's host in, anew if it is there, or takes it out. */
  set(row: number, isIn: boolean): void {
    if (isIn) this.rows.add(row);
    else if (this.rows.has(row)) this.rows.delete(row);
    else return;
    this.blocks.changed(row);
  }
}

/** The live hosts that one kind of asker may see. A list has the proved ones first. */
class LiveView {
  readonly proved = new LiveHalf();
  readonly unproved = new LiveHalf();
  /** In the order in which they are listed. */
  readonly halves: readonly LiveHalf[] = [this.proved, this.unproved];
  /** kinds of addresses in the view, one bit each */
  readonly kinds: number;

  constructor(kinds: number) {
    this.kinds = kinds;
  }

  /** The number of hosts in the view. */
  get length(): number {
    return this.proved.rows.size + this.unproved.rows.size;
  }
}

/** The views of all kinds of askers, kept up to date with every change. */
export class LiveViews {
  /** All live hosts. */
  readonly all = new LiveView(everyKind);
  private readonly narrower = Object.values(addressKind)
    .map(kindsListedTo)
    .flatMap((kinds) => [kinds, kinds & everyIpv4Kind])
    .filter((kinds, index, all) => kinds !== everyKind && all.indexOf(kinds) === index)
    .map((kinds) => new LiveView(kinds));

  /** The view of an asker that may see `kinds`, or only those of them in IPv4. */
  of(kinds: number = everyKind): LiveView {
    const { all } = this;
    const view = this.narrower.find((each) => each.kinds === kinds);
    return view === undefined || view.length === all.length ? all : view;
  }

  /** Puts the host in `row`, whose address is of `kind`, into that half of the views; null: it is no longer live. */
  set(row: number, kind: number, half: 'proved' | 'unproved' | null): void {
    change(this.all, row, half);
    for (const view of this.narrower) if (view.kinds & kind) change(view, row, half);
  }

  /** Call once a second: drops texts that nobody asked for lately. */
  tick(): void {
    for (const view of [this.all, ...this.narrower])
      for (const { blocks } of view.halves) blocks.tick();
  }
}

function change(view: LiveView, row: number, half: 'proved' | 'unproved' | null): void {
  view.proved.set(row, half === 'proved');
  view.unproved.set(row, half === 'unproved');
}

/** Rows of a block: about 40 KB of text, a third of what a socket takes before its writer waits. */
export const rowsPerBlock = 2_048;

/** Ticks (seconds) without a full list after which the text is dropped. */
const restAfterTicks = 60;

/** The text of one block of rows. */
interface ListBlock {
  /** `hosts` lines as they are sent */
  lines: Uint8Array;
  /** hosts in the block */
  length: number;
  /** the latest change number among them */
  newest: number;
}

/**
 * The full list as text, in blocks of rows, so that it is sent without formatting an address. A block is made
 * when a full list first reaches it, and again after a host in it came or went. It takes about 20 bytes an IPv4
 * host, so it is dropped when nobody has asked for a full list for a while.
 */
class ListBlocks {
  private blocks: (ListBlock | undefined)[] = [];
  private idleTicks = 0;

  /** The block that begins with row `first`; `make` gives its hosts if the text is not there. */
  at(first: number, make: () => { hosts: AddressList; newest: number }): ListBlock {
    this.idleTicks = 0;
    const known = this.blocks[first / rowsPerBlock];
    if (known !== undefined) return known;
    const { hosts, newest } = make();
    const made = { lines: encodeHostsLines(hosts), length: hosts.length, newest };
    this.blocks[first / rowsPerBlock] = made;
    return made;
  }

  /** Drops the text of the row's block: its host came or went. */
  changed(row: number): void {
    const block = Math.floor(row / rowsPerBlock);
    if (this.blocks[block] !== undefined) this.blocks[block] = undefined;
  }

  /** Call once a second. */
  tick(): void {
    if (this.blocks.length > 0 && ++this.idleTicks > restAfterTicks) this.blocks = [];
  }
}
