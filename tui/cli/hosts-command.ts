// `ddns-tui hosts`, `hosts remove` and `hosts ping`: one line, or one JSON object, for each host.

import { InvalidArgumentError } from 'commander';
import { exitCodes } from '../../shared/program.ts';
import { formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import { pingHosts, removeHosts } from '../daemon/many-hosts.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';
import { type HostPing, outcomeText, outcomeTone, type Removal } from '../text/host-outcomes.ts';
import type { CommandLine, YesOption } from './command-line.ts';
import { addHostsFiles } from './hosts-file-commands.ts';
import { jsonText, type Printing } from './plain/output.ts';
import { openView } from './view-command.ts';

export function addHosts(line: CommandLine): void {
  const hosts = line
    .command('hosts', 'List, remove, ping, export or import hosts.')
    .action(line.does(() => openView(line, 'hosts')));
  line
    .changing('remove', 'Remove hosts from the registry (asks first).', hosts)
    .argument('<addr...>', 'ip:port of each host, IPv6 in brackets', addHost)
    .action(
      line.does((addresses: string[], options: YesOption) => remove(line, addresses, options)),
    );
  line
    .command('ping', 'Ping registered hosts now.', hosts)
    .argument('<addr...>', 'ip:port of each host, IPv6 in brackets', addHost)
    .action(line.does((addresses: string[]) => ping(line, addresses)));
  addHostsFiles(line, hosts);
}

/** @returns the exit code: ok when every one of them is removed by this */
async function remove(line: CommandLine, addresses: string[], options: YesOption): Promise<number> {
  return line.withClient(async (client) => {
    if (!(await line.isAgreed(removalQuestion(addresses), options))) return exitCodes.failed;
    return print(await removeHosts(client, addresses), line.printing, 'removal', {});
  });
}

/** @returns the exit code: ok when every one of them answered */
function ping(line: CommandLine, addresses: string[]): Promise<number> {
  return line.withClient(async (client) =>
    print(await pingHosts(client, addresses), line.printing, 'ping', { roundTripMs: null }),
  );
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

function removalQuestion(addresses: readonly string[]): string {
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

/** @param standard members of the JSON object that not every outcome has */
async function print<T extends Removal | HostPing>(
  results: readonly T[],
  { json, output, complain }: Printing,
  what: 'removal' | 'ping',
  standard: object,
): Promise<number> {
  for (const result of results) {
    const { address, outcome, ...rest } = result;
    // Names and order are for scripts: they stay as they are.
    const object = { address, outcome, ...standard, reason: null, ...rest };
    if (json) await output.write(jsonText(object));
    else if (result.outcome === 'unknown') complain(safe(result.reason, maxText));
    else if (result.outcome === 'failed') complain(outcomeText(what, result));
    else await output.write(`${outcomeText(what, result)}\n`);
  }
  return outcomeTone(results) === 'good' ? exitCodes.ok : exitCodes.failed;
}
