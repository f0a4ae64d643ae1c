// The Peers view: the other name servers, and what is known of the selected one.
import type { ReactElement } from 'react';
import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import { useDaemon, useSelected } from '../../components/following.ts';
import { Blank, Facts, Styled, Summary, Waiting, Wrapped } from '../../components/styled.tsx';
import { Table, TableAndAside } from '../../components/table.tsx';
import { type DaemonData, type PeerFact, peerFact } from '../../state/daemon-data.ts';
import { isFresh } from '../../state/shown.ts';
import { noMatchText } from '../../text/columns.ts';
import { count, counted } from '../../text/format.ts';
import { noPeersText, peersText, sharedPingsText, syncWarning } from '../../text/peers.ts';
import { sharesById } from '../../text/shares.ts';
import { peerColumns, peerFacts } from './peer-table.ts';
import {
  peerPosition,
  peersLayout,
  selectedPeer,
  shownPeers,
  type WithPeers,
} from './peers-state.ts';

export function PeersView(): ReactElement {
  const daemon = useDaemon();
  const layout = useSelected(peersLayout);
  const peer = useSelected(selectedPeer);
  if (daemon === null) return <Waiting />;
  const { data, now, zone } = daemon;
  const isNew = (each: PeerStatus, fact: PeerFact) =>
    isFresh(data.changes.get(peerFact(each, fact)), data);
  const context = peer && { ...data.status, now, zone, isNew: isNew(peer, 'state') };
  return (
    <TableAndAside
      layout={layout}
      aside={
        context && (
          <Facts
            title="Selected peer"
            facts={peerFacts(peer, context)}
            rows={layout.asideRows - (layout.place === 'side' ? 1 : 2)}
          />
        )
      }
    >
      <Blank />
      {data.status.peers.length === 0 ? <OnItsOwn /> : <PeerTable {...{ data, now, isNew }} />}
    </TableAndAside>
  );
}

function OnItsOwn(): ReactElement {
  const hint =
    'Name servers that list each other replicate the registry, split the pings, and redirect newcomers to each other when busy.';
  return (
    <>
      <Styled as="strong">{noPeersText}</Styled>
      <Blank />
      <Wrapped as="label" text={hint} lines={4} width={100} />
    </>
  );
}

interface PeerTableProps {
  data: DaemonData;
  /** the daemon's clock */
  now: number;
  /** whether that of a peer changed just now */
  isNew(peer: PeerStatus, fact: PeerFact): boolean;
}

function PeerTable({ data, now, isNew }: PeerTableProps): ReactElement {
  const { peers, expiry } = data.status;
  const { tableRows } = useSelected(peersLayout);
  const { filter } = useSelected((state: WithPeers) => state.peers);
  const chosen = useSelected(({ columns }) => columns.peers);
  const shown = useSelected(shownPeers);
  const { top, cursor } = useSelected(peerPosition);
  const found = `${count(shown.length)} of ${counted(peers.length, 'peer')}`;
  return (
    <>
      <Summary
        text={filter === '' ? peersText(peers) : found}
        right={`pings: ${sharedPingsText(expiry.servers)}`}
        filter={filter}
      />
      <Styled as="warn">{syncWarning(data.status) ?? ' '}</Styled>
      {shown.length === 0 ? (
        <Styled as="label">{noMatchText('peer', filter)}</Styled>
      ) : (
        <Table
          filter={filter}
          columns={peerColumns(peers, sharesById(data.status), now, isNew, data.trips.byPeer)}
          chosen={chosen}
          rows={shown.slice(top, top + tableRows)}
          selected={cursor - top}
        />
      )}
    </>
  );
}
