// `ddns-tui redirects` without a screen: whom this name server sends elsewhere, and whom it sent
// where, newest first.
import type { Redirect, Redirects, Status } from '../../../shared/ipc/status-contract.ts';
import { safe } from '../../text/columns.ts';
import { count, counted, type Zone } from '../../text/format.ts';
import { noPeersText } from '../../text/peers.ts';
import { plainRows, plainTable } from '../../text/plain-table.ts';
import { filteredRedirects, redirectingText } from '../../text/redirecting.ts';
import { redirectColumns } from '../../views/redirects/redirect-table.ts';
import { jsonText } from './output.ts';

interface RedirectsPrinted {
  redirects: Redirects;
  status: Pick<Status, 'redirecting' | 'peers'>;
  filter: string;
  /** most of the latest redirects; null is all that the daemon kept */
  limit: number | null;
  /** of the times in plain text */
  zone: Zone;
}

export function redirectsJson(printed: RedirectsPrinted): string {
  const { redirects, status } = printed;
  return jsonText({
    total: redirects.total,
    targets: redirects.targets,
    recent: newest(printed).map(({ seq, ...redirect }) => redirect),
    ...status.redirecting,
  });
}

export function redirectsPlain(printed: RedirectsPrinted): string {
  const { redirects, status, zone } = printed;
  const { total, targets } = redirects;
  const summary = [
    `${counted(total, 'redirect')} since start`,
    redirectingText(status.redirecting, status.peers),
    ...(status.peers.length === 0 ? [noPeersText] : []),
  ];
  const recent = newest(printed);
  const targetRows = targets.map(({ address, count: sent }) => [safe(address), count(sent)]);
  const columns = redirectColumns(recent, Number.POSITIVE_INFINITY, zone);
  const tables = [
    ...(targets.length === 0 ? [] : [plainTable([['TARGET', 'COUNT'], ...targetRows])]),
    ...(recent.length === 0 ? [] : [plainRows(columns, recent)]),
  ];
  return [`${summary.join('\n')}\n`, ...tables].join('\n');
}

function newest({ redirects, filter, limit }: RedirectsPrinted): readonly Redirect[] {
  const newestFirst = redirects.recent.toSorted((a, b) => b.seq - a.seq);
  return filteredRedirects(newestFirst, filter).slice(0, limit ?? newestFirst.length);
}
