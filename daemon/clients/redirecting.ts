// Carries out what the policy of redirects decides: makes the replies, records who was sent where,
// and tells the peers when this server takes nobody any more. What is decided is in
// core/admission/redirector.ts.
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerStatus } from '../../shared/ipc/status-contract.ts';
import { formatAddress } from '../../shared/protocol/address.ts';
import type { Reply, Request } from '../../shared/protocol/message.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { Occupancy } from '../core/admission/admission.ts';
import type { Decision, DrainRefusal, Redirector } from '../core/admission/redirector.ts';
import { Redirects } from '../core/admission/redirects.ts';
import type { Origin } from '../core/query/registrar.ts';
import { served, type Verdict } from '../core/query/verdict.ts';
import type { Counters } from '../core/stats/counters.ts';
import type { Logger } from '../log.ts';

/** Clients turned away wait this long, spread so that they do not come back together. */
const busySeconds = { least: 1, spread: 5 };

/** What a stopping server waits for its peers at most: whoever stops it waits, too. */
const handOverMs = 2_000;

/** How often it looks whether they are done. */
const handOverCheckMs = 20;

export interface RedirectingOptions {
  redirector: Redirector;
  /** the replication service: how far each peer is, and news for them */
  peers: { view(): readonly PeerStatus[]; announceLoad(): void };
  occupancy: Occupancy;
  counters: Counters;
  log: Logger;
}

type SentAway = Reply & { kind: 'redirect' | 'busy' };

export class Redirecting {
  readonly redirector: Redirector;
  readonly redirects = new Redirects();
  private readonly options: RedirectingOptions;

  constructor(options: RedirectingOptions) {
    this.options = options;
    this.redirector = options.redirector;
  }

  /** A request for which the backlog has room. */
  route(request: Request, origin: Origin): Verdict {
    const now = performance.now();
    const decision = this.redirector.decide(request, origin, now);
    if (this.redirector.takeNews(now)) this.options.peers.announceLoad();
    if (decision.kind === 'serve') return served;
    if (decision.kind === 'sample') return { kind: 'sample' };
    return this.replyTo(request, origin, decision);
  }

  /** A request for which it has none; null when not all of it came at once. */
  turnAway(request: Request | null, origin: Origin): SentAway {
    if (request === null) return busy();
    const decision = this.redirector.turnAway(request, origin, performance.now());
    return this.replyTo(request, origin, decision);
  }

  /** Null: everybody is sent elsewhere from now on. */
  drain(address: string | null): DrainRefusal | null {
    const refusal = this.redirector.drain(address, { mono: performance.now(), wall: wallNow() });
    if (refusal === null) this.options.peers.announceLoad();
    return refusal;
  }

  /** False: nothing was to be ended, or the server stops. */
  undrain(): boolean {
    const wasEnded = this.redirector.undrain(wallNow());
    if (wasEnded) this.options.peers.announceLoad();
    return wasEnded;
  }

  /**
   * The server stops: everybody is sent elsewhere until the peers have all changes and what has
   * begun is answered, though not for long. Without a peer that takes nodes it is over at once.
   */
  async handOver(): Promise<void> {
    const { peers, occupancy, log } = this.options;
    const hasTakers = this.redirector.hasTakers(performance.now());
    this.redirector.stop(wallNow());
    peers.announceLoad();
    if (!hasTakers) return;
    log.info('nodes are sent to the other name servers until this one stops');
    const until = performance.now() + handOverMs;
    const isDone = () =>
      occupancy.backlog === 0 &&
      peers.view().every(({ state, lag }) => state !== 'alive' || lag === null || lag === 0);
    while (!isDone() && performance.now() < until) await delay(handOverCheckMs);
  }

  private replyTo(request: Request, origin: Origin, decision: Decision): SentAway {
    if (decision.kind !== 'redirect') return busy();
    const { to, why } = decision;
    const asker = askerOf(request, origin);
    const { dialect } = origin;
    this.options.counters.redirected++;
    this.redirects.add({ at: wallNow(), asker, dialect, to, why });
    this.options.log.debug({ asker, dialect, to, why }, 'redirected');
    return { kind: 'redirect', address: to };
  }
}

function busy(): SentAway {
  const seconds = busySeconds.least + Math.floor(Math.random() * busySeconds.spread);
  return { kind: 'busy', seconds };
}

/** The address it would have been registered under. */
function askerOf(request: Request, { ip }: Origin): string {
  const words = ip.slice();
  if ('port' in request) words[4] = request.port;
  return formatAddress(words, 0);
}
