// What an operator should notice from anywhere, in words for the room there is. Details are in the views.
import type { PeerStatus, Status } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';
import { count, counted } from './format.ts';
import { isPlain, isTroubled } from './peers.ts';
import { isAlarming } from './self-preservation.ts';

export interface Alarm {
  text: string;
  short: string;
  /** where to look, when there is no room for more */
  place: string;
}

/** The most urgent first; empty when all is well. */
export function alarmsOf(status: Pick<Status, 'storage' | 'selfPreservation' | 'peers'>): Alarm[] {
  const state = safe(status.storage.state, 16);
  const storage = {
    text: `storage ${state}: registrations are refused`,
    short: `storage ${state}`,
    place: 'storage',
  };
  const expiry = { text: 'deletions held back', short: 'no deletes', place: 'expiry' };
  return [
    ...(status.storage.state === 'ok' ? [] : [storage]),
    ...(isAlarming(status.selfPreservation) ? [expiry] : []),
    ...peerAlarms(status.peers),
  ];
}

export function peerAlarms(peers: readonly PeerStatus[]): Alarm[] {
  const troubled = peers.filter(isTroubled).length;
  const place = 'peers';
  const trouble = {
    text: `${count(troubled)} of ${counted(peers.length, 'peer')} failing`,
    short: `${counted(troubled, 'peer')} failing`,
    place,
  };
  const plain = { text: 'sync unencrypted', short: 'unencrypted', place };
  return [...(troubled === 0 ? [] : [trouble]), ...(peers.some(isPlain) ? [plain] : [])];
}
