// ddns-demo (`npm run demo`): a whole network on this machine to look at, three name servers and
// sixty nodes, in the console on a terminal, and as lines of text elsewhere.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { printable } from '../../shared/output/printable.ts';
import { exitCodes } from '../../shared/program.ts';
import { versionLine } from '../../shared/version.ts';
import { abilitiesOf } from '../../tui/abilities.ts';

/** Long enough for a crashed node to expire. */
const usualSeconds = 30;

/** Characters; an error may quote a name server's last output. */
const maxErrorLength = 4_096;

interface Options {
  plain?: boolean;
  seconds?: number;
  seed?: number;
  network?: string;
}

const program = new Command('ddns-demo')
  .description('A demo network: three name servers, sixty nodes, and the console on the first one.')
  .option('--plain', 'print events instead of showing the console')
  .option(
    '--seconds <n>',
    `print events for so long (default without a terminal: ${usualSeconds})`,
    wholeNumber,
  )
  .option('--seed <n>', 'repeats a run (default: random)', wholeNumber)
  .addOption(new Option('--network <folder>').hideHelp())
  .version(versionLine)
  .addHelpText(
    'after',
    '\nThe network uses loopback addresses and a temporary folder, which is removed at the end.\n' +
      'Exit codes: 0 ok, 2 usage, 1 the name servers disagreed at the end, or any other failure.',
  )
  .allowExcessArguments(false)
  .exitOverride();

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000_000)
    throw new InvalidArgumentError('A whole number from 1 to 1000000 is needed.');
  return value;
}

async function main(): Promise<number> {
  const { plain, seconds, seed = newSeed(), network } = program.parse().opts<Options>();
  if (network !== undefined) {
    const { runNetwork } = await import('./network.ts');
    await runNetwork({ folder: network, seed });
    return exitCodes.ok;
  }
  const { showAsLines, showInConsole } = await import('./show.ts');
  const { hasScreen, isRead } = abilitiesOf(process.env, process.platform);
  const isOnScreen = (hasScreen || isRead) && process.stdout.isTTY && process.stdin.isTTY;
  const isPrinted = plain || seconds !== undefined || !isOnScreen;
  return isPrinted ? showAsLines(seed, seconds ?? usualSeconds) : showInConsole(seed);
}

function newSeed(): number {
  return 1 + Math.floor(Math.random() * 1_000_000);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').map((line) => printable(line, maxErrorLength));
  process.stderr.write(`ddns-demo: ${lines.join('\n')}\n`);
  return exitCodes.failed;
}

process.exitCode = await main().catch(explain);
// On Windows a pipe is written in the background: wait for it, then end whatever is still open.
process.stdout.write('', () => process.exit());
