// Anti-entropy: two servers compare the digests of what is live, and exchange the records that
// differ (PROTOCOL.md, "Repair"). It repairs what change logs cannot: records of a server that is
// gone for good or whose disk was restored, and whatever a mistake left behind.
import { parseAddress } from '../../../shared/protocol/address.ts';
import {
  type HostChange,
  maxLeafRows,
  type SyncMessage,
} from '../../../shared/protocol/sync-message.ts';
import { differences, leavesPerBucket } from '../registry/digest.ts';
import { aheadOf, isFromTheFuture, isUnknownLeave, type MergeOutcome } from '../registry/merge.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import { compareVersions } from '../registry/version.ts';
import { repairsOf } from './change-batch.ts';

/** Buckets that one comparison looks into: an eighth of the registry; the next one takes the rest. */
export const maxBuckets = 32;

/** Buckets in which the registry differs from one with these digests. */
export function differingBuckets(registry: Registry, buckets: string): number[] {
  return differences(registry.digest.buckets(), buckets).slice(0, maxBuckets);
}

/** `rows` messages: hashes of the records here, for the leaves of a bucket that differ from these digests. */
export function differingRows(registry: Registry, bucket: number, leaves: string): SyncMessage[] {
  return differences(registry.digest.leaves(bucket), leaves).map((leaf) => {
    const number = bucket * leavesPerBucket + leaf;
    const hashes = [...registry.digest.rowsOf(number)].map(([, hash]) => hash);
    return { kind: 'rows', leaf: number, hashes: hashes.slice(0, maxLeafRows) };
  });
}

/**
 * Messages that make a leaf equal on both sides: `repair` with the records whose hashes are not among
 * `theirs`, and `want` for the hashes that are not here.
 */
export function compareLeaf(registry: Registry, leaf: number, theirs: string[]): SyncMessage[] {
  const lacking = new Set(theirs);
  const changes: HostChange[] = [];
  for (const [row, hash] of registry.digest.rowsOf(leaf))
    if (!lacking.delete(hash)) changes.push(registry.hostChange(row));
  const messages = repairsOf(changes);
  if (lacking.size > 0) messages.push({ kind: 'want', leaf, hashes: [...lacking] });
  return messages;
}

/** `repair` messages with the records of a leaf that have these hashes. */
export function wantedRows(registry: Registry, leaf: number, hashes: string[]): SyncMessage[] {
  const wanted = new Set(hashes);
  const changes: HostChange[] = [];
  for (const [row, hash] of registry.digest.rowsOf(leaf))
    if (wanted.has(hash)) changes.push(registry.hostChange(row));
  return repairsOf(changes);
}

/** What became of records that were merged. */
export interface Merged {
  outcomes: Record<MergeOutcome, number>;
  /** `repair` messages with the tombstones of hosts that the sender takes for live */
  corrections: SyncMessage[];
  /** how far the latest time of those that were refused is ahead of this server's clock, ms */
  aheadMs: number;
}

/** Merges the records of another server; what they change is pending in the registry. */
export function mergeAll(registry: Registry, changes: readonly HostChange[], wall: number): Merged {
  const outcomes = { applied: 0, known: 0, contested: 0, refused: 0, stale: 0, full: 0 };
  const buried: HostChange[] = [];
  let aheadMs = 0;
  for (const change of changes) {
    const words = parseAddress(change.address);
    if (words === null) continue;
    const outcome = deniedBy(registry, change, words, wall) ?? registry.merge(change, words, wall);
    outcomes[outcome]++;
    if (outcome === 'refused') aheadMs = Math.max(aheadMs, aheadOf(change, wall));
    if (outcome !== 'known' || change.state === 'gone') continue;
    const row = registry.find(words, 0);
    if (row !== noRow && registry.isGone(row)) buried.push(registry.hostChange(row));
  }
  return { outcomes, corrections: repairsOf(buried), aheadMs };
}

/**
 * A node may leave at a server that does not know it (`Registry.leaveUnknown`). That removes only the node
 * that left, because others may share its address: a server that has a live host with another id publishes
 * that host again. This is a change of its own, made here, so that merging stays independent of the order.
 */
function deniedBy(
  registry: Registry,
  change: HostChange,
  words: Uint32Array,
  wall: number,
): MergeOutcome | null {
  const { nodeId, version } = change;
  if (!isUnknownLeave(change) || isFromTheFuture(change, wall)) return null;
  const row = registry.find(words, 0);
  if (row === noRow || !registry.isLive(row) || registry.nodeIds.equals(row, nodeId)) return null;
  if (compareVersions(version, registry.versions.get(row)) < 0) return null;
  registry.clock.observe(version, wall);
  registry.publish(row, wall);
  return 'contested';
}
