// Asks the daemon who is in the backlog while the view is on the screen, once a second at most.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { type Control, createPacing } from '../../daemon/pacing.ts';
import type { StoreOf } from '../../state/common-state.ts';
import { failureText } from '../../text/failure.ts';
import { type BacklogState, takeBacklog, type WithBacklog } from './backlog-state.ts';

/** Less than the console's tick, so that each of them brings a new list. */
const refreshMs = 900;

interface BacklogControl extends Control {
  /** Asks as soon as it can: something was done. */
  refresh(): void;
}

export function createBacklogControl(
  store: StoreOf<WithBacklog>,
  client: () => IpcClient | null,
): BacklogControl {
  let askedAt = Number.NEGATIVE_INFINITY;

  const pump = () => {
    const { view, backlog, paused } = store.get();
    const attached = client();
    if (view !== 'backlog' || attached === null) return;
    const isKnown = backlog.list !== null || backlog.failure !== null;
    const isOld = paused === null && performance.now() - askedAt >= refreshMs;
    if (!isKnown || isOld) pacing.ask(0, () => ask(attached));
  };
  const pacing = createPacing(pump);
  const ask = async (attached: IpcClient) => {
    askedAt = performance.now();
    let change: ((state: BacklogState) => BacklogState) | null = null;
    try {
      const list = await attached.backlog();
      change = (state) => takeBacklog(state, list);
    } catch (error) {
      const failure = failureText(error, 'list its backlog');
      change = (state) => ({ ...state, list: null, failure });
    }
    // A connection that was lost meanwhile shows in its own banner; its answer says nothing of the next.
    if (pacing.isClosed || client() !== attached) return;
    store.dispatch({ type: 'backlog', change });
  };

  return {
    pump,
    refresh: () => {
      askedAt = Number.NEGATIVE_INFINITY;
      pump();
    },
    close: pacing.close,
  };
}
