// Brings the pages that the Hosts view wants, the newest question next; an outdated one is given up. Renewing
// what is on the screen waits longer the longer it takes.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { type Control, createPacing, retryMs } from '../../daemon/pacing.ts';
import type { StoreOf } from '../../state/common-state.ts';
import { failureText, isUnknownPart, olderText } from '../../text/failure.ts';
import {
  applyPage,
  setAsked,
  setFailed,
  setRead,
  type Want,
  type WithHosts,
  wantedPage,
} from './hosts-state.ts';

/** A table that changes more often than this cannot be read. */
const refreshMs = 1_000;
/** Share of the daemon's time that renewing may take: a tenth. */
const refreshRest = 10;
/**
 * A filter is sent once typing pauses for a share of the time that the last answer took: an answer that is outdated is
 * given up, but what was done for it is done. At most this long, a little more than a key that is held down takes to
 * repeat: between two keys of a quick hand there is more, and waiting longer would only delay the answer.
 */
const debounceShare = 4;
const maxDebounceMs = 35;

export function createHostsControl(
  store: StoreOf<WithHosts>,
  client: () => IpcClient | null,
): Control {
  let giveUp = new AbortController();
  let generation = 0;
  let changedAt = 0;
  let tookMs = 0;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let retryAt = Number.NEGATIVE_INFINITY;

  const pump = () => {
    const { view, hosts, paused } = store.get();
    const attached = client();
    if (view !== 'hosts' || attached === null) return;
    if (pacing.isAsking) {
      // The operator wants something else meanwhile: what is under way would only be in its way.
      if (hosts.generation !== generation) giveUp.abort();
      return;
    }
    const want = wantedPage(hosts);
    // What is on the screen stands still; what the operator goes to is read all the same.
    if (want === null || (want.kind === 'refresh' && paused !== null)) return;
    if (want.generation !== generation) {
      generation = want.generation;
      changedAt = performance.now();
      retryAt = changedAt;
    }
    pacing.ask(Math.max(dueAt(want), retryAt), () => ask(attached, want));
  };
  const pacing = createPacing(pump);
  const dueAt = (want: Want): number => {
    if (want.kind === 'query') return changedAt + Math.min(maxDebounceMs, tookMs / debounceShare);
    if (want.kind === 'refresh') return refreshedAt + Math.max(refreshMs, tookMs * refreshRest);
    return 0;
  };
  const ask = async (attached: IpcClient, want: Want) => {
    giveUp = new AbortController();
    const { signal } = giveUp;
    const startedAt = performance.now();
    store.dispatch({ type: 'hosts', change: (hosts) => setAsked(hosts, want) });
    try {
      const page = await attached.page(want.query, signal);
      tookMs = performance.now() - startedAt;
      store.dispatch({
        type: 'hosts',
        change: (hosts) => setRead(applyPage(hosts, want, page), want, startedAt),
      });
    } catch (error) {
      store.dispatch({ type: 'hosts', change: (hosts) => setFailed(hosts, want) });
      // A lost connection shows in its own banner; anything else the operator should know.
      if (client() === attached && !pacing.isClosed && !signal.aborted) {
        retryAt = performance.now() + retryMs;
        // Not every daemon knows every order.
        const isTooOld = isUnknownPart(error) && want.query.sort?.by === 'state';
        const text = isTooOld ? olderText('sort by state') : failureText(error, 'list hosts');
        store.dispatch({ type: 'notice', notice: { tone: 'bad', text } });
      }
    } finally {
      refreshedAt = performance.now();
    }
  };

  return { pump, close: pacing.close };
}
