// `ddns-tui peers` without a screen: the other name servers as this one sees them.
import type { PeerStatus, Status } from '../../../shared/ipc/status-contract.ts';
import { safe } from '../../text/columns.ts';
import { dateTime, type Zone } from '../../text/format.ts';
import { filteredPeers, noPeersText, syncWarning } from '../../text/peers.ts';
import { plainRows } from '../../text/plain-table.ts';
import { sharesById } from '../../text/shares.ts';
import { peerColumns, unknown } from '../../views/peers/peer-table.ts';
import { jsonText } from './output.ts';

type PeersStatus = Pick<Status, 'peers' | 'shares' | 'server' | 'config'>;

export function peersJson(status: PeersStatus, filter: string): string {
  const shares = sharesById(status);
  return jsonText(
    filteredPeers(status.peers, filter).map(
      ({ address, id, state, roundTripMs, lagMs, load, lag, clockMs, ...rest }) => ({
        address,
        id,
        state,
        roundTripMs,
        lagMs,
        load,
        lag,
        clockMs,
        sharesWork: rest.sharesWork,
        encrypted: rest.encrypted,
        trouble: rest.trouble,
        version: rest.version,
        pings: shares.get(id)?.hosts ?? null,
        last: rest.last ?? null,
      }),
    ),
  );
}

/** @param now the daemon's clock */
export function peersPlain(status: PeersStatus, filter: string, now: number, zone: Zone): string {
  if (status.peers.length === 0) return `${noPeersText}\n`;
  const peers = filteredPeers(status.peers, filter);
  if (peers.length === 0) return `no peer matches ${safe(filter)}\n`;
  const lastHeard = ({ last }: PeerStatus) => (last == null ? unknown : dateTime(last.at, zone));
  const table = plainRows(
    [
      ...peerColumns(peers, sharesById(status), now),
      { name: 'last', title: `last heard, ${zone.name}`, cell: lastHeard },
      { name: 'trouble', cell: ({ trouble }) => safe(trouble ?? unknown, 400) },
    ],
    peers,
  );
  const warning = syncWarning({ ...status, peers: [...peers] });
  return warning === null ? table : `${table}${warning}\n`;
}
