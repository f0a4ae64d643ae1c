// What is said of the other name servers in more than one place: how many there are and live, what
// is wrong with them, and what an operator should do when there are none or nothing is encrypted.

import { filterWords, matchesFilter } from '../../shared/filter.ts';
import type { PeerSync } from '../../shared/ipc/contract.ts';
import type { PeerStatus, Status } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';
import { count, counted, durationText, milliseconds } from './format.ts';

export const noPeersText = 'no peers configured; list them under NameServers in ddns.conf';

/** `2 of 3`, those that are alive; `none` where there are none. */
export function aliveText(peers: readonly PeerStatus[]): string {
  const alive = peers.filter(({ state }) => state === 'alive').length;
  return peers.length === 0 ? 'none' : `${count(alive)} of ${count(peers.length)}`;
}

/** `3 peers, 2 alive` */
export function peersText(peers: readonly PeerStatus[]): string {
  const alive = peers.filter(({ state }) => state === 'alive').length;
  return `${counted(peers.length, 'peer')}, ${count(alive)} alive`;
}

/** What is wrong with the sync of this name server as a whole; null: nothing. */
export function syncWarning({ peers, config }: Pick<Status, 'peers' | 'config'>): string | null {
  if (peers.some(isPlain)) return `sync is ${unencryptedText(config)}`;
  return config.secret === 'used' ? 'sync is also accepted without the Secret' : null;
}

/** Of a peer with which sync is not encrypted, and why. */
export function unencryptedText({ secret }: Status['config']): string {
  return secret === 'accepted'
    ? 'unencrypted: Secret is accepted but not used'
    : 'unencrypted: set Secret in ddns.conf';
}

export function isPlain({ encrypted }: PeerStatus): boolean {
  return encrypted === false;
}

/** It was there and is silent, or it cannot be synced with. One that was never reached is waited for. */
export function isTroubled({ state, trouble }: PeerStatus): boolean {
  return trouble !== null || state === 'suspect' || state === 'down';
}

/** As its column says it; empty without a connection. */
export function encryptionText({ encrypted }: PeerStatus): string {
  return encrypted === null ? '' : encrypted ? 'encrypted' : 'plain';
}

/** The peer, with figures that are of now; an older daemon goes on giving the latest ones of a silent peer. */
export function asOfNow(peer: PeerStatus): PeerStatus {
  if (peer.state === 'alive' || peer.last !== undefined) return peer;
  return { ...peer, roundTripMs: null, clockMs: null, load: null };
}

/** Whether nodes may be redirected to it now: it is there, and neither drains nor stops. */
export function takesNodes(peer: PeerStatus): boolean {
  const { state, load } = asOfNow(peer);
  return state === 'alive' && load !== null && load.limit > 0;
}

/** `down 12 min` in a column, since it was last heard. @param now the daemon's clock */
export function peerStateText({ state, last }: PeerStatus, now: number): string {
  const since = last == null ? '' : ` ${durationText(now - last.at, 1)}`;
  return `${safe(state, 12)}${since}`;
}

/** `down for 12 min`, `not reached since this server started` in a sentence. @param now the daemon's clock */
export function peerStateSentence({ state, last }: PeerStatus, now: number): string {
  switch (state) {
    case 'connecting':
      return 'not reached since this server started';
    case 'suspect':
      return last == null ? state : `suspect: silent for ${durationText(now - last.at)}`;
    case 'down':
      return last == null ? state : `down for ${durationText(now - last.at)}`;
    default:
      return safe(state, 12);
  }
}

/**
 * Those of which `filter` finds its words in the address, the id or what is said of their state, with figures that
 * are of now.
 */
export function filteredPeers(peers: readonly PeerStatus[], filter: string): readonly PeerStatus[] {
  const words = filterWords(filter);
  return peers.map(asOfNow).filter((peer) => {
    const { address, id, state, trouble } = peer;
    return matchesFilter(words, [address, id ?? '', state, trouble ?? '', encryptionText(peer)]);
  });
}

/** Among whom the pings are shared out. */
export function sharedPingsText(servers: number): string {
  return servers <= 1 ? 'this server only' : `split among ${count(servers)} name servers`;
}

/** Milliseconds as long as these can be read, then larger units: `0.4 ms`, `840 ms`, `12 s`. */
export function shortTime(ms: number): string {
  return ms < 1_000 ? milliseconds(ms) : durationText(ms);
}

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
