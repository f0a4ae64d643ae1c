// The Peers view's state: the selected name server, by its address, and how far the table is scrolled.
import type { PeerStatus } from '../../../shared/ipc/contract.ts';
import type { ConsoleState } from '../../state/console-state.ts';
import { type ListMove, type ListPosition, moved, settled } from '../../state/list-position.ts';
import { peersLayout } from './peers-layout.ts';

export interface PeersState {
  /** null until the operator moves: the first one */
  selected: string | null;
  top: number;
}

export const firstPeers: PeersState = { selected: null, top: 0 };

/** Row on top and selected row, as they fit the window and the peers there are now. */
export function peerPosition(state: ConsoleState): ListPosition {
  return settled(position(state), sizeOf(state));
}

export function selectedPeer(state: ConsoleState): PeerStatus | null {
  return peersOf(state)[peerPosition(state).cursor] ?? null;
}

export function movePeers(state: ConsoleState, move: ListMove): PeersState {
  const { top, cursor } = moved(position(state), move, sizeOf(state));
  return { top, selected: peersOf(state)[cursor]?.address ?? null };
}

function peersOf({ data }: ConsoleState): readonly PeerStatus[] {
  return data?.status.peers ?? [];
}

function position(state: ConsoleState): ListPosition {
  const { selected, top } = state.peers;
  const cursor = peersOf(state).findIndex(({ address }) => address === selected);
  return { top, cursor: Math.max(0, cursor) };
}

function sizeOf(state: ConsoleState) {
  return { rows: peersOf(state).length, viewport: peersLayout(state).tableRows };
}
