// The Hosts view as lines: a summary, the table, and the details of the selected host. A narrow window drops
// the columns that weigh least.
import type { Host, HostColumn } from '../../../shared/ipc/contract.ts';
import { atEnds } from '../../components/layout.ts';
import { markMs } from '../../state/shown.ts';
import { columnsOf, cut, fitted, safe } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { ago, count, counted, dateTime, durationText } from '../../text/format.ts';
import { type Theme, unpainted } from '../../theme.ts';
import { type HostsState, hostAt } from './hosts-state.ts';

/** Before each row: that the operator marked it, or that the host is new; without colour. */
const gutter = { marked: '* ', fresh: '+ ', plain: '  ' };

export function tableLines(
  theme: Theme,
  state: HostsState,
  clock: HostClock,
  shape: TableShape,
  rows: number,
): string[] {
  const { width } = shape;
  const columns = hostTableColumns({ ...shape, width: width - gutter.plain.length });
  return [
    '',
    summaryLine(theme, state, clock, width),
    '',
    gutter.plain + headerRow(theme, columns, state.sort),
    ...rowLines(theme, state, columns, clock, width, rows),
  ];
}

function rowLines(
  theme: Theme,
  state: HostsState,
  columns: ReturnType<typeof hostTableColumns>,
  clock: HostClock,
  width: number,
  rows: number,
): string[] {
  if (state.revision === null) return ['', theme.paint('label', 'loading hosts …')];
  if (state.matched === 0) return ['', ...emptyLines(theme, state, width)];
  return Array.from({ length: rows }, (_, row) => {
    const number = state.top + row;
    if (number >= state.matched) return '';
    const host = hostAt(state, number);
    if (host === null) return theme.paint('label', '…');
    const isMarked = state.marked.has(host.address);
    const isNew = Math.abs(clock.dataAt - host.firstSeen) < markMs;
    const sign = isMarked ? gutter.marked : isNew ? gutter.fresh : gutter.plain;
    const text = hostRow(host, columns, clock);
    if (number === state.cursor) return theme.paint('selected', fitted(sign + text, width));
    if (isMarked) return theme.paint('accent', sign + text);
    return (isNew ? theme.paint('good', sign) : sign) + text;
  });
}

function emptyLines(theme: Theme, state: HostsState, width: number): string[] {
  if (state.filter !== '')
    return [theme.paint('label', cut(noMatchText('host', state.filter), width))];
  return [
    theme.paint(
      'label',
      cut('no hosts registered yet; a node registers with: query NODE-ID PORT', width),
    ),
  ];
}

function summaryLine(
  theme: Theme,
  state: HostsState,
  { rowsAge = 0 }: HostClock,
  width: number,
): string {
  const marks = state.marked.size === 0 ? '' : `${count(state.marked.size)} marked`;
  const [approx, age] =
    rowsAge > 0 ? ['approx. ', `rows ${durationText(rowsAge)} old  ·  `] : ['', ''];
  const matched = state.revision === null ? '' : `${approx}${counted(state.matched, 'host')}`;
  const position =
    state.matched === 0 ? '' : `${age}${count(state.cursor + 1)} of ${count(state.matched)}`;
  const filter = filterText(theme, state.filter, width - marks.length);
  const left = `${theme.paint('strong', matched)}${filter}`;
  const both = [theme.paint('accent', marks), theme.paint('label', position)]
    .filter((part) => part !== '')
    .join('   ');
  const isRoom = columnsOf(unpainted(left + both)) < width;
  // Where one stands shows in the table as well, how many are marked does not.
  return atEnds(left, isRoom ? both : theme.paint('accent', marks), width);
}

export interface HostClock {
  /** the daemon's clock now */
  at: number;
  ttlMs: number;
  /** the daemon's clock when it was last heard */
  dataAt: number;
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

export function hostTableColumns({ width, hasIpv6 }: TableShape): Column[] {
  const isWide = width >= wideFrom;
  const firstSeen: Column = {
    by: 'firstSeen',
    title: 'first seen',
    width: isWide ? dateColumns : ageColumns,
    cell: (host, { at }) => (isWide ? dateTime(host.firstSeen) : durationText(at - host.firstSeen)),
  };
  const fixed: Column[] = [
    ...(width >= firstSeenFrom ? [firstSeen] : []),
    {
      by: 'lastSeen',
      title: 'last seen',
      width: isWide ? ageColumns + 4 : ageColumns,
      cell: (host, { at }) => (isWide ? ago : durationText)(at - host.lastSeen),
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
  return left > 0 ? durationText(left) : 'due';
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

const labelColumns = 12;

/** At most `rows` lines of at most `width` columns: a title and one line for each fact. */
export function detailLines(
  theme: Theme,
  host: Host | null,
  clock: HostClock,
  width: number,
  rows: number,
): string[] {
  const title = theme.paint('strong', 'Selected host');
  if (host === null) return [title, '', theme.paint('label', 'none')].slice(0, rows);
  const facts: [label: string, value: string][] = [
    ['address', safe(host.address)],
    ...nodeIdFacts(safe(host.nodeId, 400), width - labelColumns),
    ['state', host.state],
    ['dialect', host.dialect],
    ['first seen', `${dateTime(host.firstSeen)} (${ago(clock.at - host.firstSeen)})`],
    ['last seen', `${dateTime(host.lastSeen)} (${ago(clock.at - host.lastSeen)})`],
    ['TTL left', ttlLeft(host, clock)],
  ];
  return [
    title,
    ...facts.map(
      ([label, value]) =>
        theme.paint('label', fitted(label, labelColumns)) + cut(value, width - labelColumns),
    ),
  ].slice(0, rows);
}

/** A node id may be longer than the pane: it goes on, on at most three lines. */
function nodeIdFacts(nodeId: string, width: number): [string, string][] {
  const parts = nodeId.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'gu')) ?? [''];
  return parts.slice(0, 3).map((part, index) => [index === 0 ? 'node id' : '', part]);
}
