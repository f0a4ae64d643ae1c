// Merging another server's record of a host (PROTOCOL.md, "Records and versions"). The record with the larger
// version wins; at an exact tie the tombstone does. The latest contact is kept whichever record wins. Both
// rules are commutative, associative and idempotent, so the order in which records arrive does not matter.
import type { HostChange } from '../../../shared/protocol/sync-message.ts';
import { compareVersions, maxAheadMs, type Version } from './version.ts';

/** What became of another server's record. */
export type MergeOutcome =
  /** it replaced the record here */
  | 'applied'
  /** the record here is the same or newer */
  | 'known'
  /** the tombstone of the two wins, but its server did not know of the other's contact: the host is published anew */
  | 'contested'
  /** it is too far in the future */
  | 'refused'
  /** its last contact is so old that a tombstone may have been dropped since */
  | 'stale'
  /** the registry holds `maxHosts` */
  | 'full';

/** The record that a registry has of an address. */
interface Known {
  state: 'live' | 'gone';
  version: Version;
  lastSeen: number;
}

/** How far the latest time in the record is ahead of `now`, in ms. */
export function aheadOf({ version, lastSeen, firstSeen }: HostChange, now: number): number {
  return Math.max(version.ms, lastSeen, firstSeen) - now;
}

/** Whether the record must be refused, because a time in it is more than `maxAheadMs` after `now`. */
export function isFromTheFuture(change: HostChange, now: number): boolean {
  return aheadOf(change, now) > maxAheadMs;
}

/** The tombstone of a host that left a server that did not know it; all its times are that of the leave. */
export function unknownLeave(nodeId: string, version: Version): Omit<HostChange, 'address'> {
  const [firstSeen, lastSeen] = [version.ms, version.ms];
  return { nodeId, firstSeen, lastSeen, version, state: 'gone', dialect: 'native' };
}

/** Whether a record is a tombstone as `unknownLeave` makes it. */
export function isUnknownLeave({ state, firstSeen, version }: HostChange): boolean {
  return state === 'gone' && firstSeen >= version.ms;
}

/** Decides between two records. The caller keeps the later `lastSeen` of both, whatever the outcome. */
export function judge(known: Known, change: HostChange): 'applied' | 'known' | 'contested' {
  const order = compareVersions(change.version, known.version);
  if (known.state === change.state) return order > 0 ? 'applied' : 'known';
  const isGoneNewer = change.state === 'gone' ? order >= 0 : order <= 0;
  const [live, gone] = change.state === 'gone' ? [known, change] : [change, known];
  if (isGoneNewer && live.lastSeen > latestJudged(gone, order)) return 'contested';
  return isGoneNewer === (change.state === 'gone') ? 'applied' : 'known';
}

/** The latest contact that the tombstone's server can have known of; a leave is itself the last contact. */
function latestJudged({ version, lastSeen }: Known, order: number): number {
  return order === 0 ? lastSeen : Math.max(version.ms, lastSeen);
}
