// The Hosts table as lines: a summary, the column titles, the visible rows.

import { atEnds } from '../../components/layout.ts';
import { markMs } from '../../state/shown.ts';
import { columnsOf, cut, fitted } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { count, counted, duration } from '../../text/format.ts';
import { type Theme, unpainted } from '../../theme.ts';
import {
  type HostClock,
  headerRow,
  hostColumns,
  hostRow,
  type TableShape,
} from './host-columns.ts';
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
  const columns = hostColumns({ ...shape, width: width - gutter.plain.length });
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
  columns: ReturnType<typeof hostColumns>,
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
    const isNew = Math.abs(clock.heardAt - host.firstSeen) < markMs;
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
  const [approx, age] = rowsAge > 0 ? ['approx. ', `rows ${duration(rowsAge)} old  ·  `] : ['', ''];
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
