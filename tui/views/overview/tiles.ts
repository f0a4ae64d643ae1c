// The row of figures on top of the Overview: a label, the value, and what it is measured against.
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { padded, paneWidth } from '../../components/layout.ts';
import { type DaemonData, meanOf } from '../../state/daemon-data.ts';
import { cut, safe } from '../../text/columns.ts';
import { bytes, count, rate } from '../../text/format.ts';
import { isPlain, isTroubled } from '../../text/peers.ts';
import { isRedirectingAll, modeText } from '../../text/redirecting.ts';
import type { Theme, Token } from '../../theme.ts';

interface Tile {
  label: string;
  value: string;
  tone: Token;
  /** below the value; may carry styles, then it is no wider than a tile */
  note: string | ((width: number) => string);
}

const gap = 2;
/** Narrower tiles would cut their values. */
const minTileColumns = 14;

/** Three lines: labels, values, notes. */
export function tileLines(theme: Theme, data: DaemonData, width: number): string[] {
  const all = tilesOf(theme, data);
  const fitting = Math.floor((width + gap) / (minTileColumns + gap));
  const tiles = all.slice(0, Math.min(all.length, fitting));
  const columns = paneWidth(width, tiles.length, gap);
  const line = (cell: (tile: Tile) => string) =>
    tiles.map((tile) => padded(cell(tile), columns)).join(' '.repeat(gap));
  return [
    line(({ label }) => theme.paint('label', cut(label, columns))),
    line(({ value, tone }) => theme.paint(tone, cut(value, columns))),
    line(({ note }) =>
      typeof note === 'string' ? theme.paint('label', cut(note, columns)) : note(columns),
    ),
  ];
}

/** One line for each, for who cannot see what stands below what. */
export function tileSentences(theme: Theme, data: DaemonData): string[] {
  return tilesOf(theme, data).map(({ label, value, note }) =>
    [label, value, ...(typeof note === 'string' ? [note] : [])].join(', '),
  );
}

/** In the order of their weight: a narrow window drops the last ones. */
function tilesOf(theme: Theme, data: DaemonData): Tile[] {
  const { status, samples } = data;
  const { hosts, backlog, storage, connections, memory, counters } = status;
  return [
    {
      label: 'Live hosts',
      value: count(hosts.live),
      tone: hosts.live >= hosts.limit ? 'bad' : 'strong',
      note: `of ${count(hosts.limit)}`,
    },
    {
      label: 'Registrations',
      value: `${rate(meanOf(samples, 'registered', 5))}/s`,
      tone: 'strong',
      note: `${count(counters.registered)} total`,
    },
    {
      label: 'Backlog',
      value: `${count(backlog.current)} of ${count(backlog.limit)}`,
      tone: backlogTone(status),
      note: (width) => gauge(theme, backlog.current / backlog.limit, width, backlogTone(status)),
    },
    {
      label: 'Storage',
      value: storage.state,
      tone: storage.state === 'ok' ? 'good' : 'bad',
      note:
        storage.state === 'ok'
          ? `${count(counters.commits)} commits`
          : safe(storage.reason ?? 'commits failing'),
    },
    ...peerTiles(status),
    threadsTile(status),
    {
      label: 'Connections',
      value: `${count(connections.open)} open`,
      tone: connections.open >= connections.limit ? 'warn' : 'strong',
      note: `of ${count(connections.limit)}`,
    },
    {
      label: 'Memory',
      value: bytes(memory.residentBytes),
      tone: 'strong',
      note: 'resident',
    },
  ];
}

/** A name server on its own has no peers to watch, and nowhere to send anybody. */
function peerTiles({ peers, expiry, redirecting, redirects }: Status): Tile[] {
  if (peers.length === 0) return [];
  const alive = peers.filter(({ state }) => state === 'alive').length;
  return [
    {
      label: 'Peers',
      value: `${count(alive)} of ${count(peers.length)} alive`,
      tone: peers.some(isTroubled) ? 'bad' : peers.some(isPlain) ? 'warn' : 'strong',
      note: peers.some(isPlain) ? 'unencrypted' : `${count(expiry.servers)} share pings`,
    },
    {
      label: 'Redirects',
      value: count(redirects.total),
      tone: isRedirectingAll(redirecting) || redirecting.isLoaded ? 'warn' : 'strong',
      note:
        redirecting.isLoaded && redirecting.mode === 'load'
          ? 'backlog filling'
          : modeText(redirecting),
    },
  ];
}

function threadsTile({ threads }: Status): Tile {
  const cores = threads.cores?.split(':', 1)[0];
  return {
    label: 'Threads',
    value: `${count(threads.running)} running`,
    tone: 'strong',
    // Its reason has no room here: `ddns-tui status` and the log have it.
    note: `${count(threads.configured)} configured${cores === undefined ? '' : `, ${safe(cores)}`}`,
  };
}

/** From 80 % on newcomers are sent elsewhere, at 100 % they are turned away. */
function backlogTone({ backlog }: Status): Token {
  if (backlog.current >= backlog.limit) return 'bad';
  return backlog.current >= 0.8 * backlog.limit ? 'warn' : 'strong';
}

/** A bar of `width` columns filled to `share` (0 to 1). */
export function gauge(theme: Theme, share: number, width: number, tone: Token): string {
  const bounded = Math.max(0, Math.min(1, share));
  // Anything above nothing shows.
  const filled = bounded === 0 ? 0 : Math.max(1, Math.round(bounded * width));
  const bar = theme.paint(tone === 'strong' ? 'accent' : tone, '━'.repeat(filled));
  return bar + theme.paint('rule', '─'.repeat(width - filled));
}
