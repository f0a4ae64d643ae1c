// Two name servers that use copies of one database have one id. To themselves each says so when they
// meet (`same-id`); a third server sees both alive, and takes the changes of one for those of the other.
import type { Membership, Peer } from './membership.ts';
import type { PeerEvent } from './peer-session.ts';

/** The peer that has this one's id as well and is another process, while both are there; null: none. */
export function twinOf(peer: Peer, { peers }: Membership, mono: number): Peer | null {
  if (peer.id === null || peer.run === null) return null;
  const isThere = (each: Peer) => ['alive', 'suspect'].includes(each.state(mono));
  if (!isThere(peer)) return null;
  // A server that was started again is another run of the same: it is heard at one address only.
  return (
    peers.find(
      (each) =>
        each !== peer &&
        each.id === peer.id &&
        each.run !== null &&
        each.run !== peer.run &&
        isThere(each),
    ) ?? null
  );
}

export function twinTrouble({ id }: Peer, twin: Peer): string {
  return `has the id ${id}, and so has ${twin.address}: one database is used by two name servers, and changes of either are missed; start one of them with an empty Database`;
}

/** Tells once when a peer is found to have a twin, and once when it has none any more. */
export function watchTwins(
  membership: Membership,
  mono: number,
  event: (event: PeerEvent) => void,
): void {
  for (const peer of membership.peers) {
    const twin = twinOf(peer, membership, mono);
    if ((twin !== null) === peer.hasTwin) continue;
    peer.hasTwin = twin !== null;
    const text = twin === null ? 'is the only one with its id again' : twinTrouble(peer, twin);
    event({ kind: 'twin', address: peer.address, text });
  }
}
