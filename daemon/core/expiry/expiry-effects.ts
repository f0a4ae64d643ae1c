// What expiry asks of the one who runs it. A ping and an opinion are reported back with the very
// object that asked for them, so that a late report is never taken for that of a later attempt.
import type { HostDialect } from '../registry/registry.ts';

/** Ask the host whether it lives. */
export interface Ping {
  readonly kind: 'ping';
  readonly address: string;
  /** of the host that is asked: an answer with another id is another node's */
  readonly nodeId: string;
  readonly dialect: HostDialect;
  /** no answer after this long is none */
  readonly timeoutMs: number;
}

/** Ask another name server whether it finds the host alive. */
export interface OpinionRequest {
  readonly kind: 'opinion';
  /** id of the server */
  readonly server: string;
  readonly address: string;
  readonly timeoutMs: number;
}

/** The host was taken out of the registry. */
export interface Expired {
  readonly kind: 'expired';
  readonly address: string;
  readonly nodeId: string;
  readonly lastSeen: number;
}

export type ExpiryEffect = Ping | OpinionRequest | Expired;
