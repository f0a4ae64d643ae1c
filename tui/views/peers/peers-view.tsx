// The Peers view: the other name servers, and what is known of the selected one.
import type { ReactElement } from 'react';
import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import { useSelected, useTheme } from '../../components/console-context.ts';
import { bodyColumns } from '../../components/layout.ts';
import { Lines } from '../../components/lines.tsx';
import { TableAndAside } from '../../components/table-and-aside.tsx';
import { type PeerFact, peerFact } from '../../state/changes.ts';
import { isFresh } from '../../state/freshness.ts';
import { peerDetailLines } from './peer-detail.ts';
import { peerTableLines } from './peer-table.ts';
import { peersLayout } from './peers-layout.ts';
import { peerPosition, selectedPeer, shownPeers } from './peers-state.ts';

export function PeersView(): ReactElement {
  const theme = useTheme();
  // Nearly all of it is shown: size, data, position.
  const state = useSelected((all) => all);
  const { data } = state;
  const width = bodyColumns(state);
  if (data === null)
    return (
      <Lines lines={['', theme.paint('label', 'waiting for the name server …')]} width={width} />
    );
  const layout = peersLayout(state);
  const { tableColumns, tableRows } = layout;
  const peer = selectedPeer(state);
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
        width: tableColumns,
        rows: tableRows,
      })}
      aside={
        peer &&
        ((columns, rows) =>
          peerDetailLines(
            theme,
            peer,
            { ...data.status, isNew: isNew(peer, 'state') },
            columns,
            rows,
          ))
      }
    />
  );
}
