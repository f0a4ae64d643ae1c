// The Hosts view as lines: a summary, the table, and the details of the selected host. A narrow window drops
// the columns that weigh least.
import type { Host, HostColumn } from '../../../shared/ipc/contract.ts';
import { atEnds } from '../../components/layout.ts';
import { markMs } from '../../state/shown.ts';
import { columnsOf, cut, fitted, safe } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { ago, count, counted, dateTime, durationText } from '../../text/format.ts';
import { stateSentence, stateText, stateTone } from '../../text/host-state.ts';
import { type Theme, type Token, unpainted } from '../../theme.ts';
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
  const columns = hostTableColumns({ ...shape, width: width - gutter.plain.length }, state.sort.by);
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
    const isSelected = number === state.cursor;
    const cells = columns.map(({ width: cellWidth, cell, tone }) => {
      const text = fitted(cell(host, clock), cellWidth);
      const token = isSelected || isMarked ? null : (tone?.(host) ?? null);
      return token === null ? text : theme.paint(token, text);
    });
    const text = cells.join(' '.repeat(gap));
    if (isSelected) return theme.paint('selected', fitted(sign + text, width));
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

interface Column {
  /** by which the daemon can sort; null where it cannot */
  by: HostColumn | null;
  title: string;
  width: number;
  cell(host: Host, clock: HostClock): string;
  tone?(host: Host): Token | null;
}

const gap = 2;
const dateColumns = 19;
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

/** @param by the sorted column, which is shown in any case */
function hostTableColumns({ width, hasIpv6 }: TableShape, by: HostColumn): Column[] {
  const isWide = width >= wideFrom;
  const firstSeen: Column = {
    by: 'firstSeen',
    title: 'first seen',
    width: isWide ? dateColumns : ageColumns,
    cell: (host, { at }) => (isWide ? dateTime(host.firstSeen) : durationText(at - host.firstSeen)),
  };
  const dialect: Column = { by: null, title: 'dialect', width: 7, cell: (host) => host.dialect };
  const lastSeen: Column = {
    by: 'lastSeen',
    title: 'last seen',
    width: isWide ? ageColumns + 4 : ageColumns,
    cell: (host, { at }) => (isWide ? ago : durationText)(at - host.lastSeen),
  };
  const one = by === 'firstSeen' ? firstSeen : lastSeen;
  const fixed: Column[] = [
    ...(width >= firstSeenFrom ? [firstSeen, lastSeen] : [one]),
    { by: 'state', title: 'state', width: 13, cell: stateText, tone: stateTone },
    ...(width >= dialectFrom ? [dialect] : []),
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
  const nodeId: Column = {
    by: 'nodeId',
    title: 'node id',
    width: rest - address,
    cell: (host) => safe(host.nodeId),
  };
  return [
    { by: 'address', title: 'address', width: address, cell: (host) => safe(host.address) },
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
  const facts: Fact[] = [
    ['address', safe(host.address)],
    ...nodeIdFacts(safe(host.nodeId, 400), width - labelColumns),
    ['state', stateSentence(host, clock.isHeldBack ?? false), stateTone(host)],
    ...judgeFacts(host, clock),
    ['dialect', host.dialect],
    ['first seen', `${dateTime(host.firstSeen)} (${ago(clock.at - host.firstSeen)})`],
    ['last seen', `${dateTime(host.lastSeen)} (${ago(clock.at - host.lastSeen)})`],
    ['TTL left', ttlLeft(host, clock)],
  ];
  return [
    title,
    ...facts.map(([label, value, tone = null]) => {
      const shown = cut(value, width - labelColumns);
      const painted = tone === null ? shown : theme.paint(tone, shown);
      return theme.paint('label', fitted(label, labelColumns)) + painted;
    }),
  ].slice(0, rows);
}

type Fact = [label: string, value: string, tone?: Token | null];

/** Who pings it, which only matters when it is to be pinged. */
function judgeFacts({ owner }: Host, { nameOf }: HostClock): Fact[] {
  return owner === undefined ? [] : [['pinged by', safe(nameOf?.(owner) ?? owner, 64)]];
}

/** A node id may be longer than the pane: it goes on, on at most three lines. */
function nodeIdFacts(nodeId: string, width: number): Fact[] {
  const parts = nodeId.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'gu')) ?? [''];
  return parts.slice(0, 3).map((part, index) => [index === 0 ? 'node id' : '', part]);
}
