// What becomes of another server's record of a host. A record is two registers: the larger version
// wins (a tombstone an exact tie), and the latest contact is kept whichever wins. Both are
// commutative, associative and idempotent, so the order in which records arrive does not matter.
import type { HostChange } from '../../shared/protocol/sync-message.ts';
import { compareVersions, maxAheadMs, type Version } from './version.ts';

export type MergeOutcome =
  /** the record replaced what was known */
  | 'applied'
  /** what was known is newer or the same */
  | 'known'
  /** the tombstone judged a contact before the latest one known here: that one is published */
  | 'contested'
  /** it comes from too far in the future */
  | 'refused'
  /** the registry holds as many hosts as it may */
  | 'full';

/** What a registry knows of an address. */
export interface Known {
  state: 'live' | 'gone';
  version: Version;
  lastSeen: number;
}

export function isFromTheFuture({ version, lastSeen, firstSeen }: HostChange, now: number) {
  const bound = now + maxAheadMs;
  return version.ms > bound || lastSeen > bound || firstSeen > bound;
}

/** What merging `change` into `known` does; `lastSeen` is raised to the change's by any of them. */
export function judge(known: Known, change: HostChange): 'applied' | 'known' | 'contested' {
  const order = compareVersions(change.version, known.version);
  if (order !== 0) return order > 0 ? 'applied' : 'known';
  if (known.state === change.state || change.state === 'live') return 'known';
  return known.lastSeen > change.lastSeen ? 'contested' : 'applied';
}
