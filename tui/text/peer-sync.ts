// What comparing with other name servers brought, in words: the same as a notice and in print.
import type { PeerSync } from '../../shared/ipc/contract.ts';
import { safe } from './columns.ts';
import { count } from './format.ts';

/** One line of it. */
export function syncText(peer: PeerSync): string {
  const address = safe(peer.address, 64);
  switch (peer.outcome) {
    case 'equal':
      return `${address} has the same hosts as this one: ${broughtText(peer)}`;
    case 'unfinished':
      return `${address} has not the same hosts yet: ${broughtText(peer)} until now, and it goes on`;
    case 'lost':
      return `the connection to ${address} ended meanwhile: ${broughtText(peer)}`;
    case 'away':
      return `there is no connection to ${address}; ddns-tui peers shows its state`;
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
    ? 'nothing was exchanged'
    : `${count(received)} came here, ${count(sent)} went there`;
}
