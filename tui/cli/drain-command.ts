// `ddns-tui drain`.
import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { formatAddress, packAddress, parseAddress } from '../../shared/protocol/address.ts';
import type { CommandLine } from './command-line.ts';
import { type DrainOptions, drain, drainQuestion } from './plain/drain.ts';

/** Where a name server listens unless its Port says otherwise. */
const usualPort = 4524;

export function addDrain(line: CommandLine): void {
  line
    .command('drain', 'Redirect every node to other name servers (asks first).')
    .option('--to <addr>', 'redirect to this peer (default: the least loaded)', nameServer)
    .addOption(new Option('--stop', 'end the drain').conflicts('to'))
    .option('--yes', 'skip the confirmation')
    .action((options: DrainOptions & { yes?: boolean }) => {
      line.choose(async () => {
        line.needChange('drain', options);
        const { json } = line.options();
        return line.change(drainQuestion(options), options, (client) =>
          drain(client, { ...options, json }),
        );
      });
    });
}

/** An address as NameServers has it: the port is 4524 unless given. */
export function nameServer(text: string): string {
  const words = parseAddress(text) ?? (isIP(text) === 0 ? null : packAddress(text, usualPort));
  if (words === null)
    throw new InvalidArgumentError('It must be an IP address, optionally with a port.');
  return formatAddress(words, 0);
}
