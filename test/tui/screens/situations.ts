// Actions that several screens share: the connection is lost, there are peers, nodes are redirected.
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import {
  fixedDelta,
  fixedNow,
  fixedPeers,
  fixedRedirects,
  fixedShares,
  fixedSnapshot,
  fixedStatus,
  fixedTotals,
} from '../fixture-data.ts';

export const lost: ConsoleAction = {
  type: 'connection',
  change: { type: 'lost', now: 0, reason: 'the name server closed the connection', nextAt: 2_000 },
};

/** The connection stands, and nothing comes. */
export const silent: ConsoleAction = { type: 'tick', now: 12_000 };

/** Three peers, one of them plain and one in trouble, and redirects while the backlog fills up. */
export const fleet: ConsoleAction = {
  type: 'snapshot',
  now: 0,
  snapshot: {
    ...fixedSnapshot({
      peers: fixedPeers(),
      redirecting: { mode: 'load', to: null, since: fixedNow - 8_040_000, isLoaded: true },
      redirects: fixedTotals,
      expiry: { ...fixedStatus().expiry, servers: 3 },
      shares: fixedShares(),
    }),
    redirects: fixedRedirects(40),
  },
};

export function sending(mode: 'drain' | 'chosen' | 'stopping'): ConsoleAction {
  const to = mode === 'chosen' ? '192.0.2.2:4524' : null;
  const redirecting = { mode, to, since: fixedNow - 320_000, isLoaded: false };
  return { type: 'delta', delta: fixedDelta({ status: { redirecting } }), now: 0 };
}
