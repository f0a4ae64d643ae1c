// The Hosts table as lines: a summary, the column titles, the visible rows.

import { atEnds } from '../../frame/panes.ts';
import { cut, fitted } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { count, counted } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';
import {
  type HostClock,
  headerRow,
  hostColumns,
  hostRow,
  type TableShape,
} from './host-columns.ts';
import { type HostsState, hostAt } from './hosts-state.ts';

/** Blank line, summary, blank line, column titles. */
export const tableHeadRows = 4;

export function tableLines(
  theme: Theme,
  state: HostsState,
  clock: HostClock,
  shape: TableShape,
  rows: number,
): string[] {
  const { width } = shape;
  const columns = hostColumns(shape);
  return [
    '',
    summaryLine(theme, state, width),
    '',
    headerRow(theme, columns, state.sort),
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
  if (state.revision === null) return ['', theme.paint('label', 'reading the registry …')];
  if (state.matched === 0) return ['', ...emptyLines(theme, state, width)];
  return Array.from({ length: rows }, (_, row) => {
    const number = state.top + row;
    if (number >= state.matched) return '';
    const host = hostAt(state, number);
    if (host === null) return theme.paint('label', '…');
    const text = hostRow(host, columns, clock);
    return number === state.cursor ? theme.paint('selected', fitted(text, width)) : text;
  });
}

function emptyLines(theme: Theme, state: HostsState, width: number): string[] {
  if (state.filter !== '')
    return [theme.paint('label', cut(noMatchText('host', state.filter), width))];
  return [
    theme.paint(
      'label',
      cut('no host has registered yet. A node does so with: query NODE-ID PORT', width),
    ),
  ];
}

function summaryLine(theme: Theme, state: HostsState, width: number): string {
  const matched = state.revision === null ? '' : counted(state.matched, 'host');
  const position =
    state.matched === 0
      ? ''
      : theme.paint('label', `${count(state.cursor + 1)} of ${count(state.matched)}`);
  const filter = filterText(theme, state.filter, width);
  return atEnds(`${theme.paint('strong', matched)}${filter}`, position, width);
}
