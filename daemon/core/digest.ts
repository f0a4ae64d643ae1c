// Digests of the live records, kept up to date with every change, by which two servers find where
// their registries differ: 256 buckets of 64 leaves, an address falls into one by its hash. A leaf's
// digest is the exclusive or of its records' hashes, so that adding and taking away are the same.
import { addressWords } from '../../shared/protocol/address.ts';
import { hashAddress } from './address-hash.ts';
import type { HostVersions } from './host-versions.ts';
import { createLinks, noRow, RowList } from './row-list.ts';

export const bucketCount = 256;
export const leavesPerBucket = 64;
export const leafCount = bucketCount * leavesPerBucket;

/** The leaf is taken from the top bits, since the index of addresses uses the low ones. */
const leafShift = 32 - Math.log2(leafCount);

const hexDigits = 16;

export class Digest {
  private readonly addresses: Uint32Array;
  private readonly versions: HostVersions;
  private readonly high = new Uint32Array(leafCount);
  private readonly low = new Uint32Array(leafCount);
  private readonly rows: RowList[];

  constructor(addresses: Uint32Array, versions: HostVersions) {
    this.addresses = addresses;
    this.versions = versions;
    const links = createLinks(addresses.length / addressWords);
    this.rows = Array.from({ length: leafCount }, () => new RowList(links));
  }

  /** The row holds a live record now. */
  add(row: number): void {
    const leaf = this.leafOf(row);
    this.toggle(leaf, row);
    this.rows[leaf]?.append(row);
  }

  /** The row's record is about to change or to go. */
  remove(row: number): void {
    const leaf = this.leafOf(row);
    this.toggle(leaf, row);
    this.rows[leaf]?.remove(row);
  }

  /** All buckets, as hex digits. */
  buckets(): string {
    let text = '';
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      let high = 0;
      let low = 0;
      for (let leaf = bucket * leavesPerBucket; leaf < (bucket + 1) * leavesPerBucket; leaf++) {
        high ^= this.high[leaf] as number;
        low ^= this.low[leaf] as number;
      }
      text += hex(high) + hex(low);
    }
    return text;
  }

  /** The leaves of one bucket, as hex digits. */
  leaves(bucket: number): string {
    let text = '';
    for (let leaf = bucket * leavesPerBucket; leaf < (bucket + 1) * leavesPerBucket; leaf++)
      text += hex(this.high[leaf] as number) + hex(this.low[leaf] as number);
    return text;
  }

  /** The rows of a leaf, each with the hash of its record. */
  *rowsOf(leaf: number): Generator<[row: number, hash: string], void> {
    const list = this.rows[leaf];
    if (list === undefined) return;
    for (let row = list.first; row !== noRow; row = list.nextOf(row)) yield [row, this.hashOf(row)];
  }

  private leafOf(row: number): number {
    return hashAddress(this.addresses, row * addressWords) >>> leafShift;
  }

  private toggle(leaf: number, row: number): void {
    const [high, low] = this.halves(row);
    this.high[leaf] = (this.high[leaf] as number) ^ high;
    this.low[leaf] = (this.low[leaf] as number) ^ low;
  }

  private hashOf(row: number): string {
    const [high, low] = this.halves(row);
    return hex(high) + hex(low);
  }

  private halves(row: number): [number, number] {
    const { ms, counter, server } = this.versions.get(row);
    let serverHash = 0x811c9dc5;
    for (let i = 0; i < server.length; i++)
      serverHash = Math.imul(serverHash ^ server.charCodeAt(i), 0x01000193);
    const address = hashAddress(this.addresses, row * addressWords);
    const words = [address, ms % 2 ** 32, ms / 2 ** 32, counter, serverHash];
    return [mixAll(words, 0x9e3779b9), mixAll(words, 0x7f4a7c15)];
  }
}

/** The positions at which two digests of `hexDigits` each differ; -1 alone when they cannot be compared. */
export function differences(a: string, b: string): number[] {
  if (a.length !== b.length) return [-1];
  const found: number[] = [];
  for (let at = 0; at < a.length; at += hexDigits)
    if (a.slice(at, at + hexDigits) !== b.slice(at, at + hexDigits)) found.push(at / hexDigits);
  return found;
}

function mixAll(words: readonly number[], seed: number): number {
  let h = seed;
  for (const word of words) {
    h = Math.imul(h ^ (word | 0), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
