// The full list kept as text: blocks of rows, each as the lines in which it is sent. A block is made
// when a full list first comes to it, and again when a host in it came or went; a list is then sent
// without writing an address. It takes some 20 bytes a host in IPv4, so it is let go when nobody has
// asked for a full list for a while.
import type { AddressList } from '../../../shared/protocol/address.ts';
import { encodeHostsLines } from '../../../shared/protocol/native-reply.ts';

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
