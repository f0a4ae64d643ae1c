// What comparing with other name servers brought, in words: the same as a notice and in print.
import type { PeerSync } from '../../shared/ipc/contract.ts';
import { safe } from './columns.ts';
import { count } from './format.ts';

/** One line of it. */
export function syncText(peer: PeerSync): string {
  const address = safe(peer.address, 64);
  switch (peer.outcome) {
    case 'equal':
      return `in sync with ${address}: ${broughtText(peer)}`;
    case 'unfinished':
      return `still syncing with ${address}: ${broughtText(peer)} so far`;
    case 'lost':
      return `lost the connection to ${address}: ${broughtText(peer)}`;
    case 'away':
      return `not connected to ${address}; ddns-tui peers shows why`;
    default:
      return `${address}: ${safe(peer.outcome, 32)}`;
  }
}

/** Whether there is nothing left to do. */
export function isEqual({ outcome }: PeerSync): boolean {
  return outcome === 'equal';
}

function broughtText({ received, sent }: PeerSync): string {
  return received + sent === 0
    ? 'nothing exchanged'
    : `${count(received)} received, ${count(sent)} sent`;
}
