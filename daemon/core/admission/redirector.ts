// Which requests this server serves and which it sends elsewhere (PROTOCOL.md, "redirect, busy"): it redirects
// newcomers when there is little room, and everybody when an operator drains it or it stops. Full lists are shed
// before deltas, deltas before registrations; a request that was redirected twice stays.
import type { Request } from '../../../shared/protocol/message.ts';
import {
  type ArrivedRequest,
  type Origin,
  type RedirectCause,
  sampled,
  served,
  type Verdict,
} from '../query/verdict.ts';
import type { Membership } from '../sync/membership.ts';
import {
  type Fill,
  isOverClearMark,
  isOverDeltaMark,
  isOverSoftMark,
  RedirectTargets,
  shareOf,
  type Target,
  takesNodes,
} from './redirect-targets.ts';

/** Servers redirect a request this often; a client follows once more, for a server without this limit. */
const maxRedirects = 2;

/** Seconds of a `busy`, spread so that clients do not come back together. */
const busySeconds = { min: 1, spread: 5 };

/** Least time between two load reports outside the heartbeat, ms: a burst fills and empties a backlog often. */
const reportPauseMs = 50;

/** Why a drain is refused. */
export type DrainRefusal = 'no-peers' | 'unknown' | 'away' | 'stopping';

/** What a server does with nodes, and since when (ms since 1970). */
export interface RedirectStatus {
  mode: Exclude<RedirectCause, 'full'>;
  /** configured address of the chosen peer, in mode `chosen` */
  to: string | null;
  since: number;
  isLoaded: boolean;
}

type Registering = Request & { verb: 'query' | 'alive' };

/** Whether a server is loaded, with hysteresis: from the soft mark on, until it is below the clear mark. */
export class LoadState {
  private isLoaded = false;
  private reported = { isLoaded: false, at: Number.NEGATIVE_INFINITY };

  /** Whether the server is loaded with `fill`. */
  look(fill: Fill): boolean {
    if (isOverSoftMark(fill)) this.isLoaded = true;
    else if (!isOverClearMark(fill)) this.isLoaded = false;
    return this.isLoaded;
  }

  /** Whether it changed since this last returned true, at most once in 50 ms. `mono`: ms. */
  takeChange(mono: number): boolean {
    const { isLoaded, reported } = this;
    if (isLoaded === reported.isLoaded || mono - reported.at < reportPauseMs) return false;
    this.reported = { isLoaded, at: mono };
    return true;
  }
}

/** The policy of redirects. Times named `mono` are on the monotonic clock, `wall` since 1970, both in ms. */
export class Redirector {
  private readonly membership: Membership;
  private readonly targets: RedirectTargets;
  private readonly load: () => Fill;
  private readonly random: () => number;
  private readonly loadState = new LoadState();
  private state: Omit<RedirectStatus, 'isLoaded'>;

  /** `load`: this server's own backlog. `random` gives numbers in [0, 1). */
  constructor(options: {
    membership: Membership;
    load: () => Fill;
    random: () => number;
    wall: number;
  }) {
    this.membership = options.membership;
    this.load = options.load;
    this.random = options.random;
    this.targets = new RedirectTargets(options);
    this.state = { mode: 'load', to: null, since: options.wall };
  }

  get status(): RedirectStatus {
    return { ...this.state, isLoaded: this.isLoaded() };
  }

  /** Whether everybody is redirected, so that peers must send nobody here. */
  get takesNobody(): boolean {
    return this.state.mode !== 'load';
  }

  /** The backlog limit reported to peers; 0 keeps nodes away from a server that redirects everybody. */
  get offeredLimit(): number {
    return this.takesNobody ? 0 : this.load().limit;
  }

