// The columns of the Redirects table.
import type { Redirect } from '../../../shared/ipc/status-contract.ts';
import { gap, type TableColumn } from '../../components/table-columns.ts';
import type { ColumnName } from '../../text/column-names.ts';
import { columnsOf, safe } from '../../text/columns.ts';
import { dateTime, timeOfDay, type Zone } from '../../text/format.ts';

/** From here on dates are written out. */
const wideFrom = 120;
/** An IPv4 address with its port. */
const usualAddress = 21;
const whyColumns = 8;

/** Addresses as wide as these are, else as most are; in a narrow window the dialect gives way to them. */
export function redirectColumns(
  redirects: readonly Redirect[],
  width: number,
  zone: Zone,
): TableColumn<Redirect, ColumnName<'redirects'>>[] {
  const isWide = width >= wideFrom;
  const timeColumns = isWide ? 19 : 8;
  const room = width - timeColumns - whyColumns - 3 * gap;
  const half = Math.floor(room / 2);
  const longest = (member: 'asker' | 'to') =>
    Math.max(9, ...redirects.map((redirect) => columnsOf(safe(redirect[member]))));
  const asker = Math.min(longest('asker'), Math.max(half, room - longest('to')));
  const to = Math.min(longest('to'), room - asker);
  return [
    {
      name: 'time',
      title: isWide ? `time, ${zone.name}` : zone.name,
      width: timeColumns,
      weight: 0,
      cell: ({ at }) => (isWide ? dateTime : timeOfDay)(at, zone),
    },
    {
      name: 'source',
      width: asker,
      most: Math.max(usualAddress, asker),
      weight: 1,
      cell: (redirect) => safe(redirect.asker),
    },
    { name: 'dialect', width: 7, weight: 3, cell: (redirect) => safe(redirect.dialect) },
    {
      name: 'target',
      width: to,
      most: Math.max(usualAddress, to),
      weight: 1,
      cell: (redirect) => safe(redirect.to),
    },
    {
      name: 'reason',
      width: whyColumns,
      weight: 2,
      cell: ({ why }) => safe(why),
      tone: ({ why }) => (why === 'full' ? 'warn' : null),
    },
  ];
}
