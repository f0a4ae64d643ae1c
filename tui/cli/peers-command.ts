// `ddns-tui peers` and `peers sync`.
import { exitCodes } from '../../shared/program.ts';
import type { CommandLine } from './command-line.ts';
import { nameServer } from './drain-command.ts';
import { syncPeers } from './plain/peer-sync.ts';
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