  /** The verdict on a request that is not carried out yet. One that is not turned away is in the backlog already. */
  decide({ request, origin, isTurnedAway }: ArrivedRequest, mono: number): Verdict {
    if (request === null || !isRegistering(request)) return isTurnedAway ? this.busy() : served;
    const { mode } = this.state;
    if (isTurnedAway)
      return this.redirect(request, origin, mono, mode === 'load' ? 'full' : mode) ?? this.busy();
    if (mode !== 'load') {
      const redirected = this.redirect(request, origin, mono, mode);
      if (redirected !== null) return redirected;
    }
    if (!this.isLoaded() || !this.isShed(request)) return served;
    const redirected = mode === 'load' ? this.redirect(request, origin, mono, mode) : null;
    if (redirected !== null) return redirected;
    return wasRedirected(request) && !this.mayBeRedirected(request) ? sampled : served;
  }

  /**
   * Whether to report the load to the peers now, after a request, because it passed a mark. By heartbeats alone they
   * would go on sending nodes to a server that has just become loaded.
   */
  takeLoadChange(mono: number): boolean {
    return this.loadState.takeChange(mono);
  }

  /** Redirects everybody to the peer at `address`, or to the least loaded ones. Null: done. */
  drain(address: string | null, { mono, wall }: { mono: number; wall: number }) {
    const refusal = this.refusalOf(address, mono);
    if (refusal === null)
      this.state = { mode: address === null ? 'drain' : 'chosen', to: address, since: wall };
    return refusal;
  }

  /** Ends a drain. False: there was none, or the server is stopping. */
  undrain(wall: number): boolean {
    const { mode } = this.state;
    if (mode === 'load' || mode === 'stopping') return false;
    this.state = { mode: 'load', to: null, since: wall };
    return true;
  }

  /** The peers have changed: a drain to one that is gone becomes a drain to the others. @returns its address */
  peersChanged(): string | null {
    const { mode, to } = this.state;
    if (mode !== 'chosen' || to === null || this.membership.at(to) !== null) return null;
    this.state = { ...this.state, mode: 'drain', to: null };
    return to;
  }

  /** The server is stopping; this cannot be undone. */
  stop(wall: number): void {
    this.state = { mode: 'stopping', to: null, since: wall };
  }

  /** Whether any peer takes nodes. */
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

  /** Whether a loaded server redirects this when it can. */
  private isShed(request: Registering): boolean {
    if (request.verb === 'alive') return false;
    const knowsNothing = request.since === null && request.have === null;
    return knowsNothing || isOverDeltaMark(this.load());
  }

  /**
   * Whether the request may go to yet another server. With a single peer, a redirected request came from there, and
   * a client does not go back.
   */
  private mayBeRedirected(request: Registering): boolean {
    return hopOf(request) < Math.min(maxRedirects, this.membership.peers.length);
  }

  private redirect(
    request: Registering,
    origin: Origin,
    mono: number,
    why: RedirectCause,
  ): Verdict | null {
    const target = this.mayBeRedirected(request) ? this.findTarget(request, origin, mono) : null;
    if (target === null) return null;
    this.targets.noteSent(target.peer);
    return { kind: 'redirect', address: target.address, why };
  }

  private findTarget(request: Registering, origin: Origin, mono: number): Target | null {
    const { mode, to } = this.state;
    if (mode === 'load') {
      const share = shareOf(this.load());
      return this.targets.lessLoaded(origin, mono, share, wasRedirected(request));
    }
    if (to !== null) return this.targets.chosen(to, origin, mono);
    return this.targets.any(origin, mono);
  }

  private busy(): Verdict {
    const { min, spread } = busySeconds;
    return { kind: 'busy', seconds: min + Math.floor(this.random() * spread) };
  }
}

function isRegistering(request: Request): request is Registering {
  return request.verb === 'query' || request.verb === 'alive';
}

/** How often the request was redirected, as far as its dialect carries it. */
function hopOf(request: Registering): number {
  return request.verb === 'query' ? request.hop : 0;
}

function wasRedirected(request: Registering): boolean {
  return hopOf(request) > 0;
}
