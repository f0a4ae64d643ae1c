// Everything known of one name server, as lines of a pane.
import type { PeerStatus, Status } from '../../../shared/ipc/status-contract.ts';
import { cut, fitted, safe, wrap } from '../../text/columns.ts';
import { count, counted, durationText, milliseconds } from '../../text/format.ts';
import { isPlain, notEncryptedText, shortTime } from '../../text/peers.ts';
import { percent, sharesById } from '../../text/shares.ts';
import type { Theme, Token } from '../../theme.ts';
import { stateTone, unknown } from './peer-table.ts';

const labelColumns = 12;
const maxTroubleLines = 3;
const noConnection = 'not connected';

/** At most `rows` lines of at most `width` columns: a title and one line for each fact. */
export function peerDetailLines(
  theme: Theme,
  peer: PeerStatus | null,
  status: Pick<Status, 'shares' | 'server'> & { isNew?: boolean },
  width: number,
  rows: number,
): string[] {
  if (peer === null) return [];
  const facts: [label: string, value: string, tone?: Token][] = [
    ['address', safe(peer.address)],
    ...troubleFacts(peer, width - labelColumns),
    ['state', `${stateText(peer)}${status.isNew ? ', changed just now' : ''}`, stateTone(peer)],
    ['sync', syncText(peer), isPlain(peer) ? 'warn' : undefined],
    ['lag', lagText(peer)],
    ['clock', peer.clockMs === null ? unknown : clockText(peer.clockMs)],
    ['load', loadText(peer)],
    ['pings', pingsText(peer, status)],
    ['id', idText(peer)],
  ];
  const lines = facts.map(([label, value, tone]) => {
    const shown = cut(value, width - labelColumns);
    return (
      theme.paint('label', fitted(label, labelColumns)) + (tone ? theme.paint(tone, shown) : shown)
    );
  });
  return [theme.paint('strong', 'Selected peer'), ...lines].slice(0, rows);
}

/** What is wrong comes first, so that a low window does not hide it. */
function troubleFacts({ trouble }: PeerStatus, width: number): [string, string, Token][] {
  if (trouble === null) return [];
  return wrap(safe(trouble, 400), width, maxTroubleLines).map((line, index) => [
    index === 0 ? 'trouble' : '',
    line,
    'warn',
  ]);
}

function stateText({ state, roundTripMs }: PeerStatus): string {
  return roundTripMs === null ? state : `${state}, round trip ${milliseconds(roundTripMs)}`;
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

function loadText({ load }: PeerStatus): string {
  if (load === null) return unknown;
  const hosts = counted(load.live, 'live host');
  return load.limit === 0
    ? `draining, ${hosts}`
    : `backlog ${count(load.backlog)} of ${count(load.limit)}, ${hosts}`;
}
