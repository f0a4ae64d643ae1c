// Whom this server sends elsewhere, and where to (PROTOCOL.md, "redirect, busy"): newcomers when
// there is little room, everybody when an operator said so.
import type { Redirecting } from '../../shared/ipc/contract.ts';
import type { Membership } from './membership.ts';

export class Redirector {
  private readonly membership: Membership;
  private state: Redirecting;

  constructor(options: { membership: Membership; wall: number }) {
    this.membership = options.membership;
    this.state = { mode: 'load', to: null, since: options.wall, isLoaded: false };
  }

  get status(): Redirecting {
    return this.state;
  }

  /** Everybody goes to the peer at `address`, or to the less loaded ones. False: there is no such peer. */
  drain(address: string | null, wall: number): boolean {
    const { membership } = this;
    const isThere =
      address === null ? membership.peers.length > 0 : membership.at(address) !== null;
    if (!isThere) return false;
    const mode = address === null ? 'drain' : 'chosen';
    this.state = { ...this.state, mode, to: address, since: wall };
    return true;
  }

  undrain(wall: number): void {
    if (this.state.mode === 'load') return;
    this.state = { ...this.state, mode: 'load', to: null, since: wall };
  }
}
