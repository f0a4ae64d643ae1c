// Answers requests: asks the policy of redirects, has the request carried out, and makes known who
// came and went. For a connection of this process a reply is made; for one of a worker process a
// verdict, from which it makes the reply.
import { formatAddress } from '../../shared/protocol/address.ts';
import { sourceOf } from '../../shared/protocol/address-kind.ts';
import type { Reply, Request } from '../../shared/protocol/message.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { Arrival, Origin } from '../core/query/registrar.ts';
import type { Responder } from '../core/query/responder.ts';
import { type Arrived, sampled, type Verdict } from '../core/query/verdict.ts';
import type { Counters } from '../core/stats/counters.ts';
import type { History } from '../core/stats/history.ts';
import type { Logger } from '../log.ts';
import type { Redirecting } from './redirecting.ts';

export interface AnsweringOptions {
  responder: Responder;
  redirecting: Redirecting;
  counters: Counters;
  history: History;
  log: Logger;
  /** Something arrived over the network. */
  heard: () => void;
}

export class Answering {
  private readonly options: AnsweringOptions;

  constructor(options: AnsweringOptions) {
    this.options = options;
  }

  /** A request of a connection of this process, for which the backlog has room. */
  answer(request: Request, origin: Origin): Reply {
    const { responder, redirecting, heard } = this.options;
    heard();
    const verdict = redirecting.route(request, origin);
    if (verdict.kind !== 'serve' && verdict.kind !== 'sample') return verdict;
    const served = verdict.kind === 'sample' ? sampled(request) : request;
    const now = wallNow();
    const { reply, host } = responder.answer(served, origin, now);
    this.tell(host, origin, now);
    return reply;
  }

  /** A request of a connection of a worker. */
  decide({ request, origin, isTurnedAway }: Arrived): Verdict {
    if (isTurnedAway || request === null) return this.turnAway(request, origin);
    const { responder, redirecting, heard } = this.options;
    heard();
    const verdict = redirecting.route(request, origin);
    if ((verdict.kind !== 'serve' && verdict.kind !== 'sample') || request.verb === 'ping')
      return verdict;
    const now = wallNow();
    const { refusal, host } = responder.registrar.carryOut(request, origin, now);
    this.tell(host, origin, now);
    return refusal === null ? verdict : { kind: 'error', ...refusal };
  }

  /** A request for which the backlog has no room; null: one that is not whole yet. */
  turnAway(request: Request | null, origin: Origin): Verdict & Reply {
    this.options.heard();
    const reply = this.options.redirecting.turnAway(request, origin);
    if (reply.kind === 'busy') this.options.counters.busy++;
    return reply;
  }

  private tell(host: Arrival | null, { dialect }: Origin, now: number): void {
    if (host === null) return;
    const { effect, nodeId } = host;
    const address = formatAddress(host.address, 0);
    const clocks = { mono: performance.now(), wall: now };
    const text = `${dialect}, node ${nodeId}`;
    this.options.history.addOf(sourceOf(host.address), clocks, effect, address, text);
    this.options.log.debug({ address, nodeId, dialect }, `host ${effect}`);
  }
}
