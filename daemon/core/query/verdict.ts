// What becomes of a request, decided where the registry is, and the reply that follows from it, made
// where its connection is.
import type { Reply, Request } from '../../../shared/protocol/message.ts';
import type { ListMaker } from './list-maker.ts';
import type { Origin } from './registrar.ts';

/** Hosts for a node that no server had room for: enough to find the network, 1 KB to send. */
const sampleHosts = 50;

/** A request as it arrived, or the lack of a whole one, from one that the backlog has no room for. */
export interface Arrived {
  request: Request | null;
  origin: Origin;
  isTurnedAway: boolean;
}

export type Verdict =
  /** what it asked for was done, and is answered as usual */
  | { kind: 'serve' }
  /** it was done, and is answered with a few hosts at random instead of a list */
  | { kind: 'sample' }
  | (Reply & { kind: 'redirect' | 'busy' | 'error' });

export const served: Verdict = { kind: 'serve' };

/** The reply to a request whose asker is packed in `words`. */
export function replyTo(
  request: Request,
  verdict: Verdict,
  words: Uint32Array,
  lists: ListMaker,
  isCatchingUp: boolean,
): Reply {
  if (verdict.kind !== 'serve' && verdict.kind !== 'sample') return verdict;
  if (request.verb !== 'query') return { kind: 'ok' };
  return lists.list(verdict.kind === 'sample' ? sampled(request) : request, words, isCatchingUp);
}

/** The request as it is served when there is little room. */
export function sampled<R extends Request>(request: R): R {
  if (request.verb !== 'query') return request;
  return { ...request, limit: Math.min(request.limit ?? sampleHosts, sampleHosts) };
}
