// The columns of the Hosts table, and what is known of one host. A narrow window drops the columns that weigh least.
import type { Host, HostColumn } from '../../../shared/ipc/contract.ts';
import type { Fact } from '../../components/styled.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { safe } from '../../text/columns.ts';
import { ago, dateTime, durationText, type Zone, zonedTime } from '../../text/format.ts';
import { stateSentence, stateText, stateTone } from '../../text/host-state.ts';
import type { HostsState } from './hosts-state.ts';

export interface HostClock {
  /** the daemon's clock now */
  at: number;
  ttlMs: number;
  /** of the times that are shown */
  zone: Zone;
  /** the daemon's clock when it was last heard */
  dataAt: number;
  /** of the rows, when it differs from that of the rest; absent or 0: it does not */
  rowsAge?: number;
  /** deletions are held back */
  isHeldBack?: boolean;
  /** the name server with that id, for operators */
  nameOf?(id: string): string;
}

export interface TableShape {
  width: number;
  /** whether addresses may be IPv6 ones, which take more than twice the room */
  hasIpv6: boolean;
}

const gap = 2;
/** As wide as the title with a zone and an arrow. */
const dateColumns = 20;
/** As wide as the title with its arrow; `23 h 59 min` is the longest age. */
const ageColumns = 12;
const addressColumns = { ipv4: 21, ipv6: 47 };
const minNodeIdColumns = 15;
/** Less of a node id says nothing. */
const leastNodeIdColumns = 8;
/** From here on dates are written out. */
const wideFrom = 130;
/** Below these the node id would have no room beside them. */
const firstSeenFrom = 89;
const dialectFrom = 74;

/** The columns that have room, the one by which the rows are sorted in any case. */
export function hostTableColumns(
  { width, hasIpv6 }: TableShape,
  sort: HostsState['sort'],
  clock: HostClock,
): TableColumn<Host>[] {
  const isWide = width >= wideFrom;
  const { at, zone } = clock;
  /** @param by what the daemon can sort by; null: it cannot */
  const column = (
    by: HostColumn | null,
    title: string,
    columnWidth: number,
    cell: (host: Host) => string,
  ): TableColumn<Host> => {
    const order = sort.descending ? 'descending' : 'ascending';
    return { title, width: columnWidth, weight: 0, cell, sorted: by === sort.by ? order : null };
  };
  const firstSeen = isWide
    ? column('firstSeen', `first seen, ${zone.name}`, dateColumns, (host) =>
        dateTime(host.firstSeen, zone),
      )
    : column('firstSeen', 'first seen', ageColumns, (host) => durationText(at - host.firstSeen));
  const lastSeen = column('lastSeen', 'last seen', isWide ? ageColumns + 4 : ageColumns, (host) =>
    (isWide ? ago : durationText)(at - host.lastSeen),
  );
  const fixed = [
    ...(width >= firstSeenFrom
      ? [firstSeen, lastSeen]
      : [sort.by === 'firstSeen' ? firstSeen : lastSeen]),
    { ...column('state', 'state', 13, stateText), tone: stateTone },
    ...(width >= dialectFrom ? [column(null, 'dialect', 7, ({ dialect }) => dialect)] : []),
    ...(isWide ? [column(null, 'TTL left', 10, (host) => ttlLeft(host, clock))] : []),
  ];
  const used = fixed.reduce((sum, { width: each }) => sum + each + gap, 0);
  const rest = width - used - gap;
  const wanted = hasIpv6 ? addressColumns.ipv6 : addressColumns.ipv4;
  const address = Math.min(wanted, Math.max(addressColumns.ipv4, rest - minNodeIdColumns));
  const nodeId = column('nodeId', 'node id', rest - address, (host) => safe(host.nodeId));
  return [
    column('address', 'address', address, (host) => safe(host.address)),
    ...(nodeId.width >= leastNodeIdColumns ? [nodeId] : []),
    ...fixed,
  ];
}

/** Time until the host is due for a ping; the daemon spreads these moments a little around the TTL. */
export function ttlLeft({ lastSeen, state }: Host, { at, ttlMs }: HostClock): string {
  if (state !== 'live') return 'none';
  const left = lastSeen + ttlMs - at;
  return left > 0 ? durationText(left) : 'about now';
}

/** What is known of a host, in lines of at most `width` columns. */
export function hostFacts(host: Host, clock: HostClock, width: number): Fact[] {
  const time = (at: number) => `${zonedTime(at, clock.zone)} (${ago(clock.at - at, 1)})`;
  return [
    ['address', safe(host.address)],
    ['node id', nodeIdLines(safe(host.nodeId, 400), width)],
    ['state', stateSentence(host, clock.isHeldBack ?? false), stateTone(host)],
    ...judgeFacts(host, clock),
    ['dialect', host.dialect],
    ['first seen', time(host.firstSeen)],
    ['last seen', time(host.lastSeen)],
    ['TTL left', ttlLeft(host, clock)],
  ];
}

/** Who pings it, which only matters when it is to be pinged. */
function judgeFacts({ owner }: Host, { nameOf }: HostClock): Fact[] {
  return owner === undefined ? [] : [['pinged by', safe(nameOf?.(owner) ?? owner, 64)]];
}

/** A node id may be longer than the pane: it goes on, on at most three lines. */
function nodeIdLines(nodeId: string, width: number): string[] {
  const parts = nodeId.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'gu')) ?? [''];
  return parts.slice(0, 3);
}
