// Whom this server sends elsewhere (PROTOCOL.md, "redirect, busy"): newcomers when there is little
// room, everybody when an operator said so or it stops. Full lists are shed before deltas, deltas
// before registrations; a request that was sent on often enough stays.
import type { Redirecting, RedirectReason } from '../../../shared/ipc/status-contract.ts';
import type { Request } from '../../../shared/protocol/message.ts';
import type { Origin } from '../query/registrar.ts';
import type { Membership } from '../sync/membership.ts';
import { type Fill, isOverDeltaMark, LoadState, shareOf } from './redirect-marks.ts';
import { RedirectTargets, type Target, takesNodes } from './redirect-targets.ts';

/** Servers send a request on this often; a client follows once more, for one that has no limit. */
const mostRedirects = 2;

export type Decision =
  | { kind: 'serve' }
  /** registers, and gets a few hosts at random instead of a list */
  | { kind: 'sample' }
  | { kind: 'redirect'; to: string; why: RedirectReason }
  | { kind: 'busy' };

/** Why nobody can be sent elsewhere by hand. */
export type DrainRefusal = 'no-peers' | 'unknown' | 'away' | 'stopping';

type Registering = Request & { verb: 'query' | 'alive' };

const serve: Decision = { kind: 'serve' };

export class Redirector {
  private readonly membership: Membership;
  private readonly targets: RedirectTargets;
  private readonly load: () => Fill;
  private readonly loadState = new LoadState();
  private state: Omit<Redirecting, 'isLoaded'>;

  /** `load`: this server's own backlog. `random` gives numbers in [0, 1). `wall`: ms since 1970. */
  constructor(options: {
    membership: Membership;
    load: () => Fill;
    random: () => number;
    wall: number;
  }) {
    this.membership = options.membership;
    this.load = options.load;
    this.targets = new RedirectTargets(options);
    this.state = { mode: 'load', to: null, since: options.wall };
  }

  get status(): Redirecting {
    return { ...this.state, isLoaded: this.isLoaded() };
  }

  /** Everybody is sent elsewhere, so peers must send nobody here. */
  get takesNobody(): boolean {
    return this.state.mode !== 'load';
  }

  /** The backlog limit that peers are told; 0 keeps nodes away from a server that takes nobody. */
  get offeredLimit(): number {
    return this.takesNobody ? 0 : this.load().limit;
  }

  /** What becomes of a request for which the backlog has room: it is in it already. */
  decide(request: Request, origin: Origin, mono: number): Decision {
    if (!isRegistering(request)) return serve;
    const { mode } = this.state;
    if (mode !== 'load') {
      const sent = this.sendOn(request, origin, mono, mode);
      if (sent !== null) return sent;
    }
    if (!this.isLoaded() || !this.isShed(request)) return serve;
    const sent = mode === 'load' ? this.sendOn(request, origin, mono, mode) : null;
    if (sent !== null) return sent;
    return wasSentHere(request) && !this.mayGoOn(request) ? { kind: 'sample' } : serve;
  }

  /** What becomes of a request for which the backlog has no room. */
  turnAway(request: Request, origin: Origin, mono: number): Decision {
    const { mode } = this.state;
    const why = mode === 'load' ? 'full' : mode;
    const sent = isRegistering(request) ? this.sendOn(request, origin, mono, why) : null;
    return sent ?? { kind: 'busy' };
  }

  /**
   * Whether the peers should be told of the load at once, after a request: it passed a mark. By the
   * heartbeat alone they would go on sending nodes to a server that has just become loaded.
   */
  takeNews(mono: number): boolean {
    return this.loadState.takeNews(mono);
  }

  /** Everybody goes to the peer at `address`, or to the less loaded ones. Null: so it is. */
  drain(address: string | null, { mono, wall }: { mono: number; wall: number }) {
    const refusal = this.refusalOf(address, mono);
    if (refusal === null)
      this.state = { mode: address === null ? 'drain' : 'chosen', to: address, since: wall };
    return refusal;
  }

  /** False: nothing was to be ended, or the server stops. */
  undrain(wall: number): boolean {
    const { mode } = this.state;
    if (mode === 'load' || mode === 'stopping') return false;
    this.state = { mode: 'load', to: null, since: wall };
    return true;
  }

  /** This server is about to end; from here there is no way back. */
  stop(wall: number): void {
    this.state = { mode: 'stopping', to: null, since: wall };
  }

  /** Whether there is somebody to take over. */
  hasTakers(mono: number): boolean {
    return this.membership.peers.some((peer) => takesNodes(peer, mono));
  }

  private refusalOf(address: string | null, mono: number): DrainRefusal | null {
    const { membership } = this;
    if (this.state.mode === 'stopping') return 'stopping';
    if (address === null && membership.peers.length === 0) return 'no-peers';
    if (address === null) return this.hasTakers(mono) ? null : 'away';
    const peer = membership.at(address);
    if (peer === null) return 'unknown';
    return takesNodes(peer, mono) ? null : 'away';
  }

  private isLoaded(): boolean {
    return this.loadState.look(this.load());
  }

  /** Whether a loaded server sends this elsewhere when it can. */
  private isShed(request: Registering): boolean {
    if (request.verb === 'alive') return false;
    const knowsNothing = request.since === null && request.have === null;
    return knowsNothing || isOverDeltaMark(this.load());
  }

  /**
   * Whether a request may go to yet another server. With one peer only it came from there when it
   * was redirected at all, and a client does not go back.
   */
  private mayGoOn(request: Registering): boolean {
    return hopOf(request) < Math.min(mostRedirects, this.membership.peers.length);
  }

  private sendOn(
    request: Registering,
    origin: Origin,
    mono: number,
    why: RedirectReason,
  ): Decision | null {
    const target = this.mayGoOn(request) ? this.findTarget(request, origin, mono) : null;
    if (target === null) return null;
    this.targets.noteSent(target.peer);
    return { kind: 'redirect', to: target.address, why };
  }

  private findTarget(request: Registering, origin: Origin, mono: number): Target | null {
    const { mode, to } = this.state;
    if (mode === 'load') {
      const share = shareOf(this.load());
      return this.targets.lessLoaded(origin, mono, share, wasSentHere(request));
    }
    if (to !== null) return this.targets.chosen(to, origin, mono);
    return this.targets.any(origin, mono);
  }
}

function isRegistering(request: Request): request is Registering {
  return request.verb === 'query' || request.verb === 'alive';
}

/** How often it was redirected, as far as its dialect can say. */
function hopOf(request: Registering): number {
  return request.verb === 'query' ? request.hop : 0;
}

function wasSentHere(request: Registering): boolean {
  return hopOf(request) > 0;
}
