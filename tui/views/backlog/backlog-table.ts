// The Backlog table as lines: a summary, the connections that are not in it, what is missing, the column
// titles, the visible rows.
import type { Backlog, BacklogEntry } from '../../../shared/ipc/contract.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { atEnds } from '../../components/layout.ts';
import { rowLine, titleLine } from '../../components/table.tsx';
import type { ListPosition } from '../../state/list-position.ts';
import { backlogText, gapTexts, othersText } from '../../text/backlog.ts';
import { cut, safe, wrap } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { ago, count } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';
import { backlogColumns } from './backlog-columns.ts';

/** It is asked for every second: from here on the daemon is slow to tell. */
const oldMs = 3_000;

export interface BacklogTable {
  status: Status;
  /** null: the daemon was not heard yet */
  list: Backlog | null;
  failure: string | null;
  /** those that pass the filter */
  shown: readonly BacklogEntry[];
  filter: string;
  position: ListPosition;
  /** the daemon's clock */
  at: number;
  width: number;
  rows: number;
}

export function backlogTableLines(theme: Theme, table: BacklogTable): string[] {
  const { status, list, failure, shown, filter, position, at, width, rows } = table;
  if (failure !== null)
    return ['', ...wrap(safe(failure, 400), width, 4).map((line) => theme.paint('warn', line))];
  if (list === null) return ['', theme.paint('label', 'loading the backlog …')];
  const columns = backlogColumns(list.entries, at, width);
  const visible = shown.slice(position.top, position.top + rows);
  return [
    '',
    summaryLine(theme, table, list),
    theme.paint('label', cut(othersText(list, status), width)),
    theme.paint('warn', cut(gapTexts(list).join('; '), width)),
    ...(shown.length === 0
      ? emptyLines(theme, list, status, filter, width)
      : [titleLine(theme, columns)]),
    ...visible.map((entry, index) => {
      const isSelected = position.top + index === position.cursor;
      return rowLine(theme, entry, columns, { isSelected, width });
    }),
  ];
}

function summaryLine(theme: Theme, table: BacklogTable, list: Backlog): string {
  const { status, shown, filter, position, at, width } = table;
  const summary =
    filter === ''
      ? backlogText(list.total, status)
      : `${count(shown.length)} of ${count(list.total)} in the backlog`;
  const isOld = at - list.at >= oldMs;
  const right = [
    ...(isOld ? [`as of ${ago(at - list.at)}`] : []),
    ...(filter === '' ? [`peak ${count(status.backlog.peak)}`] : []),
    ...(shown.length === 0 ? [] : [`${count(position.cursor + 1)} of ${count(shown.length)}`]),
  ];
  return atEnds(
    theme.paint('strong', summary) + filterText(theme, filter, width),
    theme.paint(isOld ? 'warn' : 'label', right.join('  ·  ')),
    width,
  );
}

function emptyLines(
  theme: Theme,
  list: Backlog,
  { backlog }: Status,
  filter: string,
  width: number,
): string[] {
  if (list.entries.length > 0)
    return [theme.paint('label', cut(noMatchText('connection', filter), width))];
  if (list.missing.length > 0) return [];
  const hint = `The backlog holds the connections with an unanswered request, usually for a few milliseconds. At ${count(backlog.limit)} (Backlog in ddns.conf), newcomers are redirected or told to retry later.`;
  return [
    theme.paint('good', 'Backlog empty.'),
    ...wrap(hint, Math.min(width, 100), 5).map((line) => theme.paint('label', line)),
  ];
}
