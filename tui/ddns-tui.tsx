// ddns-tui: the console. Decides from the command line and the terminal whether to print or to take
// the screen, and turns what went wrong into one line and an exit code.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../shared/exit-codes.ts';
import { connectIpc, UnreachableError } from '../shared/ipc/client.ts';
import { hostColumns } from '../shared/ipc/contract.ts';
import { version } from '../shared/version.ts';
import { configuredSocket } from './configured-socket.ts';
import './ink-environment.ts';
import { printHosts } from './plain/hosts.ts';
import { createOutput } from './plain/output.ts';
import { statusJson, statusText } from './plain/status.ts';
import { chooseSocket } from './socket-path.ts';

const views = ['overview', 'hosts', 'status'] as const;

interface Options {
  socket?: string;
  json?: boolean;
  plain?: boolean;
  readOnly?: boolean;
  serve?: string;
  filter: string;
  sort: (typeof hostColumns)[number];
  descending?: boolean;
  limit?: number;
}

const program = new Command('ddns-tui')
  .description('The console of a Dynamo DNS name server.')
  .argument('[view]', `what to show: ${views.join(', ')}`)
  .option('--socket <path>', "the name server's socket (also: DDNS_SOCKET)")
  .option('--json', 'print JSON and exit')
  .option('--plain', 'print plain text and exit')
  .option('--read-only', 'offer nothing that changes the registry')
  .option('--serve <dir>', 'start a name server with its data in <dir> unless one answers there')
  .option('--filter <text>', 'hosts: only those in which every word occurs; !word must not', '')
  .addOption(
    new Option('--sort <column>', 'hosts: order of the rows')
      .choices(hostColumns)
      .default('address'),
  )
  .option('--descending', 'hosts: the other way round')
  .option('--limit <n>', 'hosts: at most this many rows', positiveInteger)
  .version(version)
  .addHelpText(
    'after',
    '\nOn a terminal the views fill the screen; elsewhere they are printed once.\n' +
      'Exit codes: 0 ok, 2 usage, 69 name server unreachable, 78 configuration, 1 the rest.',
  )
  .exitOverride();

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return value;
}

async function main(): Promise<number> {
  program.parse();
  const options = program.opts<Options>();
  const [asked] = program.args;
  const view = views.find((name) => name === asked);
  if (asked !== undefined && view === undefined)
    program.error(
      `error: there is no view ${JSON.stringify(asked)}; there are ${views.join(', ')}`,
    );
  const isPrinted = options.json || options.plain || !process.stdout.isTTY || !process.stdin.isTTY;
  if (options.serve !== undefined) {
    const { serve } = await import('./serve.ts');
    return serve({
      folder: options.serve,
      onScreen: isPrinted ? null : (socketPath) => show(socketPath, view, options),
    });
  }
  const socketPath = await chooseSocket({
    option: options.socket,
    env: process.env,
    platform: process.platform,
    configured: configuredSocket,
  });
  return isPrinted ? print(socketPath, view, options) : show(socketPath, view, options);
}

async function show(
  socketPath: string,
  view: (typeof views)[number] | undefined,
  options: Options,
): Promise<number> {
  const { runFullScreen } = await import('./full-screen.tsx');
  return runFullScreen({
    socketPath,
    view: view === 'hosts' ? 'hosts' : 'overview',
    readOnly: options.readOnly ?? false,
    env: process.env,
  });
}

async function print(
  socketPath: string,
  view: (typeof views)[number] | undefined,
  options: Options,
): Promise<number> {
  const client = await connectIpc(socketPath, { name: 'ddns-tui', version });
  const output = createOutput(process.stdout);
  try {
    if (view === 'hosts') {
      const { filter, sort, descending = false, limit = null, json = false } = options;
      await printHosts(client, { filter, sort, descending, limit, json }, output);
    } else {
      const status = await client.status();
      await output.write(options.json ? statusJson(status) : statusText(status, Date.now()));
    }
    return exitCodes.ok;
  } finally {
    client.close();
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  process.stderr.write(`ddns-tui: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UnreachableError ? exitCodes.unreachable : exitCodes.failed;
}

process.exitCode = await main().catch(explain);
// On Windows a pipe is written in the background: wait for it, then end whatever is still open.
process.stdout.write('', () => process.exit());
