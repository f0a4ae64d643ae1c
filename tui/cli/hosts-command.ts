// `ddns-tui hosts`, `hosts remove` and `hosts ping`.
import { InvalidArgumentError } from 'commander';
import { exitCodes } from '../../shared/program.ts';
import { formatAddress, parseAddress } from '../../shared/protocol/address.ts';
import type { CommandLine } from './command-line.ts';
import { pingAndPrint, removalQuestion, removeAndPrint } from './plain/many-hosts.ts';
import { openView } from './view-command.ts';

export function addHosts(line: CommandLine): void {
  const hosts = line
    .command('hosts', 'List, remove or ping hosts.')
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
