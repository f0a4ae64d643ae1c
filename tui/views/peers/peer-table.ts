// The Peers table as lines: a summary, a warning if there is one, the column titles, the visible rows.
import type { PeerStatus, Status } from '../../../shared/ipc/status-contract.ts';
import { atEnds } from '../../components/layout.ts';
import { rowLine, titleLine } from '../../components/table.tsx';
import type { PeerFact } from '../../state/daemon-data.ts';
import type { ListPosition } from '../../state/list-position.ts';
import { cut, wrap } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { count, counted } from '../../text/format.ts';
import {
  isPlain,
  noPeersText,
  notEncryptedText,
  peersText,
  sharedPingsText,
} from '../../text/peers.ts';
import { sharesById } from '../../text/shares.ts';
import type { Theme } from '../../theme.ts';
import { peerColumns } from './peer-columns.ts';

export interface PeerTable {
  status: Status;
  /** those that pass the filter */
  shown: readonly PeerStatus[];
  filter: string;
  position: ListPosition;
  /** whether that of it changed just now */
  isNew(peer: PeerStatus, fact: PeerFact): boolean;
  width: number;
  rows: number;
}

export function peerTableLines(theme: Theme, table: PeerTable): string[] {
  const { status, shown, filter, position, width, rows } = table;
  const { peers } = status;
  if (peers.length === 0) return ['', ...emptyLines(theme, width)];
  const columns = peerColumns(peers, sharesById(status), width, table.isNew);
  const visible = shown.slice(position.top, position.top + rows);
  return [
    '',
    summaryLine(theme, table),
    peers.some(isPlain) ? theme.paint('warn', cut(notEncryptedText, width)) : '',
    ...(shown.length === 0
      ? [theme.paint('label', cut(noMatchText('peer', filter), width))]
      : [titleLine(theme, columns)]),
    ...visible.map((peer, index) => {
      const isSelected = position.top + index === position.cursor;
      return rowLine(theme, peer, columns, { isSelected, width });
    }),
  ];
}

function summaryLine(theme: Theme, { status, shown, filter, width }: PeerTable): string {
  const { peers, expiry } = status;
  const pings = `pings: ${sharedPingsText(expiry.servers)}`;
  const summary =
    filter === '' ? peersText(peers) : `${count(shown.length)} of ${counted(peers.length, 'peer')}`;
  return atEnds(
    theme.paint('strong', summary) + filterText(theme, filter, width),
    theme.paint('label', pings),
    width,
  );
}

function emptyLines(theme: Theme, width: number): string[] {
  const hint =
    'Name servers that list each other replicate the registry, split the pings, and redirect newcomers to each other when busy.';
  return [
    theme.paint('strong', cut(noPeersText, width)),
    '',
    ...wrap(hint, Math.min(width, 100), 4).map((line) => theme.paint('label', line)),
  ];
}
