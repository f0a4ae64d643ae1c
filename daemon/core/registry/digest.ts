// Digests of the live records, by which two servers find where their registries differ (PROTOCOL.md, "Sync"):
// 256 buckets of 64 leaves each. The hash of its address assigns a record to a leaf. A leaf's digest is the
// exclusive or of the hashes of its records, so adding and removing a record are the same operation. The rows
// of a leaf are found in the roster's index, which is in the order of the hashes.
import { addressWords } from '../../../shared/protocol/address.ts';
import { hashAddress } from './address-hash.ts';
import type { HostVersions } from './columns.ts';
import type { Roster } from './roster.ts';

/** Buckets, and leaves in each: the answer to a digest names a few of 16,384 leaves, 60 hosts each of a million. */
export const bucketCount = 256;
export const leavesPerBucket = 64;
const leafCount = bucketCount * leavesPerBucket;

/** A leaf is the top bits of the hash, like a place in the index. */
const leafShift = 32 - Math.log2(leafCount);

const hexDigits = 16;

/** Digests of a registry's live records, kept up to date with every change. */
export class Digest {
  private readonly roster: Roster;
  private readonly versions: HostVersions;
  private readonly high = new Uint32Array(leafCount);
  private readonly low = new Uint32Array(leafCount);
  /** digests of the buckets as hex digits; undefined: the bucket has changed since */
  private readonly texts: (string | undefined)[] = new Array(bucketCount);
  /** all of `texts`; null: some bucket has changed since */
  private text: string | null = null;
  private wholeHigh = 0;
  private wholeLow = 0;
  /** hashes of server ids, by the servers' numbers in `versions` */
  private readonly serverHashes: number[] = [];

  constructor(roster: Roster, versions: HostVersions) {
    this.roster = roster;
    this.versions = versions;
  }

  /** Adds the row's live record, or removes it: call after it was set, and before it changes or goes. */
  toggle(row: number): void {
    const address = hashAddress(this.roster.addresses, row * addressWords);
    const leaf = address >>> leafShift;
    const [high, low] = [this.half(row, address, highSeed), this.half(row, address, lowSeed)];
    this.high[leaf] = (this.high[leaf] as number) ^ high;
    this.low[leaf] = (this.low[leaf] as number) ^ low;
    this.wholeHigh ^= high;
    this.wholeLow ^= low;
    this.texts[Math.floor(leaf / leavesPerBucket)] = undefined;
    this.text = null;
  }

  /** The exclusive or of the digests of all buckets, 16 hex digits. */
  whole(): string {
    return hex(this.wholeHigh) + hex(this.wholeLow);
  }

  /** The digests of all buckets, 16 hex digits each. */
  buckets(): string {
    if (this.text === null) {
      for (let bucket = 0; bucket < bucketCount; bucket++)
        this.texts[bucket] ??= this.textOf(bucket);
      this.text = this.texts.join('');
    }
    return this.text;
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

  /** The digests of the leaves of one bucket, 16 hex digits each. */
  leaves(bucket: number): string {
    let text = '';
    for (let leaf = bucket * leavesPerBucket; leaf < (bucket + 1) * leavesPerBucket; leaf++)
      text += hex(this.high[leaf] as number) + hex(this.low[leaf] as number);
    return text;
  }

  /** The live rows of a leaf, each with the hash of its record in 16 hex digits. */
  *rowsOf(leaf: number): Generator<[row: number, hash: string], void> {
    const first = (leaf << leafShift) >>> 0;
    for (const row of this.roster.rowsHashed(first, first + 2 ** leafShift - 1))
      if (this.roster.isLive(row)) yield [row, this.hashOf(row)];
  }

  private hashOf(row: number): string {
    const address = hashAddress(this.roster.addresses, row * addressWords);
    return hex(this.half(row, address, highSeed)) + hex(this.half(row, address, lowSeed));
  }

  /** 32 of the 64 bits of a record's hash, which covers its address and its version. */
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

/** The indexes at which two lists of digests differ; only -1 if they have different lengths. */
export function differences(a: string, b: string): number[] {
  if (a.length !== b.length) return [-1];
  const found: number[] = [];
  if (a === b) return found;
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
