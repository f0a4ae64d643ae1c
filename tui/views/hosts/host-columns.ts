// The columns of the Hosts table and the text of their cells. Widths follow the window: the address
// takes what it needs, the node id what is left.
import type { Host, HostColumn } from '../../../shared/ipc/contract.ts';
import { fitted, safe } from '../../text/columns.ts';
import { ago, dateTime, duration } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';
import type { HostsState } from './hosts-state.ts';

export interface HostClock {
  /** the daemon's clock now */
  at: number;
  ttlMs: number;
  /** the daemon's clock when it was last heard */
  heardAt: number;
  /** of the rows, when it differs from that of the rest; absent or 0: it does not */
  rowsAge?: number;
}

export interface TableShape {
  width: number;
  /** whether addresses may be IPv6 ones, which take more than twice the room */
  hasIpv6: boolean;
}

interface Column {
  /** by which the daemon can sort; null where it cannot */
  by: HostColumn | null;
  title: string;
  width: number;
  cell(host: Host, clock: HostClock): string;
}

const gap = 2;
const dateColumns = 19;
/** As wide as the title with its arrow; `23 h 59 min` is the longest age. */
const ageColumns = 12;
const addressColumns = { ipv4: 21, ipv6: 47 };
const minNodeIdColumns = 16;
/** From here on dates are written out. */
const wideFrom = 130;
/** Below this the node id would have no room beside both times. */
const firstSeenFrom = 74;

export function hostColumns({ width, hasIpv6 }: TableShape): Column[] {
  const isWide = width >= wideFrom;
  const firstSeen: Column = {
    by: 'firstSeen',
    title: 'first seen',
    width: isWide ? dateColumns : ageColumns,
    cell: (host, { at }) => (isWide ? dateTime(host.firstSeen) : duration(at - host.firstSeen)),
  };
  const fixed: Column[] = [
    ...(width >= firstSeenFrom ? [firstSeen] : []),
    {
      by: 'lastSeen',
      title: 'last seen',
      width: isWide ? ageColumns + 4 : ageColumns,
      cell: (host, { at }) => (isWide ? ago : duration)(at - host.lastSeen),
    },
    { by: null, title: 'dialect', width: 7, cell: (host) => host.dialect },
    ...(isWide
      ? [
          {
            by: null,
            title: 'TTL left',
            width: 10,
            cell: (host: Host, clock: HostClock) => ttlLeft(host, clock),
          },
        ]
      : []),
  ];
  const used = fixed.reduce((sum, column) => sum + column.width + gap, 0);
  const rest = width - used - gap;
  const wanted = hasIpv6 ? addressColumns.ipv6 : addressColumns.ipv4;
  const address = Math.min(wanted, Math.max(addressColumns.ipv4, rest - minNodeIdColumns));
  return [
    { by: 'address', title: 'address', width: address, cell: (host) => safe(host.address) },
    { by: 'nodeId', title: 'node id', width: rest - address, cell: (host) => safe(host.nodeId) },
    ...fixed,
  ];
}

/** Time until the host is due for a ping. */
export function ttlLeft(host: Host, { at, ttlMs }: HostClock): string {
  const left = host.lastSeen + ttlMs - at;
  return left > 0 ? duration(left) : 'due';
}

export function headerRow(
  theme: Theme,
  columns: readonly Column[],
  sort: HostsState['sort'],
): string {
  return columns
    .map(({ by, title, width }) => {
      if (by !== sort.by) return theme.paint('label', fitted(title, width));
      const arrow = sort.descending ? '▼' : '▲';
      return theme.paint('strong', fitted(`${title} ${arrow}`, width));
    })
    .join(' '.repeat(gap));
}

export function hostRow(host: Host, columns: readonly Column[], clock: HostClock): string {
  return columns.map(({ width, cell }) => fitted(cell(host, clock), width)).join(' '.repeat(gap));
}
