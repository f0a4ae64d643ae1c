// ddnsd: the command line of the name server. Chooses the command, and turns every failure into lines on standard
// error and an exit code. The commands are in cli/.
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { loadConfiguration } from '../shared/config/load.ts';
import { type ConfigurationSource, chooseSource } from '../shared/config/paths.ts';
import { ConfigurationError } from '../shared/config/problem.ts';
import { isJournal, withPriority } from '../shared/output/journal.ts';
import { printable } from '../shared/output/printable.ts';
import { exitCodes, print } from '../shared/program.ts';
import { versionLine } from '../shared/version.ts';
import type { RunOptions } from './cli/run.ts';

interface Arguments {
  /** with --init */
  settings: string[];
  startup?: string;
  conf?: string;
  check?: true;
  restore?: string;
  init?: true;
  data?: string;
  waitForInterface?: true;
  stopOnStdinEnd?: true;
}

/** Characters of an error line: a configuration problem may quote a long path. */
const maxErrorLength = 8_192;

const standardError = 2;

/** The worker program, relative to this file: its source, or its starter in an installation. */
const workerFile = import.meta.url.endsWith('.ts')
  ? './workers/ddnsd-worker.ts'
  : '../ddnsd-worker.js';

const epilogue = `
Without options, ddnsd starts with the startup file at the system's default path.
--conf takes precedence over --startup, and --startup over the variable DDNS_STARTUP.
When --init or --data writes ddns.conf, it takes settings from variables such as DDNS_INTERFACE, too.

Signals: SIGTERM, SIGINT, SIGQUIT and SIGPWR answer the requests in flight, then stop; SIGHUP reloads
ddns.conf. The log goes to standard output, so log rotation needs no signal.

Exit codes: 0 stopped or done, 2 wrong usage, 78 configuration, 1 anything else.`;

function parseArguments(args: readonly string[]): Arguments {
  const command = new Command('ddnsd')
    .description('Name server of a Dynamo network')
    .version(versionLine)
    .argument('[NAME=VALUE...]', 'settings for --init, such as Interface=0.0.0.0')
    .addOption(
      new Option('--startup <file>', 'startup file, which names ddns.conf').conflicts('data'),
    )
    .addOption(
      new Option('--conf <file>', 'configuration file, without a startup file').conflicts('data'),
    )
    .option('--check', 'verify the configuration, print what it would do, and exit')
    .addOption(
      new Option(
        '--init',
        'write both files, with the settings given; without any it asks on a terminal',
      ).conflicts(['check', 'data']),
    )
    .addOption(
      new Option(
        '--restore <file>',
        'replace the registry by a backup while ddnsd is stopped, and exit; with --check, only verify the backup',
      ).conflicts('init'),
    )
    .option('--data <dir>', 'keep all files in <dir> (created if missing) and listen on 127.0.0.1')
    .option('--wait-for-interface', 'wait until this machine has the address of Interface')
    .option('--stop-on-stdin-end', 'stop when standard input ends')
    .configureOutput({ writeOut: (text) => print('ddnsd', text) })
    .addHelpText('after', epilogue)
    .showHelpAfterError('Try: ddnsd --help')
    .exitOverride();
  command.parse(args, { from: 'user' });
  const options = { ...command.opts<Omit<Arguments, 'settings'>>(), settings: command.args };
  if (command.args.length > 0 && !options.init)
    command.error(`error: settings such as ${command.args[0]} need --init`);
  return options;
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseArguments(args);
  if (options.init) return init(options);
  if (options.restore !== undefined) return restore(options.restore, options);
  if (options.check) return check(await checkedSource(options));
  // Loaded here, so that --help, --check and --init work without SQLite's native addon.
  const { runDaemon } = await import('./cli/run.ts');
  await runDaemon({
    ...(await runningSource(options)),
    waitForInterface: options.waitForInterface === true,
    stopOnStdinEnd: options.stopOnStdinEnd === true,
    workerProgram: fileURLToPath(new URL(workerFile, import.meta.url)),
  });
  // An open standard input would keep the process alive.
  process.exit(exitCodes.ok);
}

async function init(options: Arguments): Promise<void> {
  const { writeConfiguration, openTerminal } = await import('./cli/init.ts');
  const { nextSteps } = await import('./cli/service.ts');
  const source = chooseSource(options, process.env, process.platform);
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? openTerminal() : null;
  try {
    const context = { terminal, words: options.settings, env: process.env };
    const written = await writeConfiguration(source, context);
    printLines(written.done);
    printLines(nextSteps(source, written));
  } finally {
    terminal?.close();
  }
}

async function check(source: ConfigurationSource): Promise<void> {
  const { describeStart } = await import('./cli/check.ts');
  printLines([...(await describeStart(await loadConfiguration(source))), 'Configuration OK.']);
}

async function restore(file: string, options: Arguments): Promise<void> {
  const isCheck = options.check === true;
  const source = isCheck ? await checkedSource(options) : (await runningSource(options)).source;
  const { settings } = await loadConfiguration(source);
  const { checkBackup, restoreBackup } = await import('./cli/restore.ts');
  printLines(isCheck ? checkBackup(file, settings) : await restoreBackup(file, settings));
}

async function runningSource(options: Arguments): Promise<Pick<RunOptions, 'source' | 'warnings'>> {
  if (options.data === undefined)
    return { source: chooseSource(options, process.env, process.platform), warnings: [] };
  const { prepareDataFolder } = await import('./cli/data-folder.ts');
  return prepareDataFolder(options.data, process.env);
}

async function checkedSource(options: Arguments): Promise<ConfigurationSource> {
  if (options.data === undefined) return chooseSource(options, process.env, process.platform);
  const { dataFolderSource } = await import('./cli/data-folder.ts');
  return dataFolderSource(options.data);
}

function printLines(lines: readonly string[]): void {
  print('ddnsd', `${lines.join('\n')}\n`);
}

/** Prints an error and returns its exit code. */
function report(error: unknown): number {
  // Commander has printed it already. Help and version are errors with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const message = error instanceof Error ? error.message : String(error);
  const isConfiguration = error instanceof ConfigurationError;
  const text = isConfiguration ? message : `ddnsd: ${printable(message, maxErrorLength)}`;
  console.error(isJournal(standardError) ? withPriority('error', text) : text);
  return isConfiguration ? exitCodes.configuration : exitCodes.failed;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // Not process.exit, which would lose what a pipe has not taken yet.
  process.exitCode = report(error);
}
