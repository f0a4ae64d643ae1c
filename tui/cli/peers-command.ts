// `ddns-tui peers`; `peers sync`, which compares the registry with one peer or with all of them now; and `peers add` and
// `peers remove`, which change NameServers in ddns.conf as `config set` changes any setting.
import { InvalidArgumentError } from 'commander';
import { findSettings, parseConf } from '../../shared/config/conf-file.ts';
import type { IpcClient } from '../../shared/ipc/client.ts';
import { exitCodes } from '../../shared/program.ts';
import { namedServer } from '../../shared/protocol/server-name.ts';
import { safe } from '../text/columns.ts';
import { isEqual, syncText } from '../text/peers.ts';
import type { CommandLine, YesOption } from './command-line.ts';
import { saveSettings } from './config-command.ts';
import { nameServer } from './drain-command.ts';
import { jsonText } from './plain/output.ts';
import { openView } from './view-command.ts';

export function addPeers(line: CommandLine): void {
  const peers = line
    .command('peers', 'List peers, sync with them, or change which there are.')
    .action(line.does(() => openView(line, 'peers')));
  line
    .command('sync', 'Sync with one peer, or with all of them, now.', peers)
    .argument('[addr]', 'address of the peer as ddns-tui peers lists it', nameServer)
    .action(line.does((address: string | undefined) => sync(line, address)));
  for (const [name, what, change] of [
    ['add', 'Add peers to NameServers in ddns.conf, now', added],
    ['remove', 'Remove peers from NameServers in ddns.conf, now', removed],
  ] as const)
    line
      .changing(name, `${what} (shows the difference and asks first).`, peers)
      .argument(
        '<addr...>',
        'IP address or host name of the peer, with its port unless that is 4524',
        words,
      )
      .action(
        line.does((servers: string[], options: YesOption) =>
          line.withClient(async (client) => {
            const value = change(await namedNow(client), servers);
            if ('problem' in value) {
              line.complain(value.problem);
              return exitCodes.failed;
            }
            return saveSettings(line, client, [{ name: setting, value: value.list }], options);
          }),
        ),
      );
}

const setting = 'NameServers';

/** Most characters of a list shown: 64 names of 253. */
const maxText = 20_000;

/** Checks each word as ddnsd would, and keeps it as it was written. */
function words(text: string, before: string[] = []): string[] {
  const named = namedServer(text);
  if ('mistake' in named) throw new InvalidArgumentError(`${safe(named.mistake, 400)}.`);
  return [...before, text];
}

/** The words of NameServers in ddns.conf, as they are written there. @throws Error when it cannot be read */
async function namedNow(client: Pick<IpcClient, 'config'>): Promise<string[]> {
  const { file, text } = await client.config();
  if (text === null) throw new Error(`${safe(file, 4_096)} cannot be read; see ddns-tui config`);
  const value = findSettings(parseConf(text), setting).at(-1)?.setting.value ?? 'none';
  return value.toLowerCase() === 'none' ? [] : value.split(/[\s,]+/).filter((word) => word !== '');
}

type Change = { list: string | null } | { problem: string };

export function added(now: readonly string[], servers: readonly string[]): Change {
  const known = servers.find((server) => now.some((each) => isSame(each, server)));
  return known === undefined
    ? { list: [...now, ...servers].join(', ') }
    : { problem: `not added: ${safe(known, maxText)} is in NameServers already` };
}

export function removed(now: readonly string[], servers: readonly string[]): Change {
  const unknown = servers.find((server) => !now.some((each) => isSame(each, server)));
  if (unknown !== undefined) {
    const list = now.length === 0 ? 'empty' : now.map((each) => safe(each, maxText)).join(', ');
    return {
      problem: `not removed: ${safe(unknown, maxText)} is not in NameServers, which is ${list}; name it as it is written there`,
    };
  }
  const left = now.filter((each) => !servers.some((server) => isSame(each, server)));
  return { list: left.length === 0 ? null : left.join(', ') };
}

/** Whether both words name one server: with the port or without, in any spelling. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [namedServer(a), namedServer(b)];
  return 'server' in first && 'server' in second ? first.server === second.server : a === b;
}

/** It loses nothing, so nobody is asked. */
async function sync(line: CommandLine, address: string | undefined): Promise<number> {
  line.needChange('peers sync', { yes: true });
  return line.withClient(async (client) => {
    const { text, isDone } = await syncPeers(client, { address, json: line.printing.json });
    await line.output.write(text);
    return isDone ? exitCodes.ok : exitCodes.failed;
  });
}

interface PeerSyncOptions {
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
  const text = options.json ? jsonText(peers) : `${peers.map(syncText).join('\n')}\n`;
  return { text, isDone: peers.every(isEqual) };
}
