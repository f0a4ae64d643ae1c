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
        ? 'redirecting newcomers: the backlog is filling up'
        : 'redirects only when the backlog fills';
    case 'drain':
      return 'draining: redirecting nodes to the least loaded peer';
    case 'chosen':
      return `draining: redirecting nodes to ${safe(to ?? 'a peer', 64)}`;
    case 'stopping':
      return 'shutting down: redirecting nodes';
    default:
      return `mode ${safe(mode, 32)}`;
  }
}

/** The mode in two words; a daemon may know more modes than this console. */
export function modeText({ mode }: Redirecting): string {
  switch (mode) {
    case 'load':
      return 'when full';
    case 'drain':
    case 'chosen':
      return 'draining';
    case 'stopping':
      return 'shutting down';
    default:
      return safe(mode, 32);
  }
}
