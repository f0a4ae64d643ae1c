// How many nodes were sent to each name server, as lines of a pane, the most first.
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { columnsOf, cut, fitted, safe } from '../../text/columns.ts';
import { count } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';

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
