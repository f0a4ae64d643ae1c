// `ddns-tui peers sync`: compares with one name server or with all now, and prints what that brought.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { isEqual, syncText } from '../../text/peers.ts';

export interface PeerSyncOptions {
  /** the only one to compare with */
  address: string | undefined;
  json: boolean;
}

/** Does it. @returns what to print, and whether all have the same hosts now */
export async function syncPeers(
  client: IpcClient,
  options: PeerSyncOptions,
): Promise<{ text: string; isDone: boolean }> {
  const { peers } = await client.syncPeers(options.address);
  const text = options.json
    ? JSON.stringify(
        peers.map(({ address, outcome, received, sent }) => ({ address, outcome, received, sent })),
      )
    : peers.map(syncText).join('\n');
  return { text: `${text}\n`, isDone: peers.every(isEqual) };
}
