// Does to the chosen hosts what a key asks for, and says in notices how far it is and what came of it.
// One such operation over several hosts at a time; its notice comes again whatever is done meanwhile.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { notConnected } from '../../daemon/actions.ts';
import { pingHosts, removeHosts } from '../../daemon/many-hosts.ts';
import type { Notice, StoreOf } from '../../state/common-state.ts';
import { safe } from '../../text/columns.ts';
import { count } from '../../text/format.ts';
import {
  type HostPing,
  outcomesText,
  outcomeTone,
  type Removal,
} from '../../text/host-outcomes.ts';
import { unmark } from './hosts-marks.ts';
import { setStale, type WithHosts } from './hosts-state.ts';

/** Progress is reported this often in all: each report draws the screen. */
const tellings = 50;

interface HostsOperations {
  ping(addresses: readonly string[]): void;
  remove(addresses: readonly string[]): void;
}

type Act<T> = (
  client: IpcClient,
  addresses: readonly string[],
  report: (done: number) => void,
) => Promise<T[]>;

export function createHostsOperations(
  store: StoreOf<WithHosts>,
  client: () => IpcClient | null,
): HostsOperations {
  /** What is being done to several hosts. */
  let busy: string | null = null;

  const notify = (notice: Notice) => store.dispatch({ type: 'notice', notice });
  /** @returns null: it was not begun, and that was said */
  const run = async <T extends HostPing | Removal>(
    kind: 'removal' | 'ping',
    addresses: readonly string[],
    act: Act<T>,
  ): Promise<readonly T[] | null> => {
    const attached = client();
    if (attached === null) {
      notify(notConnected);
      return null;
    }
    const areSeveral = addresses.length > 1;
    if (areSeveral && busy !== null) {
      notify({ tone: 'warn', text: `still ${busy}; retry when done` });
      return null;
    }
    const what = `${kind === 'ping' ? 'pinging' : 'removing'} ${areSeveral ? `${count(addresses.length)} hosts` : safe(addresses[0] ?? '')}`;
    if (areSeveral) busy = what;
    notify({ tone: 'good', text: `${what} …`, isProgress: true });
    const step = Math.ceil(addresses.length / tellings);
    const results = await act(attached, addresses, (done) => {
      if (done < addresses.length && done % step === 0)
        notify({ tone: 'good', text: `${what}, ${count(done)} done …`, isProgress: true });
    });
    if (areSeveral) busy = null;
    notify({ tone: outcomeTone(results), text: outcomesText(kind, results) });
    return results;
  };

  return {
    ping: (addresses) => void run('ping', addresses, pingHosts),
    remove: (addresses) => {
      void run('removal', addresses, removeHosts).then((removals) => {
        if (removals === null) return;
        const gone = removals.filter(({ outcome }) => outcome !== 'failed');
        store.dispatch({
          type: 'hosts',
          change: (hosts) =>
            setStale(
              unmark(
                hosts,
                gone.map(({ address }) => address),
              ),
            ),
        });
      });
    },
  };
}
