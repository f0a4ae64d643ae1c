// Anti-entropy: two servers compare the digests of what is live, and exchange the records that
// differ (PROTOCOL.md, "Repair"). It mends what the logs cannot tell: records of a server that is
// gone for good, of one whose disk was restored, and whatever a mistake left behind.
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
import { changeBytes, fitsBatch } from './change-batch.ts';
import { refusalText } from './peer-clocks.ts';
import type { Link, SyncContext } from './peer-session.ts';

/** Buckets looked into in one round: an eighth of the registry; the rest has its turn in the next. */
export const maxBuckets = 32;

/** Where the registry differs from one with these digests. */
export function differingBuckets(registry: Registry, buckets: string): number[] {
  return differences(registry.digest.buckets(), buckets).slice(0, maxBuckets);
}

/** What is here in the leaves of a bucket that differ from the asker's. */
export function differingRows(registry: Registry, bucket: number, leaves: string): SyncMessage[] {
  return differences(registry.digest.leaves(bucket), leaves).map((leaf) => {
    const number = bucket * leavesPerBucket + leaf;
    const hashes = [...registry.digest.rowsOf(number)].map(([, hash]) => hash);
    return { kind: 'rows', leaf: number, hashes: hashes.slice(0, maxLeafRows) };
  });
}

/** The records that the other one lacks in a leaf, and a request for those that it has and we lack. */
export function compareLeaf(registry: Registry, leaf: number, theirs: string[]): SyncMessage[] {
  const lacking = new Set(theirs);
  const changes: HostChange[] = [];
  for (const [row, hash] of registry.digest.rowsOf(leaf))
    if (!lacking.delete(hash)) changes.push(registry.hostChange(row));
  const messages = repairs(changes);
  if (lacking.size > 0) messages.push({ kind: 'want', leaf, hashes: [...lacking] });
  return messages;
}

/** The records of a leaf that were asked for. */
export function wantedRows(registry: Registry, leaf: number, hashes: string[]): SyncMessage[] {
  const wanted = new Set(hashes);
  const changes: HostChange[] = [];
  for (const [row, hash] of registry.digest.rowsOf(leaf))
    if (wanted.has(hash)) changes.push(registry.hostChange(row));
  return repairs(changes);
}

export interface Merged {
  outcomes: Record<MergeOutcome, number>;
  /** tombstones that the sender has not heard of */
  corrections: SyncMessage[];
  /** how far from the future the furthest of those that were refused is */
  aheadMs: number;
}

/** Merges the records of another server; the store is told of them with all that is pending. */
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
  return { outcomes, corrections: repairs(buried), aheadMs };
}

/**
 * A leave that was said where the host was not known (`Registry.leaveUnknown`) takes away only the node
 * that said it: others may share its address. Whoever has the live host of another id tells of it anew. It is a
 * change like any other, made here, so that merging stays the same in any order.
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
  registry.outlive(row, version, wall);
  return 'contested';
}

/** Names the peer at `from` when something of what it sent was refused. */
export function tellRefused(context: SyncContext, from: string, merged: Merged): void {
  const text = refusalText(merged, context.membership.at(from)?.clockMs);
  if (text !== null) context.event({ kind: 'ahead', address: from, text });
}

/** A peer's `repair`: merged, corrected where it does not know of a tombstone; how many it brought. */
export function takeRepair(
  context: SyncContext,
  link: Link,
  from: string,
  changes: readonly HostChange[],
  wall: number,
): number {
  const { registry, counters } = context;
  const merged = mergeAll(registry, changes, wall);
  const { outcomes, corrections } = merged;
  tellRefused(context, from, merged);
  counters.changesRepaired += outcomes.applied;
  counters.changesRefused += outcomes.refused;
  counters.changesStale += outcomes.stale;
  for (const each of corrections) link.send(each);
  context.commit();
  return outcomes.applied;
}

function repairs(changes: readonly HostChange[]): SyncMessage[] {
  const messages: SyncMessage[] = [];
  let batch: HostChange[] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = changeBytes(change);
    if (batch.length > 0 && !fitsBatch(batch.length, bytes, size)) {
      messages.push({ kind: 'repair', changes: batch });
      batch = [];
      bytes = 0;
    }
    batch.push(change);
    bytes += size;
  }
  if (batch.length > 0) messages.push({ kind: 'repair', changes: batch });
  return messages;
}
