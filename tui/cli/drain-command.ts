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
    .command('drain', 'Send every node to other name servers from now on; asks first.')
    .option('--to <addr>', 'to this one; without it to the less loaded ones', nameServer)
    .addOption(new Option('--stop', 'end the drain: take nodes here again').conflicts('to'))
    .option('--yes', 'do not ask')
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
    throw new InvalidArgumentError('It must be an IP address, with a port or without.');
  return formatAddress(words, 0);
}
