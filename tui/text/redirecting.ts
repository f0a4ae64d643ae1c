// Whom a name server sends elsewhere, in words: the same on the screen, in its banner and in print.
import { filterWords, matchesFilter } from '../../shared/filter.ts';
import type { Redirect, Redirecting } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';

/** Whether everybody is sent elsewhere, not only those that there is no room for. */
export function sendsEverybody({ mode }: Redirecting): boolean {
  return mode !== 'load';
}

/** Whether an operator said so, and can end it. */
export function isByHand({ mode }: Redirecting): boolean {
  return mode === 'drain' || mode === 'chosen';
}

/** Those of which `filter` finds its words in who asked, the dialect, the target or the reason. */
export function filteredRedirects(
  redirects: readonly Redirect[],
  filter: string,
): readonly Redirect[] {
  const words = filterWords(filter);
  return redirects.filter(({ asker, dialect, to, why }) =>
    matchesFilter(words, [asker, dialect, to, why]),
  );
}

/** A daemon may know more modes than this console. */
export function redirectingText({ mode, to, isLoaded }: Redirecting): string {
  switch (mode) {
    case 'load':
      return isLoaded
        ? 'newcomers are sent elsewhere, the backlog is filling up'
        : 'nobody is sent elsewhere while there is room';
    case 'drain':
      return 'every node is sent to the less loaded name servers';
    case 'chosen':
      return `every node is sent to ${safe(to ?? 'another name server', 64)}`;
    case 'stopping':
      return 'every node is sent elsewhere, because this server is about to end';
    default:
      return `mode ${safe(mode, 32)}`;
  }
}
