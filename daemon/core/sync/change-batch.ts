// The next batch of this server's own changes for a peer: bounded in number and bytes, and complete
// up to the entry that it names.
import {
  type HostChange,
  maxBatchBytes,
  maxBatchChanges,
} from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';

/** In a change's line beside its three names: words, spaces, three times and a counter. */
const fixedBytes = 80;

export interface ChangeBatch {
  entry: number;
  changes: HostChange[];
  /** where the next batch begins to look, when it still is the row of `entry` */
  row: number;
}

/** At least as many bytes as the change has on the wire. */
export function changeBytes({ address, nodeId, version }: HostChange): number {
  return fixedBytes + address.length + nodeId.length + version.server.length;
}

export function fitsBatch(changes: number, bytes: number, more: number): boolean {
  return changes < maxBatchChanges && bytes + more <= maxBatchBytes;
}

/** What comes after entry `after`; call it only while nothing in the registry is pending. */
export function nextBatch(registry: Registry, after: number, near: number): ChangeBatch {
  const { log } = registry;
  const changes: HostChange[] = [];
  let bytes = 0;
  let last = noRow;
  for (let row = log.firstAfter(after, near); row !== noRow; row = log.next(row)) {
    const change = registry.hostChange(row);
    const size = changeBytes(change);
    if (!fitsBatch(changes.length, bytes, size))
      return { entry: log.entryOf(last), changes, row: last };
    changes.push(change);
    bytes += size;
    last = row;
  }
  return { entry: registry.committedEntry, changes, row: last };
}
