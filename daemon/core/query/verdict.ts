// What a request is on its way: as it arrived at its connection, and the verdict on it. The process with the
// registry makes the verdict; the process with the connection makes the reply from it (reply-maker.ts). With
// workers both cross a pipe (workers/batches.ts).
import type { Reply, Request } from '../../../shared/protocol/message.ts';
import type { HostDialect } from '../registry/registry.ts';

/** Where a request came from: the four IP words of the connection's source address, and its dialect. */
export interface Origin {
  readonly ip: Uint32Array;
  readonly dialect: HostDialect;
}

/** A request as it arrived. */
export interface ArrivedRequest {
  /** null: incomplete when the connection was turned away */
  readonly request: Request | null;
  readonly origin: Origin;
  /** the backlog has no room for it: it registers nobody */
  readonly isTurnedAway: boolean;
}

/**
 * Why a node is sent to another name server: this one is loaded, its backlog is full, an operator drains it (to
 * the least loaded peers, or to a chosen one), or it is stopping.
 */
export const redirectCauses = ['load', 'full', 'drain', 'chosen', 'stopping'] as const;
export type RedirectCause = (typeof redirectCauses)[number];

/** What becomes of a request (PROTOCOL.md, "Requests and replies"). */
export type Verdict =
  /** done; the reply is the usual one */
  | { readonly kind: 'serve' }
  /** done; the reply has a few random hosts instead of a list */
  | { readonly kind: 'sample' }
  | { readonly kind: 'redirect'; readonly address: string; readonly why: RedirectCause }
  | (Reply & { kind: 'busy' | 'error' });

/** The verdict `serve`: one object, because almost every request has it. */
export const served: Verdict = { kind: 'serve' };
/** The verdict `sample`. */
export const sampled: Verdict = { kind: 'sample' };
