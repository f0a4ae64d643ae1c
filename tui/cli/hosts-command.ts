// `ddns-tui hosts`, `hosts remove` and `hosts ping`: one line, or one JSON object, for each host.

import { InvalidArgumentError } from 'commander';
import type { IpcClient } from '../../shared/ipc/client.ts';
import { exitCodes } from '../../shared/program.ts';
import { formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import { pingHosts, removeHosts } from '../daemon/many-hosts.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';
import {
  type HostPing,
  outcomeTone,
  pingText,
  type Removal,
  removalText,
} from '../text/host-outcomes.ts';
import type { CommandLine } from './command-line.ts';
import { addHostsFiles } from './hosts-file-commands.ts';
import type { Output } from './plain/output.ts';
import { openView } from './view-command.ts';

export function addHosts(line: CommandLine): void {
  const hosts = line
    .command('hosts', 'List, remove, ping, export or import hosts.')
    .action(() => line.choose(() => openView(line, 'hosts')));
  line
    .command('remove', 'Remove hosts from the registry (asks first).', hosts)
    .argument('<addr...>', 'ip:port of each host, IPv6 in brackets', addHost)
    .option('--yes', 'skip the confirmation')
    .action((addresses: string[], options: { yes?: boolean }) =>
      line.choose(() => remove(line, addresses, options)),
    );
  line
    .command('ping', 'Ping registered hosts now.', hosts)
    .argument('<addr...>', 'ip:port of each host, IPv6 in brackets', addHost)
    .action((addresses: string[]) =>
      line.choose(() =>
        line.withClient((client) => pingAndPrint(client, { addresses, ...printing(line) })),
      ),
    );
  addHostsFiles(line, hosts);
}

async function remove(
  line: CommandLine,
  addresses: string[],
  options: { yes?: boolean },
): Promise<number> {
  line.needChange('hosts remove', options);
  return line.withClient(async (client) => {
    if (!(await line.isAgreed(removalQuestion(addresses), options))) return exitCodes.failed;
    return removeAndPrint(client, { addresses, ...printing(line) });
  });
}

function printing(line: CommandLine) {
  return {
    json: line.options().json ?? false,
    output: line.output,
    complain: (message: string) => line.complain(message),
  };
}

/** Adds an address, as the registry has it, to those before it; each once. */
function addHost(text: string, before: readonly string[] = []): string[] {
  const words = parseAddress(text);
  if (words === null)
    throw new InvalidArgumentError(
      'It must be ip:port, such as 192.0.2.7:4000; ddns-tui hosts lists them.',
    );
  return [...new Set([...before, formatAddress(words, 0)])];
}

const maxText = 400;
/** Addresses in the question; who names more knows which. */
const maxNamed = 20;

export interface ManyOptions {
  addresses: readonly string[];
  json: boolean;
  output: Output;
  /** for what went wrong */
  complain(line: string): void;
}

export function removalQuestion(addresses: readonly string[]): string {
  const [only] = addresses;
  if (only !== undefined && addresses.length === 1)
    return `Remove ${safe(only)} from the registry?`;
  const rest = addresses.length - maxNamed;
  return [
    ...addresses.slice(0, maxNamed).map((address) => safe(address)),
    ...(rest > 0 ? [`and ${count(rest)} more`] : []),
    `Remove these ${count(addresses.length)} hosts from the registry?`,
  ].join('\n');
}

/** @returns the exit code: ok when every one of them is removed by this */
export async function removeAndPrint(client: IpcClient, options: ManyOptions): Promise<number> {
  return print(await removeHosts(client, options.addresses), options, removalText, {});
}

/** @returns the exit code: ok when every one of them answered */
export async function pingAndPrint(client: IpcClient, options: ManyOptions): Promise<number> {
  const pings = await pingHosts(client, options.addresses);
  return print(pings, options, pingText, { roundTripMs: null });
}

/** @param standard members of the JSON object that not every outcome has */
async function print<T extends Removal | HostPing>(
  results: readonly T[],
  { json, output, complain }: ManyOptions,
  text: (result: T) => string,
  standard: object,
): Promise<number> {
  for (const result of results) {
    const { address, outcome, ...rest } = result;
    // Names and order are for scripts: they stay as they are.
    const object = { address, outcome, ...standard, reason: null, ...rest };
    if (json) await output.write(`${JSON.stringify(object)}\n`);
    else if (result.outcome === 'unknown') complain(safe(result.reason, maxText));
    else if (result.outcome === 'failed') complain(text(result));
    else await output.write(`${text(result)}\n`);
  }
  return outcomeTone(results) === 'good' ? exitCodes.ok : exitCodes.failed;
}
