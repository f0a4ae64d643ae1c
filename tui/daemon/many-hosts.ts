// Pinging and removing many hosts, for the console and for the command line: a few at a time, in the order given,
// with an outcome for each. A host that fails does not stop the others.
import { ResponseError } from 'vscode-jsonrpc/node';
import type { IpcClient } from '../../shared/ipc/client.ts';
import { ipcErrors } from '../../shared/ipc/contract.ts';
import type { HostPing, Removal, Trouble } from '../text/host-outcomes.ts';

/** Hosts in progress at a time. A silent host takes the daemon five seconds, which should not hold up the others;
 * more would be a burst of connections from one machine. */
const atOnce = 16;

/** @param progress called after each host, with how many are done */
export function removeHosts(
  client: IpcClient,
  addresses: readonly string[],
  progress: (done: number) => void = () => {},
): Promise<Removal[]> {
  return eachOf(addresses, progress, async (address): Promise<Removal> => {
    await client.remove(address);
    return { address, outcome: 'removed' };
  });
}

/** @param progress called after each host, with how many are done */
export function pingHosts(
  client: IpcClient,
  addresses: readonly string[],
  progress: (done: number) => void = () => {},
): Promise<HostPing[]> {
  return eachOf(addresses, progress, async (address): Promise<HostPing> => {
    const { answered, roundTripMs, reason } = await client.ping(address);
    return answered
      ? { address, outcome: 'answered', roundTripMs }
      : { address, outcome: 'silent', reason };
  });
}

async function eachOf<T>(
  addresses: readonly string[],
  progress: (done: number) => void,
  act: (address: string) => Promise<T>,
): Promise<(T | ({ address: string } & Trouble))[]> {
  const results: (T | ({ address: string } & Trouble))[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < addresses.length) {
      const index = next++;
      const address = addresses[index] as string;
      results[index] = await act(address).catch((error: unknown) => ({
        address,
        ...troubleOf(error),
      }));
      progress(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, addresses.length) }, work));
  return results;
}

function troubleOf(error: unknown): Trouble {
  const reason = error instanceof Error ? error.message : String(error);
  const isUnknown = error instanceof ResponseError && error.code === ipcErrors.unknownHost;
  return { outcome: isUnknown ? 'unknown' : 'failed', reason };
}
