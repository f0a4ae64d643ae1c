// Decides requests, in the process with the registry and for the connections of all processes: the policy of redirects
// first, then the registrar. Records what watchers want to know, and reports this server's load to the peers when it
// changes what they should do: when a mark is passed, a drain begins or ends, or the server stops.
import { setTimeout as delay } from 'node:timers/promises';
import type { Counters } from '../../shared/counters.ts';
import { formatAddress } from '../../shared/protocol/address.ts';
import { sourceOf } from '../../shared/protocol/address-kind.ts';
import type { Request } from '../../shared/protocol/message.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { Occupancy } from '../core/admission/admission.ts';
import type { DrainRefusal, Redirector } from '../core/admission/redirector.ts';
import type { Registrar } from '../core/query/registrar.ts';
import type { ArrivedRequest, Origin, RedirectCause, Verdict } from '../core/query/verdict.ts';
import { type History, RingBuffer } from '../core/stats/history.ts';
import type { PeerView } from '../core/sync/peer-view.ts';
import type { Logger } from '../log.ts';

/** How long a stopping server waits for its peers, ms: an operator waits, too. */
const handOverMs = 2_000;

/** How often it checks whether they are done, ms. */
const handOverCheckMs = 20;

/** The policy, the registry, and those that want to know. */
export interface RequestHandlerOptions {
  registrar: Registrar;
  redirector: Redirector;
  /** the replication service: how far each peer is, and load reports to all of them */
  peers: { view(): readonly Pick<PeerView, 'state' | 'lag'>[]; announceLoad(): void };
  occupancy: Occupancy;
  counters: Counters;
  history: History;
  log: Logger;
  /** Something arrived over the network. */
  noteTraffic: () => void;
}

/** Decides every request of a name server. */
export class RequestHandler {
  readonly redirector: Redirector;
  readonly redirects = new RedirectHistory();
  private readonly options: RequestHandlerOptions;

  constructor(options: RequestHandlerOptions) {
    this.options = options;
    this.redirector = options.redirector;
  }

  /**
   * The verdict on a request; what it does to the registry is pending, to be committed before the reply is sent.
   * The only way into the registry for a node's request, whichever process has its connection.
   */
  decide(arrived: ArrivedRequest): Verdict {
    const { registrar, peers, counters, noteTraffic } = this.options;
    const { request, origin } = arrived;
    noteTraffic();
    const mono = performance.now();
    const verdict = this.redirector.decide(arrived, mono);
    if (this.redirector.takeLoadChange(mono)) peers.announceLoad();
    if (verdict.kind === 'redirect') this.noteRedirect(request, origin, verdict);
    else if (verdict.kind === 'busy') counters.busy++;
    if (request === null || (verdict.kind !== 'serve' && verdict.kind !== 'sample')) return verdict;
    if (request.verb === 'ping') {
      counters.pings++;
      return verdict;
    }
    const now = wallNow();
    const effect = registrar.carryOut(request, origin, now);
    if (typeof effect !== 'string') return effect;
    if (effect !== 'unchanged') this.noteEffect(effect, request.nodeId, origin, now);
    return verdict;
  }

  /** Redirects everybody from now on, to the peer at `address` or to the least loaded ones. Null: done. */
  drain(address: string | null): DrainRefusal | null {
    const refusal = this.redirector.drain(address, { mono: performance.now(), wall: wallNow() });
    if (refusal === null) this.options.peers.announceLoad();
    return refusal;
  }

  /** Ends a drain. False: there was none, or the server is stopping. */
  undrain(): boolean {
    const wasDraining = this.redirector.undrain(wallNow());
    if (wasDraining) this.options.peers.announceLoad();
    return wasDraining;
  }

  /**
   * The server stops: everybody is redirected until the peers have all changes and every request in flight has its
   * reply, for 2 s at most. Without a peer that takes nodes it is over at once.
   */
  async handOver(): Promise<void> {
    const { peers, occupancy, log } = this.options;
    const hasTakers = this.redirector.hasTakers(performance.now());
    this.redirector.stop(wallNow());
    peers.announceLoad();
    if (!hasTakers) return;
    log.info('nodes are redirected to the other name servers until this one stops');
    const until = performance.now() + handOverMs;
    const isDone = () =>
      occupancy.backlog === 0 &&
      peers.view().every(({ state, lag }) => state !== 'alive' || lag === null || lag === 0);
    while (!isDone() && performance.now() < until) await delay(handOverCheckMs);
  }

  private noteRedirect(
    request: Request | null,
    { ip, dialect }: Origin,
    { address: to, why }: { address: string; why: RedirectCause },
  ): void {
    const words = ip.slice();
    // The address that it would have been registered under.
    if (request !== null && 'port' in request) words[4] = request.port;
    const asker = formatAddress(words, 0);
    this.options.counters.redirected++;
    this.redirects.add({ at: wallNow(), asker, dialect, to, why });
    this.options.log.debug({ asker, dialect, to, why }, 'redirected');
  }

  private noteEffect(
    effect: 'registered' | 'returned' | 'left',
    nodeId: string,
    { dialect }: Origin,
    now: number,
  ): void {
    const { registrar, history, log } = this.options;
    const address = formatAddress(registrar.asker, 0);
    const clocks = { mono: performance.now(), wall: now };
    const text = dialect === 'native' ? nodeId : `${nodeId}, ${dialect}`;
    history.addOf(sourceOf(registrar.asker), clocks, effect, address, text);
    log.debug({ address, nodeId, dialect }, `host ${effect}`);
  }
}

/** Redirects kept for consoles: several screens. */
export const keptRedirects = 200;

interface RedirectRecord {
  /** counts up by one with each redirect */
  seq: number;
  /** ms since 1970 */
  at: number;
  /** the address the asker would have been registered under, or its connection's source */
  asker: string;
  dialect: Origin['dialect'];
  /** `ip:port` of the name server it was redirected to */
  to: string;
  why: RedirectCause;
}

/** How many redirects there were, and where to, the most frequent target first. */
interface RedirectTotals {
  total: number;
  targets: { address: string; count: number }[];
}

/** The latest redirects, and how many there were since the start, for consoles. */
export class RedirectHistory {
  private readonly recent = new RingBuffer<RedirectRecord>(keptRedirects);
  private readonly counts = new Map<string, number>();

  add(redirect: Omit<RedirectRecord, 'seq'>): void {
    this.recent.add(redirect);
    this.counts.set(redirect.to, (this.counts.get(redirect.to) ?? 0) + 1);
  }

  /** Those with a higher number, oldest first. */
  after(seq: number): RedirectRecord[] {
    return this.recent.after(seq);
  }

  status(): RedirectTotals {
    const targets = [...this.counts].map(([address, count]) => ({ address, count }));
    return { total: this.recent.total, targets: targets.toSorted((a, b) => b.count - a.count) };
  }

  view(): RedirectTotals & { recent: RedirectRecord[] } {
    return { ...this.status(), recent: this.after(0) };
  }
}
