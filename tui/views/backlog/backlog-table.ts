// The Backlog as lines: a summary, the table of connections, and the details of the selected one. A narrow
// window drops the columns that weigh least.
import type { Backlog, BacklogEntry } from '../../../shared/ipc/contract.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { requestDeadlineMs, writeDeadlineMs } from '../../../shared/protocol/limits.ts';
import { atEnds } from '../../components/layout.ts';
import { columnsWithin, rowLine, type TableColumn, titleLine } from '../../components/table.tsx';
import type { ListPosition } from '../../state/list-position.ts';
import { backlogText, gapTexts, othersText, stageText, tlsText } from '../../text/backlog.ts';
import { columnsOf, cut, fitted, safe, wrap } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { ago, count, dateTime, durationText, size } from '../../text/format.ts';
import { shortTime } from '../../text/peers.ts';
import type { Theme } from '../../theme.ts';

/** The backlog is requested every second: from this age on the daemon answers slowly. */
const oldMs = 3_000;

export interface BacklogTable {
  status: Status;
  /** null: the daemon has not reported yet */
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

/** From here on somebody waits so long that it is worth a look: most are answered in milliseconds. */
const longWaitMs = 5_000;

/** @param at the daemon's clock */
export function backlogColumns(
  entries: readonly BacklogEntry[],
  at: number,
  width: number,
): TableColumn<BacklogEntry>[] {
  const sources = entries.map(({ source }) => columnsOf(safe(source)));
  const waited = ({ since }: BacklogEntry) => Math.max(0, at - since);
  const columns: TableColumn<BacklogEntry>[] = [
    {
      title: 'waiting',
      width: 8,
      weight: 1,
      cell: (entry) => shortTime(waited(entry)),
      tone: (entry) => (waited(entry) >= longWaitMs ? 'warn' : null),
    },
    {
      title: 'source',
      width: Math.max(21, ...sources),
      weight: 0,
      cell: ({ source }) => safe(source),
    },
    { title: 'stage', width: 16, weight: 2, cell: stageText },
    { title: 'dialect', width: 7, weight: 3, cell: ({ dialect }) => safe(dialect, 16) },
    { title: 'TLS', width: 9, weight: 4, cell: tlsText },
    {
      title: 'requests',
      width: 8,
      weight: 7,
      align: 'right',
      cell: ({ requests }) => count(requests),
    },
    { title: 'in', width: 7, weight: 5, align: 'right', cell: ({ bytesIn }) => size(bytesIn) },
    { title: 'out', width: 7, weight: 6, align: 'right', cell: ({ bytesOut }) => size(bytesOut) },
    { title: 'id', width: 10, weight: 8, cell: ({ id }) => safe(id, 32) },
  ];
  return columnsWithin(columns, width);
}

const labelColumns = 10;

/**
 * At most `rows` lines of at most `width` columns: a title and one line for each fact.
 * @param at the daemon's clock
 */
export function backlogDetailLines(
  theme: Theme,
  entry: BacklogEntry,
  at: number,
  width: number,
  rows: number,
): string[] {
  const facts: [label: string, value: string][] = [
    ['waiting', `${shortTime(Math.max(0, at - entry.since))}, since ${dateTime(entry.since)}`],
    ['stage', stageText(entry)],
    ['dialect', `${safe(entry.dialect, 16)}, ${tlsText(entry)}`],
    ['requests', `${count(entry.requests)} complete`],
    ['received', size(entry.bytesIn)],
    ['sent', size(entry.bytesOut)],
    ['id', safe(entry.id, 32)],
  ];
  const lines = facts.map(
    ([label, value]) =>
      theme.paint('label', fitted(label, labelColumns)) + cut(value, width - labelColumns),
  );
  const ending = wrap(endText(entry), width, 3).map((line) => theme.paint('label', line));
  // An IPv6 address has no room beside a label.
  const title = [theme.paint('strong', 'Selected connection'), cut(safe(entry.source), width)];
  return [...title, ...lines, '', ...ending].slice(0, rows);
}

/** Whoever is about to close it by hand may want to know. */
function endText({ stage }: BacklogEntry): string {
  switch (stage) {
    case 'reading':
      return `Closed automatically if the request is incomplete ${durationText(requestDeadlineMs)} after its first byte.`;
    case 'writing':
      return `Closed automatically if the reply is not received within ${durationText(writeDeadlineMs)}.`;
    default:
      return 'Answered once its change is on disk.';
  }
}
