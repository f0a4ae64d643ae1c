// The effects of expiry, which the shell (daemon/expiry) carries out. The result of a ping or an opinion is
// reported with the same object that asked for it, so a late result is never taken for that of a later attempt.
import type { HostDialect } from '../registry/registry.ts';

/** Ping the host, and report to `pingEnded`. */
export interface Ping {
  readonly kind: 'ping';
  readonly address: string;
  /** the id that the host must answer with; a pong with another id is another node's */
  readonly nodeId: string;
  readonly dialect: HostDialect;
  /** no answer within this time is a failed attempt */
  readonly timeoutMs: number;
}

/** Ask another name server whether it finds the host alive, and report to `opinionGiven`. */
export interface OpinionRequest {
  readonly kind: 'opinion';
  /** id of the name server to ask */
  readonly server: string;
  readonly address: string;
  readonly timeoutMs: number;
}

/** The host was deleted from the registry. */
export interface Expired {
  readonly kind: 'expired';
  readonly address: string;
  readonly nodeId: string;
  /** ms since 1970 */
  readonly lastSeen: number;
}

/** What a tick of expiry asks for. */
export type ExpiryEffect = Ping | OpinionRequest | Expired;
