// Hosts from a file of an operator. A file proves nothing about now, so an imported host is due for a ping at once, and
// its version is that of the contact in the file: whatever the registry or a peer knows of a later time wins.
import { addressKind, kindOf } from '../../../shared/protocol/address-kind.ts';
import type { HostChange } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from './registry.ts';
import { noRow } from './row-list.ts';
import { maxAheadMs } from './version.ts';

/** What became of an imported host; all but the first two refuse it. */
export const importOutcomes = [
  /** it is live here, unproved and due for a ping */
  'stored',
  /** it was live here already */
  'known',
  /** another node is live at its address */
  'taken',
  /** it left or was deleted after its contact */
  'deleted',
  /** its contact is older than tombstones live, so it may have left since */
  'too-old',
  /** its source has as many hosts as one source may */
  'over-share',
  /** the registry holds MaxHosts */
  'full',
  /** no host can have such an address */
  'no-address',
] as const;
export type ImportOutcome = (typeof importOutcomes)[number];

/** A host as a file names it. Times are ms since 1970. */
export type ImportedHost = Pick<
  HostChange,
  'address' | 'nodeId' | 'firstSeen' | 'lastSeen' | 'dialect'
>;

/**
 * Imports a host, whose address is packed at `words[0]`, at `now`.
 * @param ttlMs it counts as last seen that long ago at the latest
 */
export function importHost(
  registry: Registry,
  words: Uint32Array,
  host: ImportedHost,
  { now, ttlMs }: { now: number; ttlMs: number },
): ImportOutcome {
  if (kindOf(words, 0) === addressKind.none) return 'no-address';
  const known = registry.find(words, 0);
  if (known !== noRow && registry.isLive(known))
    return registry.nodeIds.equals(known, host.nodeId) ? 'known' : 'taken';
  const lastSeen = Math.min(host.lastSeen, now - ttlMs);
  const firstSeen = Math.min(host.firstSeen, lastSeen);
  // As for a record of a peer (merge.ts), also while the clock is doubted: a file can be imported again.
  if (lastSeen < now - registry.tombstoneMs + maxAheadMs) return 'too-old';
  if (!registry.shares.hasRoomFor(words)) return 'over-share';
  const version = { ms: lastSeen, counter: 0, server: registry.clock.server };
  const outcome = registry.merge(
    { ...host, firstSeen, lastSeen, version, state: 'live' },
    words,
    now,
  );
  if (outcome === 'full') return 'full';
  const row = registry.find(words, 0);
  if (row === noRow || !registry.isLive(row)) return 'deleted';
  // Peers get it from this server's change log.
  registry.log.append(row);
  return 'stored';
}
