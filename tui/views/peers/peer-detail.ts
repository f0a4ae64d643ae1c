// Everything known of one name server.
import type { PeerStatus, Status } from '../../../shared/ipc/status-contract.ts';
import type { Fact } from '../../components/styled.tsx';
import { safe } from '../../text/columns.ts';
import {
  ago,
  count,
  counted,
  durationText,
  milliseconds,
  type Zone,
  zonedTime,
} from '../../text/format.ts';
import { isPlain, notEncryptedText, peerStateSentence, shortTime } from '../../text/peers.ts';
import { percent, sharesById } from '../../text/shares.ts';
import { stateTone, unknown } from './peer-table.ts';

const maxTroubleLines = 3;
const maxKnownLines = 2;
const noConnection = 'not connected';

/** What is said of a peer depends on these; `now` is the daemon's clock. */
interface PeerContext extends Pick<Status, 'shares' | 'server'> {
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
    ['sync', syncText(peer), isPlain(peer) ? 'warn' : null],
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

function syncText(peer: PeerStatus): string {
  if (peer.encrypted === null) return noConnection;
  return isPlain(peer) ? notEncryptedText.replace(/^sync is /, '') : 'encrypted';
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
