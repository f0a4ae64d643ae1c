// ddns-tui: the console. Decides from the command line and the terminal whether to print or to take
// the screen, and turns what went wrong into one line and an exit code.
import { isIP } from 'node:net';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../shared/exit-codes.ts';
import { connectIpc, type IpcClient, UnreachableError } from '../shared/ipc/client.ts';
import { hostColumns } from '../shared/ipc/contract.ts';
import { formatAddress, packAddress, parseAddress } from '../shared/protocol/address.ts';
import { version } from '../shared/version.ts';
import { configuredSocket } from './configured-socket.ts';
import './ink-environment.ts';
import { isAgreed } from './plain/agreement.ts';
import {
  configJson,
  configPlain,
  settingJson,
  settingNamed,
  settingPlain,
} from './plain/config.ts';
import { readAssignmentWords, setConfig } from './plain/config-set.ts';
import { type DrainOptions, drain, drainQuestion } from './plain/drain.ts';
import { printHosts } from './plain/hosts.ts';
import { createOutput, type Output } from './plain/output.ts';
import { peersJson, peersPlain } from './plain/peers.ts';
import { redirectsJson, redirectsPlain } from './plain/redirects.ts';
import { statusJson, statusText } from './plain/status.ts';
import { chooseSocket } from './socket-path.ts';
import { viewNames } from './views/views.ts';

const views = [...viewNames, 'status'] as const;
type View = (typeof views)[number];

/** Where a name server listens unless its Port says otherwise. */
const usualPort = 4524;

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

let run: () => Promise<number> = async () => exitCodes.usage;

const program: Command = new Command('ddns-tui')
  .description('The console of a Dynamo DNS name server.')
  .argument('[view]', `what to show: ${views.join(', ')}`)
  .option('--socket <path>', "the name server's socket (also: DDNS_SOCKET)")
  .option('--json', 'print JSON and exit')
  .option('--plain', 'print plain text and exit')
  .option('--read-only', 'offer nothing that changes anything')
  .option('--serve <dir>', 'start a name server with its data in <dir> unless one answers there')
  .option('--filter <text>', 'hosts: only those in which every word occurs; !word must not', '')
  .addOption(
    new Option('--sort <column>', 'hosts: order of the rows')
      .choices(hostColumns)
      .default('address'),
  )
  .option('--descending', 'hosts: the other way round')
  .option('--limit <n>', 'hosts, redirects: at most this many rows', positiveInteger)
  .version(version)
  .addHelpText(
    'after',
    '\nOn a terminal the views fill the screen; elsewhere they are printed once.\n' +
      'Exit codes: 0 ok, 2 usage, 69 name server unreachable, 78 configuration, 1 the rest.',
  )
  .exitOverride()
  .action((view?: string) => {
    run = () => open(view);
  });

program
  .command('drain')
  .description('Send every node to other name servers from now on; asks first.')
  .option('--to <addr>', 'to this one; without it to the less loaded ones', nameServer)
  .addOption(new Option('--stop', 'end the drain: take nodes here again').conflicts('to'))
  .option('--yes', 'do not ask')
  .exitOverride()
  .action((options: DrainOptions & { yes?: boolean }) => {
    run = () => runDrain(options);
  });

const config = program
  .command('config')
  .description('The settings: what is in force, what waits, and changing them.')
  .exitOverride()
  .action(() => {
    run = () => open('config');
  });

config
  .command('get')
  .description('Print the value that is in force.')
  .argument('<name>', 'a setting')
  .exitOverride()
  .action((name: string) => {
    run = () => runConfigGet(name);
  });

config
  .command('set')
  .description('Change settings in ddns.conf; shows the difference and asks first.')
  .argument('<name=value...>', 'settings; an empty value takes one out, so that its default holds')
  .option('--yes', 'do not ask')
  .exitOverride()
  .action((words: string[], options: { yes?: boolean }) => {
    run = () => runConfigSet(words, options);
  });

/** An address as NameServers has it: the port is 4524 unless given. */
function nameServer(text: string): string {
  const words = parseAddress(text) ?? (isIP(text) === 0 ? null : packAddress(text, usualPort));
  if (words === null)
    throw new InvalidArgumentError('It must be an IP address, with a port or without.');
  return formatAddress(words, 0);
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return value;
}

async function main(): Promise<number> {
  program.parse();
  return run();
}

async function open(asked: string | undefined): Promise<number> {
  const options = program.opts<Options>();
  const view = views.find((name) => name === asked);
  if (asked !== undefined && view === undefined)
    program.error(
      `error: there is no view ${JSON.stringify(asked)}; there are ${views.join(', ')}, and the commands drain, config get and config set`,
    );
  const isPrinted = options.json || options.plain || !process.stdout.isTTY || !process.stdin.isTTY;
  if (options.serve !== undefined) {
    const { serve } = await import('./serve.ts');
    return serve({
      folder: options.serve,
      onScreen: isPrinted ? null : (socketPath) => show(socketPath, view, options),
    });
  }
  const socketPath = await socketOf(options);
  return isPrinted ? print(socketPath, view, options) : show(socketPath, view, options);
}

