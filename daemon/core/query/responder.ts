// The policy of the wire where registry and connections are in one process: what each request does
// (registrar.ts) and what it is answered with (list-maker.ts). Whoever calls this persists what the
// registry has pending before it sends the replies.
import type { Refusal, Reply, Request } from '../../../shared/protocol/message.ts';
import type { Takeovers } from '../expiry/takeovers.ts';
import type { Registry } from '../registry/registry.ts';
import type { Counters } from '../stats/counters.ts';
import { ListMaker } from './list-maker.ts';
import { type Arrival, type Origin, Registrar } from './registrar.ts';
import { replyTo, served, type Verdict } from './verdict.ts';

export interface ResponderOptions {
  registry: Registry;
  counters: Counters;
  /** this server's id, the answer to a ping */
  serverId: string;
  /** names this registry's numbering of changes: a cursor of another one is unknown here */
  epoch: string;
  /** numbers in [0, 1) */
  random: () => number;
  /** everybody is told of private, link-local and loopback addresses (LocalHosts) */
  tellsAll?: boolean;
  /** others know hosts that this server has not heard of yet: no list here is full */
  isCatchingUp?: () => boolean;
  /** finds out who has an address that another node claims; without it the latest word counts */
  takeovers?: Pick<Takeovers, 'claim'>;
}

export interface Answer {
  reply: Reply;
  host: Arrival | null;
}

export class Responder {
  private readonly options: ResponderOptions;
  /** carries requests out whose replies are made elsewhere */
  readonly registrar: Registrar;
  private readonly lists: ListMaker;

  constructor(options: ResponderOptions) {
    const { registry, counters, epoch, random, tellsAll } = options;
    this.options = options;
    this.registrar = new Registrar(registry, counters, options.takeovers);
    this.lists = new ListMaker({ roster: registry, epoch, random, tellsAll });
  }

  /** Cursors made before are unknown from now on. */
  renumber(epoch: string): void {
    this.lists.renumber(epoch);
  }

  /** Answers one request that arrived at `now` (ms since 1970). */
  answer(request: Request, origin: Origin, now: number): Answer {
    const { counters, serverId } = this.options;
    if (request.verb === 'ping') {
      counters.pings++;
      return { reply: { kind: 'pong', id: serverId }, host: null };
    }
    const { refusal, host } = this.registrar.carryOut(request, origin, now);
    const verdict: Verdict = refusal === null ? served : { kind: 'error', ...refusal };
    const isCatchingUp = this.options.isCatchingUp?.() ?? false;
    const { asker } = this.registrar;
    return { reply: replyTo(request, verdict, asker, this.lists, isCatchingUp), host };
  }
}

/**
 * What is said instead of `reply` when nothing could be stored: a list is still good, but the asker
 * learns that it is not on it; a bare `ok` would be a lie.
 */
export function unstored(reply: Reply, failure: Refusal): Reply {
  if (reply.kind === 'hosts') {
    reply.failure = failure;
    return reply;
  }
  return reply.kind === 'ok' ? { kind: 'error', ...failure } : reply;
}
