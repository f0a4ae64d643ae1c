// `ddns-tui redirects` without a screen: whom this name server sends elsewhere, and whom it sent
// where, newest first.
import type { Redirects, Status } from '../../shared/ipc/contract.ts';
import { safe } from '../text/columns.ts';
import { count, counted, dateTime, iso } from '../text/format.ts';
import { noPeersText } from '../text/peers.ts';
import { plainTable } from '../text/plain-table.ts';
import { redirectingText } from '../text/redirecting.ts';

export interface RedirectsPrinted {
  redirects: Redirects;
  status: Pick<Status, 'redirecting' | 'peers'>;
  /** most of the latest redirects; null is all that the daemon kept */
  limit: number | null;
}

/** One object on one line. Names and order are for scripts: they stay as they are. */
export function redirectsJson({ redirects, status, limit }: RedirectsPrinted): string {
  const { mode, to, since, isLoaded } = status.redirecting;
  return `${JSON.stringify({
    total: redirects.total,
    targets: redirects.targets,
    recent: newest(redirects, limit).map(({ at, asker, dialect, to: target, why }) => ({
      at: iso(at),
      asker,
      dialect,
      to: target,
      why,
    })),
    mode,
    to,
    since: iso(since),
    isLoaded,
  })}\n`;
}

export function redirectsPlain({ redirects, status, limit }: RedirectsPrinted): string {
  const { total, targets } = redirects;
  const summary = [
    `${counted(total, 'redirect')} since the start`,
    `mode ${safe(status.redirecting.mode)}: ${redirectingText(status.redirecting)}`,
    ...(status.peers.length === 0 ? [noPeersText] : []),
  ];
  const recent = newest(redirects, limit);
  const tables = [
    ...(targets.length === 0
      ? []
      : [
          plainTable([
            ['SENT TO', 'COUNT'],
            ...targets.map(({ address, count: sent }) => [safe(address), count(sent)]),
          ]),
        ]),
    ...(recent.length === 0
      ? []
      : [
          plainTable([
            ['WHEN', 'WHO ASKED', 'DIALECT', 'SENT TO', 'WHY'],
            ...recent.map(({ at, asker, dialect, to, why }) => [
              dateTime(at),
              safe(asker),
              safe(dialect),
              safe(to),
              safe(why),
            ]),
          ]),
        ]),
  ];
  return [`${summary.join('\n')}\n`, ...tables].join('\n');
}

function newest({ recent }: Redirects, limit: number | null) {
  return recent.toSorted((a, b) => b.seq - a.seq).slice(0, limit ?? recent.length);
}
