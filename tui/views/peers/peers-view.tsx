// The Peers view: the other name servers, and what is known of the selected one.
import type { ReactElement } from 'react';
import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import { bodyColumns } from '../../components/layout.ts';
import { useTheme, WaitingLines } from '../../components/lines.tsx';
import { TableAndAside } from '../../components/table.tsx';
import { daemonNow, type PeerFact, peerFact } from '../../state/daemon-data.ts';
import { isFresh } from '../../state/shown.ts';
import { peerDetailLines } from './peer-detail.ts';
import { peerTableLines } from './peer-table.ts';
import {
  peerPosition,
  peersLayout,
  selectedPeer,
  shownPeers,
  type WithPeers,
} from './peers-state.ts';

export function PeersView({ state }: { state: WithPeers }): ReactElement {
  const theme = useTheme();
  const { data } = state;
  const width = bodyColumns(state);
  if (data === null) return <WaitingLines width={width} />;
  const layout = peersLayout(state);
  const { tableColumns, tableRows } = layout;
  const peer = selectedPeer(state);
  const now = daemonNow(data, state.now);
  const isNew = (each: PeerStatus, fact: PeerFact) =>
    isFresh(data.changes.get(peerFact(each, fact)), data);
  return (
    <TableAndAside
      layout={layout}
      table={peerTableLines(theme, {
        status: data.status,
        shown: shownPeers(state),
        filter: state.peers.filter,
        position: peerPosition(state),
        isNew,
        now,
        width: tableColumns,
        rows: tableRows,
      })}
      aside={
        peer &&
        ((columns, rows) =>
          peerDetailLines(
            theme,
            peer,
            { ...data.status, now, isNew: isNew(peer, 'state') },
            columns,
            rows,
          ))
      }
    />
  );
}
