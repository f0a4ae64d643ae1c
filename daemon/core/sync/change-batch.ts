// Records of hosts in messages of bounded size. A `changes` message is complete up to the entry of the change
// log that it names; `repair` messages are any records.
import {
  type HostChange,
  maxBatchBytes,
  maxBatchChanges,
  type SyncMessage,
  type SyncNews,
} from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';

/** In a record's line beside its three names: words, spaces, three times and a counter. */
const fixedBytes = 80;

/** Part of this server's change log. */
export interface ChangeBatch {
  /** complete up to here */
  entry: number;
  changes: HostChange[];
  /** the row of `entry`: a hint for the next batch, which holds until the row changes again */
  row: number;
}

/**
 * The next changes after entry `after`. Nothing in the registry may be pending.
 * @param maxBytes at most this many, and at most those of a batch; one record always fits
 */
export function nextBatch(
  registry: Registry,
  after: number,
  near: number,
  maxBytes: number = maxBatchBytes,
): ChangeBatch {
  const { log } = registry;
  const changes: HostChange[] = [];
  let bytes = 0;
  let last = noRow;
  for (let row = log.firstAfter(after, near); row !== noRow; row = log.next(row)) {
    const change = registry.hostChange(row);
    const size = bytesOf(change);
    if (!fits(changes.length, bytes, size, maxBytes))
      return { entry: log.entryOf(last), changes, row: last };
    changes.push(change);
    bytes += size;
    last = row;
  }
  return { entry: registry.committedEntry, changes, row: last };
}

/** Bytes of a `repair`: heartbeats go between two of them, so that they wait a second on 64 kbit/s. */
const maxRepairBytes = 8_192;

/** `repair` messages with all of these records. */
export function repairsOf(changes: readonly HostChange[]): SyncMessage[] {
  const messages: SyncMessage[] = [];
  let batch: HostChange[] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = bytesOf(change);
    if (!fits(batch.length, bytes, size, maxRepairBytes)) {
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

/** At least as many bytes as the record has on the wire. */
function bytesOf({ address, nodeId, version }: HostChange): number {
  return fixedBytes + address.length + nodeId.length + version.server.length;
}

function fits(count: number, bytes: number, more: number, maxBytes: number): boolean {
  const most = Math.min(maxBytes, maxBatchBytes);
  return count < maxBatchChanges && (count === 0 || bytes + more <= most);
}

/** Bytes of short messages, and of the words before a list. */
const shortBytes = 64;
const hashBytes = 17;

/** About as many bytes as the message has on the wire; never many fewer. */
export function sizeOf(message: SyncMessage | SyncNews): number {
  switch (message.kind) {
    case 'changes':
    case 'repair':
    case 'news':
      return message.changes.reduce((sum, change) => sum + bytesOf(change), shortBytes);
    case 'rows':
    case 'want':
      return shortBytes + hashBytes * message.hashes.length;
    case 'digest':
      return shortBytes + message.buckets.length;
    case 'leaves':
      return shortBytes + message.leaves.length;
    default:
      return shortBytes;
  }
}
