// The columns of the Hosts table, and what is known of one host. A narrow window drops the columns that weigh least.
import type { Host } from '../../../shared/ipc/contract.ts';
import type { Fact } from '../../components/styled.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import type { ColumnName } from '../../text/column-names.ts';
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

interface TableShape {
  width: number;
  /** whether addresses may be IPv6 ones, which take more than twice the room */
  hasIpv6: boolean;
}

/** As wide as the title with a zone and an arrow. */
const dateColumns = 20;
/** As wide as the title with its arrow; `23 h 59 min` is the longest age. */
const ageColumns = 12;
const addressColumns = { ipv4: 21, ipv6: 47 };
/** Less of a node id says little. */
const minNodeIdColumns = 12;
/** No node id has more characters (PROTOCOL.md, node-id). */
const maxNodeIdColumns = 64;
/** From here on dates are written out. */
const wideFrom = 130;

/** The columns, the one by which the rows are sorted before all others. */
export function hostTableColumns(
  { width, hasIpv6 }: TableShape,
  sort: HostsState['sort'],
  clock: HostClock,
): TableColumn<Host, ColumnName<'hosts'>>[] {
  const isWide = width >= wideFrom;
  const { at, zone } = clock;
  const order = sort.descending ? 'descending' : 'ascending';
  const columns: TableColumn<Host, ColumnName<'hosts'>>[] = [
    {
      name: 'address',
      width: addressColumns.ipv4,
      most: hasIpv6 ? addressColumns.ipv6 : addressColumns.ipv4,
      weight: 0,
      cell: (host) => safe(host.address),
    },
    {
      name: 'nodeId',
      title: 'node id',
      width: minNodeIdColumns,
      most: maxNodeIdColumns,
      weight: 3,
      cell: (host) => safe(host.nodeId),
    },
    {
      name: 'firstSeen',
      title: isWide ? `first seen, ${zone.name}` : 'first seen',
      width: isWide ? dateColumns : ageColumns,
      weight: 5,
      cell: ({ firstSeen }) => (isWide ? dateTime(firstSeen, zone) : durationText(at - firstSeen)),
    },
    {
      name: 'lastSeen',
      title: 'last seen',
      width: isWide ? ageColumns + 4 : ageColumns,
      weight: 2,
      cell: ({ lastSeen }) => (isWide ? ago : durationText)(at - lastSeen),
    },
    { name: 'state', width: 13, weight: 1, cell: stateText, tone: stateTone },
    { name: 'dialect', width: 7, weight: 4, cell: ({ dialect }) => dialect },
    {
      name: 'ttlLeft',
      title: 'TTL left',
      width: 10,
      weight: 6,
      cell: (host) => ttlLeft(host, clock),
    },
  ];
  return columns.map((column) =>
    column.name === sort.by ? { ...column, weight: 0, sorted: order } : column,
  );
}

/** Time until the host is due for a ping; the daemon spreads these moments a little around the TTL. */
export function ttlLeft({ lastSeen, state }: Host, { at, ttlMs }: HostClock): string {
  if (state !== 'live') return 'none';
  const left = lastSeen + ttlMs - at;
  return left > 0 ? durationText(left) : 'about now';
}

/** A node id may be longer than the pane. */
const maxNodeIdLines = 3;

export function hostFacts(host: Host, clock: HostClock): Fact[] {
  const time = (at: number) => `${zonedTime(at, clock.zone)} (${ago(clock.at - at, 1)})`;
  return [
    ['address', safe(host.address)],
    ['node id', safe(host.nodeId, 400), null, maxNodeIdLines],
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
