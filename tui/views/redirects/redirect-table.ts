// The Redirects view as lines: a summary, the mode, the table, and how many redirects went to each target.
import type { Redirect, Status } from '../../../shared/ipc/status-contract.ts';
import { atEnds } from '../../components/layout.ts';
import { type DaemonData, daemonNow } from '../../state/daemon-data.ts';
import { columnsOf, cut, fitted, safe, wrap } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { count, counted, dateTime, durationText, timeOfDay } from '../../text/format.ts';
import { noPeersText } from '../../text/peers.ts';
import { isRedirectingAll, redirectingText } from '../../text/redirecting.ts';
import type { Theme, Token } from '../../theme.ts';

const gap = 2;
/** From here on dates are written out. */
const wideFrom = 120;

export interface RedirectTable {
  /** those that pass the filter, newest first */
  shown: readonly Redirect[];
  filter: string;
  /** rows of the topmost one on the screen, and of the selected one; null: none is */
  top: number;
  cursor: number | null;
  /** the console's monotonic clock */
  now: number;
  width: number;
  rows: number;
}

export function redirectTableLines(theme: Theme, data: DaemonData, view: RedirectTable): string[] {
  const { shown, filter, top, cursor, width, rows } = view;
  const visible = shown.slice(top, top + rows);
  const columns = redirectColumns(data.redirects, width);
  const line = (cell: (column: Column) => string) => columns.map(cell).join(' '.repeat(gap));
  return [
    '',
    summaryLine(theme, data, view),
    modeLine(theme, data, view.now, width),
    '',
    ...(shown.length === 0
      ? emptyLines(theme, data, filter, width)
      : [
          line((column) => theme.paint('label', fitted(column.title, column.width))),
          ...visible.map((redirect, index) => {
            const isSelected = top + index === cursor;
            const text = line(({ cell, width: columnWidth, tone }) => {
              const shownCell = fitted(cell(redirect), columnWidth);
              const token = isSelected ? null : (tone?.(redirect) ?? null);
              return token === null ? shownCell : theme.paint(token, shownCell);
            });
            return isSelected ? theme.paint('selected', fitted(text, width)) : text;
          }),
        ]),
  ];
}

interface Column {
  title: string;
  width: number;
  cell(redirect: Redirect): string;
  tone?(redirect: Redirect): Token | null;
}

/** An IPv4 address with its port. */
const usualAddress = 21;
const dialectColumns = 7;
const whyColumns = 8;

/** Addresses as wide as most are, else as these are; in a narrow window the dialect gives way to them. */
export function redirectColumns(redirects: readonly Redirect[], width: number): Column[] {
  const isWide = width >= wideFrom;
  const timeColumns = isWide ? 19 : 8;
  const withoutDialect = width - timeColumns - whyColumns - 3 * gap;
  const withDialect = withoutDialect - dialectColumns - gap;
  const longest = (member: 'asker' | 'to') =>
    Math.max(9, ...redirects.map((redirect) => columnsOf(safe(redirect[member]))));
  const shortest = { asker: longest('asker'), to: longest('to') };
  const usual = {
    asker: Math.max(usualAddress, shortest.asker),
    to: Math.max(usualAddress, shortest.to),
  };
  const hasDialect = shortest.asker + shortest.to <= withDialect;
  const rest = hasDialect ? withDialect : withoutDialect;
  const wanted = usual.asker + usual.to <= rest ? usual : shortest;
  const half = Math.floor(rest / 2);
  const asker = Math.min(wanted.asker, Math.max(half, rest - wanted.to));
  const to = Math.min(wanted.to, rest - asker);
  const dialect: Column = {
    title: 'dialect',
    width: dialectColumns,
    cell: (redirect) => safe(redirect.dialect),
  };
  return [
    {
      title: 'time',
      width: timeColumns,
      cell: ({ at }) => (isWide ? dateTime : timeOfDay)(at),
    },
    { title: 'source', width: asker, cell: (redirect) => safe(redirect.asker) },
    ...(hasDialect ? [dialect] : []),
    { title: 'target', width: to, cell: (redirect) => safe(redirect.to) },
    {
      title: 'reason',
      width: whyColumns,
      cell: ({ why }) => safe(why),
      tone: ({ why }) => (why === 'full' ? 'warn' : null),
    },
  ];
}

function summaryLine(
  theme: Theme,
  data: DaemonData,
  { shown, filter, top, cursor, width }: RedirectTable,
): string {
  const { total } = data.status.redirects;
  const kept = data.redirects.length;
  const newest = total > kept ? `latest ${count(kept)}, newest first` : 'newest first';
  const position =
    cursor === null && top === 0
      ? newest
      : cursor === null
        ? `${count(top)} newer above`
        : `${count(cursor + 1)} of ${count(shown.length)}`;
  const summary =
    filter === ''
      ? `${counted(total, 'redirect')} since start`
      : `${count(shown.length)} of the latest ${counted(kept, 'redirect')}`;
  return atEnds(
    theme.paint('strong', summary) + filterText(theme, filter, width),
    shown.length === 0 ? '' : theme.paint('label', position),
    width,
  );
}

function modeLine(theme: Theme, data: DaemonData, now: number, width: number): string {
  const { redirecting } = data.status;
  const since = durationText(daemonNow(data, now) - redirecting.since);
  const isAlarming = isRedirectingAll(redirecting) || redirecting.isLoaded;
  const text = isRedirectingAll(redirecting)
    ? `${redirectingText(redirecting)} (${since})`
    : redirectingText(redirecting);
  return theme.paint(isAlarming ? 'warn' : 'good', cut(text, width));
}

function emptyLines(
  theme: Theme,
  { status, redirects }: DaemonData,
  filter: string,
  width: number,
): string[] {
  if (redirects.length > 0)
    return [theme.paint('label', cut(noMatchText('redirect', filter), width))];
  const hint =
    status.peers.length === 0
      ? `${noPeersText.charAt(0).toUpperCase()}${noPeersText.slice(1)}. Until then, newcomers are told to retry later when the backlog is full.`
      : 'No redirects since start. Newcomers are redirected when the backlog fills up, and every node is while the server drains (d).';
  return wrap(hint, Math.min(width, 100), 4).map((line) => theme.paint('label', line));
}

const countColumns = 11;
const shareColumns = 6;

/** At most `rows` lines: the title, the name servers, and how many were left out. */
export function redirectTotals(
  theme: Theme,
  { total, targets }: Status['redirects'],
  width: number,
  rows: number,
): string[] {
  if (targets.length === 0) return [];
  const room = Math.max(1, rows - 1);
  const shown = targets.length > room ? targets.slice(0, room - 1) : targets;
  const rest = targets.length - shown.length;
  const longest = Math.max(21, ...shown.map(({ address }) => columnsOf(safe(address))));
  const addressColumns = Math.min(longest, width - countColumns - shareColumns);
  return [
    theme.paint('strong', 'Targets'),
    ...shown.map(({ address, count: sent }) => {
      const share = total === 0 ? 0 : Math.round((100 * sent) / total);
      return (
        fitted(safe(address), addressColumns) +
        fitted(count(sent), countColumns, 'right') +
        theme.paint('label', fitted(`${share} %`, shareColumns, 'right'))
      );
    }),
    ...(rest === 0 ? [] : [theme.paint('label', cut(`and ${count(rest)} more`, width))]),
  ].slice(0, rows);
}
