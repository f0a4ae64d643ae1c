// The outcome of a ping, over either transport.

/** Time to connect and answer, in ms: a slower host would be of no use to a new node either. */
export const pingTimeoutMs = 5_000;

export interface PingOptions {
  /** only a pong with this id counts */
  nodeId?: string;
  /** the local address */
  from?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The result of a ping. */
export interface PingOutcome {
  answered: boolean;
  /** in ms, to a tenth; null without an answer */
  roundTripMs: number | null;
  /** why there was no answer, for operators; null with one */
  reason: string | null;
  /** the system's error code, if the connection failed */
  errorCode: string | null;
  /** the connection was accepted */
  isAccepted: boolean;
  /** the node id in the pong, the expected one or another */
  answeredBy: string | null;
}

/** No answer, for that reason. */
export function failure(reason: string): PingOutcome {
  return {
    answered: false,
    roundTripMs: null,
    reason,
    errorCode: null,
    isAccepted: false,
    answeredBy: null,
  };
}

/** The reason when another node answered. */
export function otherNode(nodeId: string): string {
  return `another node has this address: its id is ${nodeId}`;
}
