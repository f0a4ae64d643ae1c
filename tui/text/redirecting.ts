// Redirecting in words: the same on the screen, in the banner and in print.
import { filterWords, matchesFilter } from '../../shared/filter.ts';
import type { PeerStatus, Redirect, Redirecting } from '../../shared/ipc/status-contract.ts';
import { safe } from './columns.ts';
import { takesNodes } from './peers.ts';

/** Whether every node is redirected, not only those for which there is no room. */
export function isRedirectingAll({ mode }: Redirecting): boolean {
  return mode !== 'load';
}

/** Whether an operator started it, and so can end it. */
export function isByHand({ mode }: Redirecting): boolean {
  return mode === 'drain' || mode === 'chosen';
}

export function filteredRedirects(
  redirects: readonly Redirect[],
  filter: string,
): readonly Redirect[] {
  const words = filterWords(filter);
  return redirects.filter(({ asker, dialect, to, why }) =>
    matchesFilter(words, [asker, dialect, to, why]),
  );
}

/**
 * A daemon may know more modes than this console. It serves the nodes of a drain itself while nobody else takes them.
 * @param peers by default those whom the daemon has just found to take nodes
 */
export function redirectingText(
  { mode, to, isLoaded }: Redirecting,
  peers?: readonly PeerStatus[],
): string {
  const isTaken = (isMeant: (peer: PeerStatus) => boolean) =>
    peers?.some((peer) => isMeant(peer) && takesNodes(peer)) ?? true;
  switch (mode) {
    case 'load':
      return isLoaded
        ? 'redirecting newcomers: the backlog is filling up'
        : 'redirects only when the backlog fills';
    case 'drain':
      return isTaken(() => true)
        ? 'draining: redirecting nodes to the least loaded peer'
        : 'draining, but no peer accepts nodes: they are served here';
    case 'chosen': {
      const name = safe(to ?? 'a peer', 64);
      return isTaken(({ address }) => address === to)
        ? `draining: redirecting nodes to ${name}`
        : `draining to ${name}, which accepts no nodes: they are served here`;
    }
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
