// Finds the live hosts of a label without walking the registry. Each bucket of the hash table is two lists of rows, of
// proved and of unproved hosts, the latest first: whoever registers another node's id a thousand times does not hide
// that node, and a lookup costs a bounded number of looks. 16 bytes a host, from the first lookup on.
import { addressWords } from '../../../shared/protocol/address.ts';
import { labelOf } from '../../../shared/protocol/dns/node-label.ts';
import { finished, mixed } from '../registry/address-hash.ts';
import { packNodeId } from '../registry/node-ids.ts';
import type { Registry } from '../registry/registry.ts';

/** Most hosts of one label that a lookup returns: as many addresses as fit an answer of 512 bytes. */
export const maxHostsOfLabel = 16;

/** Rows that are taken in at a time while the index is filled: some tens of milliseconds at most. */
const rowsAtOnce = 50_000;

/** Rows of each list that a lookup looks at. */
const maxLooks = 64;

const none = 0;

/** The index of one registry. */
export class LabelIndex {
  private readonly registry: Registry;
  private readonly salt: number;
  /** rows that changed since the last lookup */
  private readonly changed: Set<number>;
  private readonly mask: number;
  /** the first row of each list, plus 1: the proved hosts of each bucket, then the unproved ones */
  private readonly heads: Int32Array;
  /** the next row, plus 1 */
  private readonly next: Int32Array;
  /** the previous row, plus 1; the head of the list as a negative number; 0: the row is in no list */
  private readonly previous: Int32Array;

  /** rows up to this one are taken in */
  private filled = 0;

  /** Is filled as it is asked. `salt` keeps anybody from choosing ids of one bucket. */
  constructor(registry: Registry, salt: number) {
    const rows = registry.addresses.length / addressWords;
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(2, rows / 2)));
    this.registry = registry;
    this.salt = salt;
    this.changed = registry.unstored.follow();
    this.mask = buckets - 1;
    this.heads = new Int32Array(2 * buckets);
    this.next = new Int32Array(rows);
    this.previous = new Int32Array(rows);
  }

  /**
   * Live hosts of the label whose addresses are of `kinds`, by family; proved ones first, then the latest. Null: the
   * index is not filled yet.
   */
  find(label: string, kinds: number): number[] | null {
    this.refresh();
    if (!this.fill()) return null;
    const { registry } = this;
    const bucket = this.hash(packNodeId(label)) & this.mask;
    const found: number[] = [];
    for (const head of [bucket, bucket + this.mask + 1]) {
      let row = (this.heads[head] as number) - 1;
      for (let looks = 0; row >= 0 && looks < maxLooks; looks++) {
        const isVisible = (registry.kindOf(row) & kinds) !== 0;
        if (isVisible && labelOf(registry.nodeIds.get(row)) === label) found.push(row);
        row = (this.next[row] as number) - 1;
      }
    }
    const proof = (row: number) => Number(registry.isProved(row));
    return found
      .sort((a, b) => proof(b) - proof(a) || registry.lastSeen.at(b) - registry.lastSeen.at(a))
      .slice(0, maxHostsOfLabel);
  }

  /** Takes in what changed; to be called once a second, so that it never is much. */
  refresh(): void {
    for (const row of this.changed) {
      this.unlink(row);
      if (this.registry.isLive(row)) this.link(row);
    }
    this.changed.clear();
  }

  /** Takes in more rows. @returns whether those are all */
  private fill(): boolean {
    const { registry } = this;
    const end = Math.min(registry.rowsUsed, this.filled + rowsAtOnce);
    for (; this.filled < end; this.filled++) {
      // It changed in the meantime.
      if (this.previous[this.filled] !== none) continue;
      if (registry.isLive(this.filled)) this.link(this.filled);
    }
    return this.filled >= registry.rowsUsed;
  }

  private link(row: number): void {
    const packed = this.registry.nodeIds.packed(row);
    const hash = this.hash(typeof packed === 'string' ? packNodeId(labelOf(packed)) : packed);
    const head = (hash & this.mask) + (this.registry.isProved(row) ? 0 : this.mask + 1);
    const first = this.heads[head] as number;
    this.next[row] = first;
    this.previous[row] = -1 - head;
    if (first !== none) this.previous[first - 1] = row + 1;
    this.heads[head] = row + 1;
  }

  private unlink(row: number): void {
    const before = this.previous[row] as number;
    if (before === none) return;
    const after = this.next[row] as number;
    if (before < 0) this.heads[-1 - before] = after;
    else this.next[before - 1] = after;
    if (after !== none) this.previous[after - 1] = before;
    this.previous[row] = none;
    this.next[row] = none;
  }

  /** Of a label as `packNodeId` has it: as words if it is a UUID, so that none is made a text. */
  private hash(packed: string | Uint32Array): number {
    let hash = this.salt;
    if (typeof packed === 'string')
      for (let i = 0; i < packed.length; i++) hash = mixed(hash, packed.charCodeAt(i));
    else for (const word of packed) hash = mixed(hash, word);
    return finished(hash);
  }
}
