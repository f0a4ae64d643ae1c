// What an operator does to a host, and the line that says how it went.
import type { IpcClient } from '../shared/ipc/client.ts';
import type { Notice } from './state/console-state.ts';
import { milliseconds } from './text/format.ts';

/** Asks the daemon to ping a host now. Failures come back as notices, never as throws. */
export async function pingHost(client: IpcClient | null, address: string): Promise<Notice> {
  if (client === null) return notConnected;
  try {
    const { answered, roundTripMs, reason } = await client.ping(address);
    if (answered)
      return {
        tone: 'good',
        text: `${address} answered${roundTripMs === null ? '' : ` in ${milliseconds(roundTripMs)}`}`,
      };
    return {
      tone: 'warn',
      text: `${address} did not answer${reason === null ? '' : `: ${reason}`}`,
    };
  } catch (error) {
    return failed(`ping of ${address}`, error);
  }
}

/** Removes a host from the registry. Failures come back as notices, never as throws. */
export async function removeHost(client: IpcClient | null, address: string): Promise<Notice> {
  if (client === null) return notConnected;
  try {
    await client.remove(address);
    return {
      tone: 'good',
      text: `${address} is removed; it comes back if the node registers again`,
    };
  } catch (error) {
    return failed(`removal of ${address}`, error);
  }
}

const notConnected: Notice = {
  tone: 'warn',
  text: 'not connected to the name server; try again when it is back',
};

function failed(what: string, error: unknown): Notice {
  const reason = error instanceof Error ? error.message : String(error);
  return { tone: 'bad', text: `${what} failed: ${reason}` };
}