function socketOf({ socket }: Options): Promise<string> {
  return chooseSocket({
    option: socket,
    env: process.env,
    platform: process.platform,
    configured: configuredSocket,
  });
}

async function show(socketPath: string, view: View | undefined, options: Options): Promise<number> {
  const { runFullScreen } = await import('./full-screen.tsx');
  return runFullScreen({
    socketPath,
    view: view === undefined || view === 'status' ? 'overview' : view,
    readOnly: options.readOnly ?? false,
    env: process.env,
  });
}

async function print(
  socketPath: string,
  view: View | undefined,
  options: Options,
): Promise<number> {
  const client = await connectIpc(socketPath, { name: 'ddns-tui', version });
  const output = createOutput(process.stdout);
  try {
    await printView(client, view, options, output);
    return exitCodes.ok;
  } finally {
    client.close();
  }
}

async function printView(
  client: IpcClient,
  view: View | undefined,
  options: Options,
  output: Output,
): Promise<void> {
  const { filter, sort, descending = false, limit = null, json = false } = options;
  if (view === 'hosts')
    return printHosts(client, { filter, sort, descending, limit, json }, output);
  if (view === 'config') {
    const found = await client.config();
    await output.write(json ? configJson(found) : configPlain(found));
    return;
  }
  const status = await client.status();
  if (view === 'peers') {
    await output.write(json ? peersJson(status.peers) : peersPlain(status.peers));
  } else if (view === 'redirects') {
    const printed = { redirects: await client.redirects(), status, limit };
    await output.write(json ? redirectsJson(printed) : redirectsPlain(printed));
  } else {
    await output.write(json ? statusJson(status) : statusText(status, Date.now()));
  }
}

async function runDrain(options: DrainOptions & { yes?: boolean }): Promise<number> {
  const { readOnly, json, ...rest } = program.opts<Options>();
  if (readOnly) program.error('error: drain changes something; leave --read-only out');
  const isAsked = !options.yes;
  if (isAsked) needPerson();
  const client = await connectIpc(await socketOf(rest), { name: 'ddns-tui', version });
  try {
    if (isAsked && !(await isAgreed(drainQuestion(options), process.stdin, process.stderr))) {
      process.stderr.write('ddns-tui: nothing was changed\n');
      return exitCodes.failed;
    }
    await createOutput(process.stdout).write(await drain(client, { ...options, json }));
    return exitCodes.ok;
  } finally {
    client.close();
  }
}

async function runConfigGet(name: string): Promise<number> {
  const { json, ...rest } = program.opts<Options>();
  const client = await connectIpc(await socketOf(rest), { name: 'ddns-tui', version });
  try {
    const found = await client.config();
    const setting = settingNamed(found, name);
    if (setting === null) {
      const known = found.settings.map((each) => each.name).join(', ');
      program.error(`error: there is no setting ${JSON.stringify(name)}; there are ${known}`);
    }
    const print = json ? settingJson : settingPlain;
    await createOutput(process.stdout).write(print(setting));
    return exitCodes.ok;
  } finally {
    client.close();
  }
}

async function runConfigSet(words: string[], { yes }: { yes?: boolean }): Promise<number> {
  const { readOnly, json = false, ...rest } = program.opts<Options>();
  const edits = readAssignmentWords(words);
  if (edits === null) program.error('error: what is to be changed is NAME=VALUE');
  if (readOnly) program.error('error: config set changes something; leave --read-only out');
  if (!yes) needPerson();
  const client = await connectIpc(await socketOf(rest), { name: 'ddns-tui', version });
  const agree = (difference: string) => {
    process.stderr.write(difference);
    return isAgreed('Save this?', process.stdin, process.stderr);
  };
  try {
    return await setConfig(client, {
      edits,
      json,
      agree: yes ? null : agree,
      output: createOutput(process.stdout),
      complain: (line) => process.stderr.write(`ddns-tui: ${line}\n`),
    });
  } finally {
    client.close();
  }
}

/** Ends with a word where nobody can be asked. */
function needPerson(): void {
  if (process.stdin.isTTY && process.stderr.isTTY) return;
  program.error('error: nobody can be asked here; add --yes to do it without a question');
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  process.stderr.write(`ddns-tui: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UnreachableError ? exitCodes.unreachable : exitCodes.failed;
}

process.exitCode = await main().catch(explain);
// On Windows a pipe is written in the background: wait for it, then end whatever is still open.
process.stdout.write('', () => process.exit());
