// Whether this server may lack what the others know, because it started only now: until it has the
// log of every peer, as long as that was when they met, it must not call a list `full`, for a node
// forgets whatever a full list does not name. A peer that does not answer is waited for until it
// would have settled; what a peer is sending is waited for to its end.
import type { Membership } from './membership.ts';

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
    const isWaiting =
      peers.some((peer) => !peer.isLogHere) && mono - this.startedAt < times.settledMs;
    this.isOver = !isReceiving && !isWaiting;
    return !this.isOver;
  }
}
