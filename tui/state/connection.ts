// Where the connection to the daemon stands, as the console shows it. Times here are the console's
// monotonic clock in milliseconds: they only ever measure waiting.
export type Connection =
  | { phase: 'connecting' }
  | { phase: 'live'; since: number }
  | {
      phase: 'lost';
      /** when the last live connection ended */
      since: number;
      /** attempts that failed since then */
      attempts: number;
      /** when the next one starts; null while one is under way */
      nextAt: number | null;
      /** why the last attempt failed, or why the connection ended */
      reason: string;
    };

export type ConnectionAction =
  | { type: 'attached'; now: number }
  | { type: 'lost'; now: number; reason: string; nextAt: number }
  | { type: 'retrying' }
  | { type: 'retry-failed'; reason: string; nextAt: number };

export const firstConnection: Connection = { phase: 'connecting' };

export function reduceConnection(state: Connection, action: ConnectionAction): Connection {
  switch (action.type) {
    case 'attached':
      return { phase: 'live', since: action.now };
    case 'lost':
      return {
        phase: 'lost',
        since: action.now,
        attempts: 0,
        nextAt: action.nextAt,
        reason: action.reason,
      };
    case 'retrying':
      return state.phase === 'lost' ? { ...state, nextAt: null } : state;
    case 'retry-failed':
      return state.phase === 'lost'
        ? { ...state, attempts: state.attempts + 1, reason: action.reason, nextAt: action.nextAt }
        : state;
  }
}
