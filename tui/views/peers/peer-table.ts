// The columns of the Peers table, and everything that is known of one peer. A narrow window drops the columns that weigh
// least.
import type { PeerStatus, Status } from '../../../shared/ipc/status-contract.ts';
import type { Fact } from '../../components/styled.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import type { DaemonData, PeerFact } from '../../state/daemon-data.ts';
import type { ColumnName } from '../../text/column-names.ts';
import { columnsOf, safe } from '../../text/columns.ts';
import {
  ago,
  count,
  counted,
  durationText,
  milliseconds,
  type Zone,
  zonedTime,
} from '../../text/format.ts';
import {
  encryptionText,
  isPlain,
  peerStateSentence,
  peerStateText,
  shortTime,
  unencryptedText,
} from '../../text/peers.ts';
import { percent, type SharesById, sharesById } from '../../text/shares.ts';
import { sparkline } from '../../text/sparkline.ts';
import type { Token } from '../../theme.ts';

/** Those of the last minute, where there is room of the last two. */
const leastTripColumns = 12;
const tripColumns = 24;

/** Nothing is known (yet). */
export const unknown = '-';

/**
 * @param now the daemon's clock
 * @param isNew whether that of it changed just now: then it is set off
 * @param trips the latest round trips, as a small chart once there are some
 */
export function peerColumns(
  peers: readonly PeerStatus[],
  shares: SharesById,
  now: number,
  isNew: (peer: PeerStatus, fact: PeerFact) => boolean = () => false,
  trips: DaemonData['trips']['byPeer'] = new Map(),
): TableColumn<PeerStatus, ColumnName<'peers'>>[] {
  const addresses = peers.map(({ address }) => columnsOf(safe(address)));
  const columns: TableColumn<PeerStatus, ColumnName<'peers'>>[] = [
    {
      name: 'address',
      width: Math.max(21, ...addresses),
      weight: 0,
      cell: ({ address }) => safe(address),
    },
    { name: 'id', width: 16, weight: 9, cell: ({ id }) => safe(id ?? unknown) },
    {
      name: 'state',
      width: 12,
      weight: 1,
      cell: (peer) => stateCell(peer, now),
      tone: (peer) => (isNew(peer, 'state') ? 'selected' : stateTone(peer)),
    },
    {
      name: 'roundTrip',
      title: 'round trip',
      width: 10,
      weight: 2,
      cell: ({ roundTripMs }) => orUnknown(roundTripMs, milliseconds),
    },
    { name: 'lag', width: 7, weight: 3, cell: ({ lag }) => orUnknown(lag, count) },
    {
      name: 'lagTime',
      title: 'lag time',
      width: 11,
      weight: 8,
      cell: ({ lag, lagMs }) => (lag === 0 ? unknown : orUnknown(lagMs, shortTime)),
    },
    { name: 'clock', width: 8, weight: 4, cell: ({ clockMs }) => orUnknown(clockMs, clockCell) },
    { name: 'backlog', width: 10, weight: 5, cell: backlogCell },
    {
      name: 'hosts',
      width: 9,
      weight: 11,
      cell: ({ load }) => (load ? count(load.live) : unknown),
    },
    { name: 'pings', width: 6, weight: 10, cell: (peer) => pingsCell(peer, shares) },
    {
      name: 'version',
      width: 9,
      weight: 12,
      cell: ({ version }) => safe(version ?? unknown),
      tone: (peer) => (isNew(peer, 'version') ? 'selected' : null),
    },
    {
      name: 'sync',
      width: 9,
      weight: 6,
      cell: (peer) => encryptionText(peer) || unknown,
      tone: (peer) => (isNew(peer, 'sync') ? 'selected' : isPlain(peer) ? 'warn' : null),
    },
  ];
  if ([...trips.values()].some(({ length }) => length > 1))
    columns.push({
      name: 'roundTrips',
      title: 'round trips',
      width: leastTripColumns,
      most: tripColumns,
      weight: 7,
      cell: ({ address }, columns) => sparkline(trips.get(address) ?? [], columns),
      tone: () => 'accent',
    });
  return columns;
}

function orUnknown(value: number | null, text: (value: number) => string): string {
  return value === null ? unknown : text(value);
}

/** The colour alone says that a silent peer is in trouble. */
function stateCell(peer: PeerStatus, now: number): string {
  const mark = peer.trouble === null || peer.last != null ? '' : ' !';
  return `${peerStateText(peer, now)}${mark}`;
}

export function stateTone({ state, trouble }: PeerStatus): Token {
  if (state === 'down') return 'bad';
  return state === 'alive' && trouble === null ? 'good' : 'warn';
}

/** `+12 ms`: ahead of this server. */
export function clockCell(ms: number): string {
  const size = Math.abs(ms);
  const text = size < 10_000 ? `${Math.round(size)} ms` : durationText(size);
  return Math.round(ms) === 0 ? '0 ms' : `${ms > 0 ? '+' : '-'}${text}`;
}

