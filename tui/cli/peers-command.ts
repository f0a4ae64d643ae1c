// `ddns-tui peers`, and `peers sync`, which compares the registry with one peer or with all of them now.
import type { IpcClient } from '../../shared/ipc/client.ts';
import { exitCodes } from '../../shared/program.ts';
import { isEqual, syncText } from '../text/peers.ts';
import type { CommandLine } from './command-line.ts';
import { nameServer } from './drain-command.ts';
import { openView } from './view-command.ts';

export function addPeers(line: CommandLine): void {
  const peers = line
    .command('peers', 'List peers, or sync with them.')
    .action(() => line.choose(() => openView(line, 'peers')));
  line
    .command('sync', 'Sync with one peer, or with all of them, now.', peers)
    .argument('[addr]', 'address of the peer as ddns-tui peers lists it', nameServer)
    .action((address: string | undefined) => line.choose(() => sync(line, address)));
}

/** It loses nothing, so nobody is asked. */
async function sync(line: CommandLine, address: string | undefined): Promise<number> {
  const { json = false, readOnly = false } = line.options();
  if (readOnly) line.usageError('peers sync makes changes; remove --read-only');
  return line.withClient(async (client) => {
    const { text, isDone } = await syncPeers(client, { address, json });
    await line.output.write(text);
    return isDone ? exitCodes.ok : exitCodes.failed;
  });
}

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
