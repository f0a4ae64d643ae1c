// `ddns-tui drain`: redirects every node, or ends that.
import { InvalidArgumentError, Option } from 'commander';
import type { IpcClient } from '../../shared/ipc/client.ts';
import type { Redirecting } from '../../shared/ipc/status-contract.ts';
import { maxServerName, namedServer } from '../../shared/protocol/server-name.ts';
import { safe } from '../text/columns.ts';
import { redirectingText } from '../text/redirecting.ts';
import type { CommandLine, YesOption } from './command-line.ts';
import { jsonText } from './plain/output.ts';

export function addDrain(line: CommandLine): void {
  line
    .changing('drain', 'Redirect every node to other name servers (asks first).')
    .option('--to <addr>', 'redirect to this peer (default: the least loaded)', nameServer)
    .addOption(new Option('--stop', 'end the drain').conflicts('to'))
    .action(
      line.does((options: DrainOptions & YesOption) =>
        line.change(drainQuestion(options), options, (client) =>
          drain(client, { ...options, json: line.printing.json }),
        ),
      ),
    );
}

/** A name server as NameServers has it, by address or name: the port is 4524 unless given. */
export function nameServer(text: string): string {
  const named = namedServer(text);
  if ('mistake' in named) throw new InvalidArgumentError(`${safe(named.mistake, 400)}.`);
  return named.server;
}

interface DrainOptions {
  /** a name server to send every node to; without one to the less loaded ones */
  to?: string;
  stop?: boolean;
  json?: boolean;
}

export async function drain(client: IpcClient, options: DrainOptions): Promise<string> {
  const redirecting = options.stop ? await client.undrain() : await client.drain(options.to);
  return options.json ? jsonText(redirecting) : `${resultText(redirecting)}\n`;
}

export function drainQuestion({ to, stop }: DrainOptions): string {
  if (stop) return 'End the drain?';
  return to === undefined
    ? 'Redirect every node to the least loaded peer?'
    : `Redirect every node to ${safe(to, maxServerName)}?`;
}

function resultText(redirecting: Redirecting): string {
  const { mode } = redirecting;
  if (mode === 'load') return 'drain ended';
  const text = redirectingText(redirecting);
  return mode === 'stopping' ? text : `${text}; end it with: ddns-tui drain --stop`;
}
