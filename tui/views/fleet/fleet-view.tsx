// The name servers of the console, one line each, live.
import type { ReactElement } from 'react';
import { addressText } from '../../../shared/protocol/address-kind.ts';
import { useSelected } from '../../components/following.ts';
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { Blank, Paragraph, Summary } from '../../components/styled.tsx';
import { Table } from '../../components/table.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { meanOf } from '../../state/daemon-data.ts';
import type { FleetServer } from '../../state/fleet.ts';
import { settled } from '../../state/list-position.ts';
import { dataAge, isSilent, isStale } from '../../state/shown.ts';
import { type Alarm, alarmLine, alarmsOf } from '../../text/alarms.ts';
import type { ColumnName } from '../../text/column-names.ts';
import { columnsOf, cutMiddle, safe } from '../../text/columns.ts';
import { count, counted, durationText } from '../../text/format.ts';
import { aliveText } from '../../text/peers.ts';
import { isByHand } from '../../text/redirecting.ts';
import { wrap } from '../../text/wrap.ts';
import type { Token } from '../../theme.ts';

/** Blank line, summary, blank line, column titles. */
const headRows = 4;
/** Of a rate, as in the Overview. */
const rateSeconds = 10;
const unknown = '-';

export function FleetView(): ReactElement {
  const { servers, current, position } = useSelected(({ fleet }) => fleet);
  const chosen = useSelected(({ columns }) => columns.servers);
  const width = useSelected(bodyColumns);
  const viewport = Math.max(1, useSelected(bodyRows) - headRows);
  const { top, cursor } = settled(position, { rows: servers.length, viewport });
  const cause = causeLines(servers[cursor], width, viewport - servers.length - 1);
  const live = servers.filter(({ shown }) => shown.connection.phase === 'live' && !isStale(shown));
  return (
    <>
      <Blank />
      <Summary
        text={`${counted(servers.length, 'name server')}, ${count(live.length)} live`}
        rightAs={servers[current]?.colour ?? 'label'}
        right={`keys act on ${safe(servers[current]?.name ?? '', 32)}`}
      />
      <Blank />
      <Table
        columns={serverColumns(servers, current, width)}
        chosen={chosen}
        rows={servers.slice(top, top + viewport)}
        selected={cursor - top}
      />
      {cause.length > 0 && <Blank />}
      <Paragraph lines={cause} as={servers[cursor] ? alarmsTone(servers[cursor]) : null} />
    </>
  );
}

/** A name that is longer is cut in its middle where there is no room for it. */
const minNameColumns = 16;
const maxZoneColumns = 24;
/** From here on what is wrong has room before what never changes. */
const wideFrom = 100;

/** Nothing of a server that is lost is shown as current. */
export function serverColumns(
  servers: readonly FleetServer[],
  current: number,
  width: number,
): TableColumn<FleetServer, ColumnName<'servers'>>[] {
  const widest = (text: (server: FleetServer) => string, least: number) =>
    Math.max(least, ...servers.map((server) => columnsOf(text(server))));
  const nameOf = ({ name }: FleetServer) => safe(name, 32);
  const now =
    (text: (data: NonNullable<FleetServer['shown']['data']>) => string) =>
    ({ shown }: FleetServer) =>
      shown.data === null || isStale(shown) ? unknown : text(shown.data);
  const address = now(({ status }) => addressText(status.listen));
  // As Config shows that setting.
  const domain = now(({ status: { listen } }) =>
    listen.address.includes(':') ? '10 (IPv6)' : '2 (IPv4)',
  );
  const zone = now(({ status }) => (status.zone === null ? 'none' : safe(status.zone ?? unknown)));
  return [
    {
      name: 'name',
      width: Math.min(minNameColumns, widest(nameOf, 4)),
      most: widest(nameOf, 4),
      weight: 0,
      cell: (server, columns) => cutMiddle(nameOf(server), columns),
      tone: (server) => server.colour ?? (server === servers[current] ? 'strong' : null),
    },
    { name: 'state', width: widest(stateText, 10), weight: 1, cell: stateText, tone: stateTone },
    { name: 'address', width: widest(address, 14), weight: 7, cell: address },
    { name: 'domain', width: 9, weight: 9, cell: domain },
    {
      name: 'zone',
      width: Math.min(maxZoneColumns, widest(zone, 7)),
      weight: 8,
      cell: (server, columns) => cutMiddle(zone(server), columns),
    },
    {
      name: 'hosts',
      width: 9,
      weight: 3,
      align: 'right',
      cell: now(({ status }) => count(status.hosts.live)),
    },
    {
      name: 'registrations',
      title: 'reg/s',
      width: 7,
      weight: 5,
      align: 'right',
      cell: now(({ samples }) => meanOf(samples, 'registered', rateSeconds).toFixed(1)),
    },
    {
      name: 'backlog',
      width: 10,
      weight: 4,
      cell: now(
        ({ status: { backlog } }) => `${count(backlog.current)} of ${count(backlog.limit)}`,
      ),
    },
    { name: 'peers', width: 8, weight: 6, cell: now(({ status }) => aliveText(status.peers)) },
    {
      name: 'alarms',
      width: width < wideFrom ? 12 : Math.floor(width / 4),
      most: Number.POSITIVE_INFINITY,
      weight: 2,
      cell: alarmsText,
      tone: alarmsTone,
    },
  ];
}

function stateText({ shown }: FleetServer): string {
  const { connection, data } = shown;
  if (connection.phase === 'connecting') return 'connecting';
  if (connection.phase === 'lost')
    return data === null ? 'not there' : `lost ${durationText(dataAge(shown))}`;
  if (isSilent(shown)) return `silent ${durationText(dataAge(shown))}`;
  if (data === null) return 'connecting';
  const { redirecting } = data.status;
  if (redirecting.mode === 'stopping') return 'stopping';
  return isByHand(redirecting) ? 'draining' : 'live';
}

function stateTone({ shown }: FleetServer): Token {
  const { connection, data } = shown;
  if (connection.phase === 'lost' || isSilent(shown)) return 'bad';
  if (connection.phase === 'connecting' || data === null) return 'label';
  return data.status.redirecting.mode === 'load' ? 'good' : 'warn';
}

function alarmsText(server: FleetServer, width: number): string {
  return (
    lostBecause(server) ??
    alarmLine(currentAlarms(server), width)
      .map(({ text }) => text)
      .join('')
  );
}

function lostBecause({ shown: { connection } }: FleetServer): string | null {
  return connection.phase === 'lost' ? safe(connection.reason, 400) : null;
}

function currentAlarms({ shown }: FleetServer): Alarm[] {
  return shown.data === null || isStale(shown) ? [] : alarmsOf(shown.data.status);
}

/** What is wrong with a server, all of it as far as `rows` go: its column has room for the beginning. */
function causeLines(server: FleetServer | undefined, width: number, rows: number): string[] {
  if (server === undefined || rows < 1) return [];
  const text =
    lostBecause(server) ??
    currentAlarms(server)
      .map((alarm) => alarm.text)
      .join('; ');
  return text === '' ? [] : wrap(`${safe(server.name, 32)}: ${text}`, width, rows);
}

function alarmsTone({ shown }: FleetServer): Token | null {
  const { connection, data } = shown;
  if (connection.phase === 'lost') return 'bad';
  return data === null ? null : (alarmsOf(data.status)[0]?.severity ?? null);
}
