// The columns of the Redirects table.
import type { Redirect } from '../../../shared/ipc/status-contract.ts';
import type { TableColumn } from '../../components/table-columns.ts';
import { columnsOf, safe } from '../../text/columns.ts';
import { dateTime, timeOfDay, type Zone } from '../../text/format.ts';

const gap = 2;
/** From here on dates are written out. */
const wideFrom = 120;
/** An IPv4 address with its port. */
const usualAddress = 21;
const dialectColumns = 7;
const whyColumns = 8;

/** Addresses as wide as most are, else as these are; in a narrow window the dialect gives way to them. */
export function redirectColumns(
  redirects: readonly Redirect[],
  width: number,
  zone: Zone,
): TableColumn<Redirect>[] {
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
  const dialect: TableColumn<Redirect> = {
    weight: 0,
    title: 'dialect',
    width: dialectColumns,
    cell: (redirect) => safe(redirect.dialect),
  };
  return [
    {
      title: isWide ? `time, ${zone.name}` : zone.name,
      weight: 0,
      width: timeColumns,
      cell: ({ at }) => (isWide ? dateTime : timeOfDay)(at, zone),
    },
    { title: 'source', weight: 0, width: asker, cell: (redirect) => safe(redirect.asker) },
    ...(hasDialect ? [dialect] : []),
    { title: 'target', weight: 0, width: to, cell: (redirect) => safe(redirect.to) },
    {
      title: 'reason',
      weight: 0,
      width: whyColumns,
      cell: ({ why }) => safe(why),
      tone: ({ why }) => (why === 'full' ? 'warn' : null),
    },
  ];
}
