// What is said of a peer whose clock is not this server's: of the clock itself, and of records that
// were refused because they are from the future.
import { maxAheadMs } from '../registry/version.ts';
import type { Peer } from './membership.ts';
import type { PeerEvent } from './peer-session.ts';
import type { Merged } from './repair.ts';

const limit = `${maxAheadMs / 1_000} s`;

/** The peer's clock is so far from here that one of the two refuses what the other tells. */
export function clockTrouble(clockMs: number | null): string | null {
  if (clockMs === null || Math.abs(clockMs) <= maxAheadMs) return null;
  const [side, refuses] = clockMs > 0 ? ['ahead of', 'this one'] : ['behind', 'that one'];
  return `its clock is ${roughly(Math.abs(clockMs))} ${side} this server's, and over ${limit} ${refuses} refuses what the other tells; set the wrong clock right`;
}

/** Tells once when a peer's clock goes wrong, and once when it is right again. */
export function watchClock(peer: Peer, event: (event: PeerEvent) => void): void {
  const trouble = clockTrouble(peer.clockMs);
  const isWrong = trouble !== null;
  if (isWrong === peer.isClockWrong) return;
  peer.isClockWrong = isWrong;
  const text = trouble ?? `its clock is within ${limit} of this server's again`;
  event({ kind: 'clock', address: peer.address, text });
}

/** Why records of a peer, whose clock is `clockMs` ahead of here, were refused; null: none was. */
export function refusalText(
  { outcomes, aheadMs }: Merged,
  clockMs: number | null = null,
): string | null {
  const { refused } = outcomes;
  if (refused === 0) return null;
  const records = `${refused} ${refused === 1 ? 'record' : 'records'} refused`;
  return aheadMs > maxAheadMs
    ? `${records}: times up to ${roughly(aheadMs)} ahead of this server's clock, at most ${limit} is taken; ${remedy(clockMs)}`
    : `${records}: made by more name servers than are kept; see who syncs with it`;
}

function remedy(clockMs: number | null): string {
  return clockMs === null || clockTrouble(clockMs) !== null
    ? 'set the wrong clock right'
    : 'its clock was ahead and is right now: it stamps them anew within seconds, or once its ddnsd is updated';
}

/** In the largest unit of which there are two. */
export function roughly(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
