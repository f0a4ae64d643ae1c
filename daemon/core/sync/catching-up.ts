// Whether this server may lack what the others know, because it started only now: until comparing with every
// peer that is there has brought what it had, this one must not call a list `full`, for a node forgets
// whatever a full list does not name. The peers' logs are not enough: they do not tell of hosts that registered
// at a server that is down now, and a peer that does not name this server sends none. A peer that does not
// answer is waited for until it would have settled; but while none answers, nobody knows what is lacking.
import type { Membership, Peer } from './membership.ts';

export class CatchingUp {
  isOver = false;
  private readonly membership: Membership;
  private startedAt: number | null = null;

  constructor(membership: Membership) {
    this.membership = membership;
  }

  /** `isReceiving`: a peer is sending what it had when they met. Once it is over, it is over. */
  isUnderWay(mono: number, isReceiving: boolean): boolean {
    if (this.isOver) return false;
    const { peers, times } = this.membership;
    this.startedAt ??= mono;
    const isEarly = mono - this.startedAt < times.settledMs;
    const isWaitedFor = (peer: Peer) => !peer.isCompared && (isEarly || isThere(peer, mono));
    const isAlone = peers.length > 0 && !peers.some(({ isCompared }) => isCompared);
    this.isOver = !isReceiving && !isAlone && !peers.some(isWaitedFor);
    return !this.isOver;
  }
}

function isThere(peer: Peer, mono: number): boolean {
  const state = peer.state(mono);
  return state === 'alive' || state === 'suspect';
}
