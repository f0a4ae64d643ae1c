// ddnsd: the name server's command line. It chooses what to do and turns every failure into lines on
// standard error and an exit code; the doing is in run.ts, check.ts, init.ts and data-folder.ts.
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { loadConfiguration } from '../shared/config/load.ts';
import { type ConfigurationSource, chooseSource } from '../shared/config/paths.ts';
import { ConfigurationError } from '../shared/config/problem.ts';
import { printable } from '../shared/output/printable.ts';
import { exitCodes, print } from '../shared/program.ts';
import { versionLine } from '../shared/version.ts';

interface Arguments {
  startup?: string;
  conf?: string;
  check?: true;
  init?: true;
  data?: string;
  waitForInterface?: true;
  stopOnStdinEnd?: true;
}

/** Longest error line; a configuration problem may quote a long path. */
const maxErrorLength = 8_192;

/** Its starter in an installation, in a folder of its own among the sources. */
const workerFile = import.meta.url.endsWith('.ts')
  ? './workers/ddnsd-worker.ts'
  : '../ddnsd-worker.js';

const epilogue = `
Without an option it starts the name server whose startup file is at the system's place:
--conf wins over --startup, which wins over the variable DDNS_STARTUP.
SIGTERM stops it after answering what is in flight, SIGHUP reads ddns.conf again. SIGINT, SIGQUIT and
SIGPWR are like SIGTERM; log rotation needs no signal, for the log goes to standard output.

Exit codes: 0 stopped or done, 2 wrong usage, 78 configuration, 1 anything else.`;

function parseArguments(args: readonly string[]): Arguments {
  const command = new Command('ddnsd')
    .description('Name server of a Dynamo network')
    .version(versionLine)
    .addOption(
      new Option('--startup <file>', 'the startup file, which names ddns.conf').conflicts('data'),
    )
    .addOption(new Option('--conf <file>', 'ddns.conf itself').conflicts('data'))
    .option('--check', 'find what is wrong with the configuration, say what it does, and leave')
    .addOption(
      new Option(
        '--init',
        'write both files (asks on a terminal, else takes the defaults)',
      ).conflicts(['check', 'data']),
    )
    .option('--data <dir>', 'keep everything in a folder, listen on 127.0.0.1; made when missing')
    .option('--wait-for-interface', 'wait when this machine does not have the Interface yet')
    .option('--stop-on-stdin-end', 'stop when standard input ends')
    .configureOutput({ writeOut: (text) => print('ddnsd', text) })
    .addHelpText('after', epilogue)
    .showHelpAfterError('Try: ddnsd --help')
    .allowExcessArguments(false)
    .exitOverride();
  return command.parse(args, { from: 'user' }).opts<Arguments>();
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseArguments(args);
  if (options.init) return init(chooseSource(options, process.env, process.platform));
  if (options.check) return check(await checkedSource(options));
  // Loaded here, so that --help, --check and --init work even where SQLite's addon does not.
  const { runDaemon } = await import('./cli/run.ts');
  await runDaemon({
    source: await runningSource(options),
    waitForInterface: options.waitForInterface === true,
    stopOnStdinEnd: options.stopOnStdinEnd === true,
    workerProgram: fileURLToPath(new URL(workerFile, import.meta.url)),
  });
  // Standard input may still be open and would keep the process.
  process.exit(exitCodes.ok);
}

async function init(source: ConfigurationSource): Promise<void> {
  const { writeConfiguration } = await import('./cli/init.ts');
  const { openTerminal } = await import('./cli/init.ts');
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? openTerminal() : null;
  try {
    printLines(await writeConfiguration(source, { terminal }));
  } finally {
    terminal?.close();
  }
}

async function check(source: ConfigurationSource): Promise<void> {
  const { describeStart } = await import('./cli/check.ts');
  printLines([...(await describeStart(await loadConfiguration(source))), 'No mistakes found.']);
}

async function runningSource(options: Arguments): Promise<ConfigurationSource> {
  if (options.data === undefined) return chooseSource(options, process.env, process.platform);
  const { prepareDataFolder } = await import('./cli/data-folder.ts');
  return prepareDataFolder(options.data);
}

async function checkedSource(options: Arguments): Promise<ConfigurationSource> {
  if (options.data === undefined) return chooseSource(options, process.env, process.platform);
  const { dataFolderSource } = await import('./cli/data-folder.ts');
  return dataFolderSource(options.data);
}

function printLines(lines: readonly string[]): void {
  print('ddnsd', `${lines.join('\n')}\n`);
}

/** Says what went wrong, and returns the exit code for it. */
function report(error: unknown): number {
  // Commander has said it already; to it, help and version are errors with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ConfigurationError) {
    console.error(message);
    return exitCodes.configuration;
  }
  console.error(`ddnsd: ${printable(message, maxErrorLength)}`);
  return exitCodes.failed;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // Not process.exit: what was written to a pipe must still get out.
  process.exitCode = report(error);
}
