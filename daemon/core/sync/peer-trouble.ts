// What is wrong with a peer, in sentences for its operators. Each is a predicate: its subject is the peer.
import {
  familyName,
  type SyncMessage,
  type Unable,
} from '../../../shared/protocol/sync-message.ts';
import { maxAheadMs } from '../registry/version.ts';
import type { Peer } from './peer.ts';

const limit = `${maxAheadMs / 1_000} s`;

/**
 * @param clockMs the peer's clock less this server's
 * @returns null while neither server refuses the other's records for their time
 */
export function clockTrouble(clockMs: number | null): string | null {
  if (clockMs === null || Math.abs(clockMs) <= maxAheadMs) return null;
  const [side, refuses] = clockMs > 0 ? ['ahead of', 'this one'] : ['behind', 'that one'];
  return `its clock is ${roughly(Math.abs(clockMs))} ${side} this server's, and over ${limit} ${refuses} refuses the other's records; set the wrong clock right`;
}

/** The peer's clock agrees with this server's again. */
export const clockRight = `its clock is within ${limit} of this server's again`;

/**
 * Why records of a peer were refused.
 * @param refused how many, at least 1
 * @param aheadMs how far the latest of them is ahead of this server's clock
 * @param clockMs the peer's clock less this server's; null: unknown
 */
export function refusalText(refused: number, aheadMs: number, clockMs: number | null): string {
  const records = `${refused} ${refused === 1 ? 'record' : 'records'} refused`;
  return aheadMs > maxAheadMs
    ? `${records}: times up to ${roughly(aheadMs)} ahead of this server's clock, at most ${limit} is taken; ${remedy(clockMs)}`
    : `${records}: made by more name servers than are kept; check which name servers it syncs with`;
}

function remedy(clockMs: number | null): string {
  return clockMs === null || clockTrouble(clockMs) !== null
    ? 'set the wrong clock right'
    : 'its clock was ahead and is right now: it stamps them anew within seconds, or once its ddnsd is updated';
}

/** A peer whose heartbeats say that it cannot judge hosts. */
export function unableTrouble(unable: Unable): string {
  return unable === 'all'
    ? 'cannot judge hosts: too few of them answer its pings, so it deletes none, and others judge its share; look at its network and firewalls'
    : `cannot judge ${familyName(unable)} hosts: it cannot send pings to them, so others judge its share of these; look at its addresses, routes and open files`;
}

/** It can again. */
export const ableAgain = 'can judge hosts again';

/** Two peers with one id (`Membership.twins`). */
export function twinTrouble({ id }: Peer, twin: Peer): string {
  return `has the id ${id}, and so has ${twin.address}: one database is used by two name servers, and changes of either are missed; start one of them with an empty Database`;
}

/** @param former addresses in NameServers where it was, and does not answer @returns null when there are none */
export function formerTrouble(former: readonly string[]): string | null {
  if (former.length === 0) return null;
  return `does not answer at ${former.join(' and ')}, where it is named, too; if it has moved, remove that from NameServers`;
}

/**
 * What is wrong with a peer now, the worst of it; null: nothing.
 * @param clockMs null while it is silent
 * @param unable hosts that it cannot judge; null: none
 */
export function troubleOf(
  peer: Peer,
  twin: Peer | null,
  clockMs: number | null,
  unable: Unable | null,
): string | null {
  const known = peer.trouble ?? (twin === null ? clockTrouble(clockMs) : twinTrouble(peer, twin));
  return known ?? (unable === null ? null : unableTrouble(unable));
}

/** A message that may not come at this point of a session, or not from this side. */
export function misplaced({ kind }: SyncMessage): string {
  return `sent "${kind}" where it has no place; run the same version of ddnsd on both`;
}

/** A duration in ms in the largest unit of which there are at least two. */
export function roughly(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
