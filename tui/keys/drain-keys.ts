// The keys that drain, which several views have. None is offered where the name server would refuse it
// (daemon/core/admission/redirector.ts); pressed there, it says why.
import type { Status } from '../../shared/ipc/status-contract.ts';
import type { CommonState } from '../state/common-state.ts';
import { latestData } from '../state/shown.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';
import { noPeersText, peerStateSentence, takesNodes } from '../text/peers.ts';
import { isByHand } from '../text/redirecting.ts';
import type { Keys } from './binding.ts';
import { ask } from './common-keys.ts';

/** What the name server says of itself and its peers, and its clock. */
type Standing = Pick<Status, 'peers' | 'redirecting'> & { at: number };

function standingOf(state: CommonState): Standing | null {
  const data = latestData(state);
  return data === null ? null : { ...data.status, at: data.at };
}

/** Why it drains no more, and no less, whatever is asked; null: it does as it is told. */
function stoppingRefusal({ redirecting }: Standing): string | null {
  return redirecting.mode === 'stopping'
    ? 'the name server is shutting down and already redirects every node'
    : null;
}

function drainRefusal(standing: Standing): string | null {
  const { peers, redirecting } = standing;
  if (peers.length === 0) return `cannot drain: ${noPeersText}`;
  if (redirecting.mode === 'drain') return 'already draining; u ends it';
  return (
    stoppingRefusal(standing) ??
    (peers.some(takesNodes) ? null : 'cannot drain: no peer accepts nodes now; see Peers')
  );
}

function undrainRefusal(standing: Standing): string | null {
  return (
    stoppingRefusal(standing) ??
    (isByHand(standing.redirecting) ? null : 'not draining; d starts a drain')
  );
}

function sendRefusal(standing: Standing, address: string): string | null {
  const { peers, redirecting, at } = standing;
  const stopping = stoppingRefusal(standing);
  if (stopping !== null) return stopping;
  const name = safe(address, 64);
  if (redirecting.to === address) return `already draining to ${name}; u ends it`;
  const peer = peers.find((each) => each.address === address);
  if (peer === undefined) return `cannot drain to ${name}: it is not a peer any more`;
  if (takesNodes(peer)) return null;
  const why = peer.state === 'alive' ? 'draining itself' : peerStateSentence(peer, at);
  return `cannot drain to ${name}: ${why}`;
}

/** The key that redirects every node to one name server. @param chosen its address; null: none is selected */
export function sendKey<S extends CommonState>(
  help: string,
  chosen: (state: S) => string | null,
): Keys<S> {
  return {
    keys: ['t'],
    label: 'drain to it',
    help,
    changes: true,
    asks: true,
    enabled: (state) => standingOf(state) !== null && chosen(state) !== null,
    refusal: (state) => {
      const [standing, address] = [standingOf(state), chosen(state)];
      return standing && address && sendRefusal(standing, address);
    },
    run: (target) => {
      const address = chosen(target.state());
      if (address !== null) ask(target, { action: 'send', address });
    },
  };
}

/** The peers that take the nodes of a drain. */
function takersOf(state: CommonState): string[] {
  const peers = standingOf(state)?.peers ?? [];
  return peers.filter(takesNodes).map(({ address, load }) => {
    const { backlog = 0, limit = 0 } = load ?? {};
    return `to ${safe(address)}, backlog ${count(backlog)} of ${count(limit)}`;
  });
}

export const drainKeys: readonly Keys[] = [
  {
    keys: ['d'],
    label: 'drain',
    help: 'drain: redirect every node (asks first)',
    run: (target) => ask(target, { action: 'drain' }, takersOf(target.state())),
    ...whereAllowed(drainRefusal),
  },
  {
    keys: ['u'],
    label: 'end drain',
    help: 'end the drain (asks first)',
    run: (target) => ask(target, { action: 'undrain' }),
    ...whereAllowed(undrainRefusal),
  },
];

/** Of a key that does the same in each view. */
function whereAllowed(refusalOf: (standing: Standing) => string | null) {
  return {
    anywhere: true,
    changes: true,
    asks: true,
    enabled: (state) => standingOf(state) !== null,
    refusal: (state) => {
      const standing = standingOf(state);
      return standing && refusalOf(standing);
    },
  } satisfies Partial<Keys>;
}