function backlogCell({ load }: PeerStatus): string {
  if (load === null) return unknown;
  return load.limit === 0 ? 'draining' : `${count(load.backlog)} of ${count(load.limit)}`;
}

/** Which share of the hosts it pings. */
function pingsCell({ id, sharesWork }: PeerStatus, shares: SharesById): string {
  const share = shares.get(id);
  if (share) return percent(share.part);
  return sharesWork ? 'active' : unknown;
}

const maxTroubleLines = 3;
const maxKnownLines = 2;
const noConnection = 'not connected';

/** What is said of a peer depends on these; `now` is the daemon's clock. */
interface PeerContext extends Pick<Status, 'shares' | 'server' | 'config'> {
  now: number;
  zone: Zone;
  isNew?: boolean;
}

export function peerFacts(peer: PeerStatus, status: PeerContext): Fact[] {
  const changed = status.isNew ? ', changed just now' : '';
  return [
    ['address', safe(peer.address)],
    ...troubleFacts(peer),
    ['state', `${stateText(peer, status)}${changed}`, stateTone(peer)],
    ...pastFacts(peer, status),
    ['sync', syncText(peer, status), isPlain(peer) ? 'warn' : null],
    ...presentFacts(peer),
    ['pings', pingsText(peer, status)],
    ['id', idText(peer)],
  ];
}

/** What is wrong comes first, so that a low window does not hide it. */
function troubleFacts({ trouble }: PeerStatus): Fact[] {
  return trouble === null ? [] : [['trouble', safe(trouble, 400), 'warn', maxTroubleLines]];
}

function presentFacts(peer: PeerStatus): Fact[] {
  const { last, lag, clockMs, load } = peer;
  if (last != null) return lag === null ? [] : [['lag', lagText(peer)]];
  return [
    ['lag', lagText(peer)],
    ['clock', clockMs === null ? unknown : clockText(clockMs)],
    ['load', load === null ? unknown : loadText(load)],
  ];
}

/** What was known of a silent peer when it was last heard. */
function pastFacts({ last }: PeerStatus, { now, zone }: PeerContext): Fact[] {
  if (last == null) return [];
  const { at, roundTripMs, clockMs, load } = last;
  const known = [
    ...(roundTripMs === null ? [] : [`round trip ${milliseconds(roundTripMs)}`]),
    ...(clockMs === null ? [] : [`clock ${clockText(clockMs)}`]),
    ...(load === null ? [] : [loadText(load)]),
  ];
  const heard: Fact = ['last heard', `${zonedTime(at, zone)} (${ago(now - at, 1)})`];
  return known.length === 0
    ? [heard]
    : [heard, ['until then', known.join(', '), null, maxKnownLines]];
}

function stateText(peer: PeerStatus, { now }: PeerContext): string {
  const { roundTripMs } = peer;
  const trip = roundTripMs === null ? '' : `, round trip ${milliseconds(roundTripMs)}`;
  return `${peerStateSentence(peer, now)}${trip}`;
}

function syncText(peer: PeerStatus, { config }: PeerContext): string {
  if (peer.encrypted === null) return noConnection;
  return isPlain(peer) ? unencryptedText(config) : 'encrypted';
}

function lagText({ lag, lagMs }: PeerStatus): string {
  if (lag === null) return noConnection;
  if (lag === 0) return 'up to date';
  return `${counted(lag, 'change')} behind${lagMs === null ? '' : `, for ${shortTime(lagMs)}`}`;
}

function clockText(ms: number): string {
  const size = Math.abs(ms);
  if (Math.round(size) === 0) return 'in sync';
  const text = size < 10_000 ? `${Math.round(size)} ms` : durationText(size);
  return `${text} ${ms > 0 ? 'ahead' : 'behind'}`;
}

function pingsText({ id, sharesWork }: PeerStatus, status: Pick<Status, 'shares' | 'server'>) {
  const share = sharesById(status).get(id);
  if (share) {
    const sofar = status.shares.complete ? '' : ' (still counting)';
    return `${counted(share.hosts, 'host')}, ${percent(share.part)} of all${sofar}`;
  }
  return sharesWork ? 'pinging' : 'not pinging';
}

function idText({ id, version }: PeerStatus): string {
  if (id === null) return unknown;
  return `${safe(id)}, ${version === null ? 'version unknown' : `version ${safe(version, 32)}`}`;
}

function loadText(load: NonNullable<PeerStatus['load']>): string {
  const hosts = counted(load.live, 'live host');
  return load.limit === 0
    ? `draining, ${hosts}`
    : `backlog ${count(load.backlog)} of ${count(load.limit)}, ${hosts}`;
}
