// When the state of each peer last changed. Views mark what changed lately, so that who looks up sees what
// is new. Times are the console's monotonic clock; what was there at the beginning has none.
import type { PeerStatus } from '../../shared/ipc/contract.ts';

/** By address. */
export type PeerChanges = ReadonlyMap<string, number>;

/** `known`, and what differs between the two lists. */
export function changesOf(
  known: PeerChanges,
  before: readonly PeerStatus[],
  after: readonly PeerStatus[],
  now: number,
): PeerChanges {
  if (before === after) return known;
  const earlier = new Map(before.map((peer) => [peer.address, stateOf(peer)]));
  return new Map(
    after.flatMap((peer) => {
      const { address } = peer;
      const state = earlier.get(address);
      const at = state !== undefined && state !== stateOf(peer) ? now : known.get(address);
      return at === undefined ? [] : [[address, at]];
    }),
  );
}

/** What its row says of it in the column of states. */
function stateOf({ state, trouble }: PeerStatus): string {
  return trouble === null ? state : `${state} !`;
}
