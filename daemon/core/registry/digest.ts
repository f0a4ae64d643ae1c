// Digests of the live records, kept up to date with every change, by which two servers find where
// their registries differ: 256 buckets of 64 leaves, an address falls into one by its hash. A leaf's
// digest is the exclusive or of its records' hashes, so that adding and taking away are the same. The
// rows of a leaf are those whose addresses have its hashes, in the roster's index.
import { addressWords } from '../../../shared/protocol/address.ts';
import { hashAddress } from './address-hash.ts';
import type { HostVersions } from './columns.ts';
import type { Roster } from './roster.ts';

export const bucketCount = 256;
export const leavesPerBucket = 64;
export const leafCount = bucketCount * leavesPerBucket;

/** The leaf is taken from the top bits, by which the index is ordered. */
const leafShift = 32 - Math.log2(leafCount);

const hexDigits = 16;

export class Digest {
  private readonly roster: Roster;
  private readonly versions: HostVersions;
  private readonly high = new Uint32Array(leafCount);
  private readonly low = new Uint32Array(leafCount);
  /** Digests of the buckets as hex digits; undefined: the bucket changed since. */
  private readonly texts: (string | undefined)[] = new Array(bucketCount);
  /** by the numbers that the servers have in `versions` */
  private readonly serverHashes: number[] = [];

  constructor(roster: Roster, versions: HostVersions) {
    this.roster = roster;
    this.versions = versions;
  }

  /** The row holds a live record now, or is about to change or to go. */
  toggle(row: number): void {
    const address = hashAddress(this.roster.addresses, row * addressWords);
    const leaf = address >>> leafShift;
    this.high[leaf] = (this.high[leaf] as number) ^ this.half(row, address, highSeed);
    this.low[leaf] = (this.low[leaf] as number) ^ this.half(row, address, lowSeed);
    this.texts[Math.floor(leaf / leavesPerBucket)] = undefined;
  }

  /** All buckets, as hex digits. */
  buckets(): string {
    let text = '';
    for (let bucket = 0; bucket < bucketCount; bucket++)
      text += this.texts[bucket] ??= this.textOf(bucket);
    return text;
  }

  private textOf(bucket: number): string {
    let high = 0;
    let low = 0;
    for (let leaf = bucket * leavesPerBucket; leaf < (bucket + 1) * leavesPerBucket; leaf++) {
      high ^= this.high[leaf] as number;
      low ^= this.low[leaf] as number;
    }
    return hex(high) + hex(low);
  }

  /** The leaves of one bucket, as hex digits. */
  leaves(bucket: number): string {
    let text = '';
    for (let leaf = bucket * leavesPerBucket; leaf < (bucket + 1) * leavesPerBucket; leaf++)
      text += hex(this.high[leaf] as number) + hex(this.low[leaf] as number);
    return text;
  }

  /** The live rows of a leaf, each with the hash of its record. */
  *rowsOf(leaf: number): Generator<[row: number, hash: string], void> {
    const first = (leaf << leafShift) >>> 0;
    for (const row of this.roster.rowsHashed(first, first + 2 ** leafShift - 1))
      if (this.roster.isLive(row)) yield [row, this.hashOf(row)];
  }

  private hashOf(row: number): string {
    const address = hashAddress(this.roster.addresses, row * addressWords);
    return hex(this.half(row, address, highSeed)) + hex(this.half(row, address, lowSeed));
  }

  /** Half of a record's hash: of its address, and of its version. */
  private half(row: number, address: number, seed: number): number {
    const { versions } = this;
    const ms = versions.msOf(row);
    const h = mix(mix(mix(seed, address), ms % 2 ** 32), ms / 2 ** 32);
    return mix(mix(h, versions.counterOf(row)), this.serverHash(versions.serverOf(row))) >>> 0;
  }

  private serverHash(server: number): number {
    const known = this.serverHashes[server];
    if (known !== undefined) return known;
    const hash = hashText(this.versions.nameOf(server));
    this.serverHashes[server] = hash;
    return hash;
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

const highSeed = 0x9e3779b9;
const lowSeed = 0x7f4a7c15;

function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ (word | 0), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
