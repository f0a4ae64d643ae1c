// The row of figures on top of the Overview: a label, the value, and what it is measured against.
import { Box } from 'ink';
import { type ReactElement, useContext } from 'react';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { paneWidth } from '../../components/layout.ts';
import { Parts, ReadContext, Styled, WidthContext } from '../../components/styled.tsx';
import { type DaemonData, meanOf } from '../../state/daemon-data.ts';
import { columnsOf, safe } from '../../text/columns.ts';
import { bytes, count, counted, rate } from '../../text/format.ts';
import { aliveText, isPlain, isTroubled } from '../../text/peers.ts';
import { isRedirectingAll, modeText } from '../../text/redirecting.ts';
import type { Token } from '../../theme.ts';

interface Tile {
  label: string;
  value: string;
  tone: Token;
  /** below the value; a share from 0 to 1 is a gauge in its tone */
  note: string | number;
  /** what is said instead where a note has no room */
  shortNote?: string;
}

const gap = 2;
/** Narrower tiles would cut their values. */
const minTileColumns = 14;

/** Labels, values and notes, each a row; to a screen reader a sentence each. */
export function Tiles({ data, width }: { data: DaemonData; width: number }): ReactElement {
  const all = tilesOf(data);
  if (useContext(ReadContext)) return <Sentences tiles={all} />;
  const tiles = weightiest(all, Math.floor((width + gap) / (minTileColumns + gap)));
  const columns = paneWidth(width, tiles.length, gap);
  return (
    <Box columnGap={gap} flexShrink={0}>
      {tiles.map(({ label, value, tone, note, shortNote }) => (
        <Box key={label} flexDirection="column" width={columns}>
          <WidthContext value={columns}>
            <Styled as="label">{label}</Styled>
            <Styled as={tone}>{value}</Styled>
            {typeof note === 'string' ? (
              <Styled as="label">{columnsOf(note) > columns ? (shortNote ?? note) : note}</Styled>
            ) : (
              <Gauge share={note} {...{ tone }} width={columns} />
            )}
          </WidthContext>
        </Box>
      ))}
    </Box>
  );
}

function Sentences({ tiles }: { tiles: readonly Tile[] }): ReactElement {
  return (
    <>
      {tiles.map(({ label, value, note }) => (
        <Styled key={label}>
          {[label, value, ...(typeof note === 'string' ? [note] : [])].join(', ')}
        </Styled>
      ))}
    </>
  );
}

/** Those that a window has room for: first what is bad, then what should be looked at; all in their own order. */
function weightiest(all: readonly Tile[], room: number): Tile[] {
  const urgency = ({ tone }: Tile) => (tone === 'bad' ? 2 : tone === 'warn' ? 1 : 0);
  const kept = new Set(all.toSorted((a, b) => urgency(b) - urgency(a)).slice(0, room));
  return all.filter((tile) => kept.has(tile));
}

/** In the order of their weight: a narrow window drops the last ones. */
function tilesOf(data: DaemonData): Tile[] {
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
      note: backlog.current / backlog.limit,
    },
    {
      label: 'Storage',
      value: storage.state,
      tone: storage.state === 'ok' ? 'good' : 'bad',
      note: counted(counters.commits, 'commit'),
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
  return [
    {
      label: 'Peers',
      value: `${aliveText(peers)} alive`,
      tone: peers.some(isTroubled) ? 'bad' : peers.some(isPlain) ? 'warn' : 'strong',
      note: peers.some(isPlain)
        ? 'unencrypted'
        : expiry.servers === 1
          ? 'pings alone'
          : `${count(expiry.servers)} share pings`,
    },
    {
      label: 'Redirects',
      value: count(redirects.total),
      tone: isRedirectingAll(redirecting) || redirecting.isLoaded ? 'warn' : 'strong',
      note:
        redirecting.isLoaded && redirecting.mode === 'load'
          ? 'backlog filling'
          : modeText(redirecting),
      shortNote: 'redirecting',
    },
  ];
}

function threadsTile({ threads }: Status): Tile {
  const cores = threads.cores?.split(':', 1)[0];
  const configured = `${count(threads.configured)} configured`;
  return {
    label: 'Threads',
    value: `${count(threads.running)} running`,
    tone: 'strong',
    // Its reason has no room here: `ddns-tui status` and the log have it.
    note: cores === undefined ? configured : `${configured}, ${safe(cores)}`,
    shortNote: configured,
  };
}

/** From 80 % on newcomers are sent elsewhere, at 100 % they are turned away. */
function backlogTone({ backlog }: Status): Token {
  if (backlog.current >= backlog.limit) return 'bad';
  return backlog.current >= 0.8 * backlog.limit ? 'warn' : 'strong';
}

interface GaugeProps {
  /** from 0 to 1 */
  share: number;
  tone: Token;
  width: number;
}

function Gauge({ share, tone, width }: GaugeProps): ReactElement {
  const bounded = Math.max(0, Math.min(1, share));
  // Anything above nothing shows.
  const filled = bounded === 0 ? 0 : Math.max(1, Math.round(bounded * width));
  return (
    <Parts
      parts={[
        ['━'.repeat(filled), tone === 'strong' ? 'accent' : tone],
        ['─'.repeat(width - filled), 'rule'],
      ]}
    />
  );
}
