// What becomes of another server's record of a host. A record is two registers: the larger version
// wins (a tombstone an exact tie), and the latest contact is kept whichever wins. Both are
// commutative, associative and idempotent, so the order in which records arrive does not matter.
import type { HostChange } from '../../../shared/protocol/sync-message.ts';
import { compareVersions, maxAheadMs, type Version } from './version.ts';

export type MergeOutcome =
  /** the record replaced what was known */
  | 'applied'
  /** what was known is newer or the same */
  | 'known'
  /** one is a tombstone that wins, but did not know of the other's contact: that one is published */
  | 'contested'
  /** it comes from too far in the future */
  | 'refused'
  /** nobody may know any more whether it is alive: its tombstone may have been collected */
  | 'stale'
  /** the registry holds as many hosts as it may */
  | 'full';

/** What a registry knows of an address. */
export interface Known {
  state: 'live' | 'gone';
  version: Version;
  lastSeen: number;
}

/** How far ahead of `now` the latest time in the record is. */
export function aheadOf({ version, lastSeen, firstSeen }: HostChange, now: number): number {
  return Math.max(version.ms, lastSeen, firstSeen) - now;
}

export function isFromTheFuture(change: HostChange, now: number): boolean {
  return aheadOf(change, now) > maxAheadMs;
}

/** The tombstone of a host that left and was not known: first and last heard of when it did. */
export function unheardLeave(nodeId: string, version: Version): Omit<HostChange, 'address'> {
  const [firstSeen, lastSeen] = [version.ms, version.ms];
  return { nodeId, firstSeen, lastSeen, version, state: 'gone', dialect: 'native' };
}

export function isUnheardLeave({ state, firstSeen, version }: HostChange): boolean {
  return state === 'gone' && firstSeen >= version.ms;
}

/** What merging `change` into `known` does; `lastSeen` is raised to the change's by any of them. */
export function judge(known: Known, change: HostChange): 'applied' | 'known' | 'contested' {
  const order = compareVersions(change.version, known.version);
  if (known.state === change.state) return order > 0 ? 'applied' : 'known';
  const isGoneNewer = change.state === 'gone' ? order >= 0 : order <= 0;
  const [live, gone] = change.state === 'gone' ? [known, change] : [change, known];
  if (isGoneNewer && live.lastSeen > latestJudged(gone, order)) return 'contested';
  return isGoneNewer === (change.state === 'gone') ? 'applied' : 'known';
}

/** The latest contact that the tombstone can have known of; a leave is itself the last one. */
function latestJudged({ version, lastSeen }: Known, order: number): number {
  return order === 0 ? lastSeen : Math.max(version.ms, lastSeen);
}
