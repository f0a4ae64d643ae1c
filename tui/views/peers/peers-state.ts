// The Peers view's state: the selected name server, by its address, and how far the table is scrolled. When it is no peer any
// more, the selection goes to the one that has its row then.

import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';
import { type ListMove, type ListPosition, moved, settled } from '../../state/list-position.ts';
import { filteredPeers } from '../../text/peers.ts';

interface PeersState {
  /** null until the operator moves: the first one */
  selected: string | null;
  /** the row that it was in; the first one as soon as the filter changes */
  row: number;
  top: number;
  /** words that must occur in what a row shows; `!word` must not */
  filter: string;
}

export interface WithPeers extends CommonState {
  peers: PeersState;
}

export const firstPeers: PeersState = { selected: null, row: 0, top: 0, filter: '' };

/** Row on top and selected row, as they fit the window and the peers there are now. */
export function peerPosition(state: WithPeers): ListPosition {
  return settled(position(state), sizeOf(state));
}

export function selectedPeer(state: WithPeers): PeerStatus | null {
  return shownPeers(state)[peerPosition(state).cursor] ?? null;
}

export function movePeers(state: WithPeers, move: ListMove): PeersState {
  const { top, cursor } = moved(position(state), move, sizeOf(state));
  return { ...state.peers, top, row: cursor, selected: shownPeers(state)[cursor]?.address ?? null };
}

export function shownPeers({ data, peers }: WithPeers): readonly PeerStatus[] {
  return filteredPeers(data?.status.peers ?? [], peers.filter);
}

function position(state: WithPeers): ListPosition {
  const { selected, row, top } = state.peers;
  const cursor = shownPeers(state).findIndex(({ address }) => address === selected);
  return { top, cursor: cursor < 0 ? row : cursor };
}

function sizeOf(state: WithPeers) {
  return { rows: shownPeers(state).length, viewport: peersLayout(state).tableRows };
}

/** Blank line, summary, warning or blank line, column titles. */
const headRows = 4;
/** Under the table: a rule, the title, and one line for each fact, or three for the trouble. */
const belowRows = 12;
/** The same of a silent peer: what was known of it takes two. */
const mostBelowRows = 14;
/** Enough of the table to see where one is. */
const minTableRows = 3;

export function peersLayout(state: CommonState): AsideLayout {
  const peers = state.data?.status.peers.length ?? 0;
  return asideLayout(state, headRows, (free) => {
    const tableRows = Math.min(peers, Math.max(minTableRows, free - belowRows));
    return Math.min(mostBelowRows, free - tableRows);
  });
}
