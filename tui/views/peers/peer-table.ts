// The Peers table as lines: a summary, a warning if there is one, the column titles, the visible rows.
import type { Status } from '../../../shared/ipc/contract.ts';
import { atEnds } from '../../frame/panes.ts';
import type { ListPosition } from '../../state/list-position.ts';
import { cut, fitted, wrap } from '../../text/columns.ts';
import {
  isPlain,
  noPeersText,
  notEncryptedText,
  peersText,
  sharedPingsText,
} from '../../text/peers.ts';
import type { Theme } from '../../theme.ts';
import { peerColumns, peerHeader, peerRow } from './peer-columns.ts';

export function peerTableLines(
  theme: Theme,
  status: Status,
  position: ListPosition,
  width: number,
  rows: number,
): string[] {
  const { peers } = status;
  if (peers.length === 0) return ['', ...emptyLines(theme, width)];
  const columns = peerColumns(peers, width);
  const visible = peers.slice(position.top, position.top + rows);
  return [
    '',
    summaryLine(theme, status, width),
    peers.some(isPlain) ? theme.paint('warn', cut(notEncryptedText, width)) : '',
    peerHeader(theme, columns),
    ...visible.map((peer, index) => {
      const isSelected = position.top + index === position.cursor;
      const text = peerRow(theme, peer, columns, isSelected);
      return isSelected ? theme.paint('selected', fitted(text, width)) : text;
    }),
  ];
}

function summaryLine(theme: Theme, { peers, expiry }: Status, width: number): string {
  const pings = `pings ${sharedPingsText(expiry.servers)}`;
  return atEnds(theme.paint('strong', peersText(peers)), theme.paint('label', pings), width);
}

function emptyLines(theme: Theme, width: number): string[] {
  const hint =
    'Name servers that name each other keep one list, share out the pings, and send newcomers to each other when they are busy.';
  return [
    theme.paint('strong', cut(noPeersText, width)),
    '',
    ...wrap(hint, Math.min(width, 100), 4).map((line) => theme.paint('label', line)),
  ];
}
