// `ddns-tui log`.
import { Option } from 'commander';
import { type LogQuery, queryLevels } from '../../shared/ipc/log-contract.ts';
import { exitCodes } from '../../shared/program.ts';
import { connectTo } from '../daemon/attach.ts';
import type { CommandLine } from './command-line.ts';
import { followLog, type PrintLogOptions, printLog } from './plain/log.ts';
import { isPrinted, openView } from './view-command.ts';

/** Lines that stand before those to come, unless --limit says otherwise. */
const followedLines = 10;

interface Arguments {
  level: NonNullable<LogQuery['level']>;
  follow?: boolean;
}

export function addLog(line: CommandLine): void {
  line
    .command('log', 'Show the latest log lines, or follow the log.')
    .addOption(
      new Option('--level <level>', 'only lines at this level or above')
        .choices(queryLevels)
        .default('trace'),
    )
    .option('--follow', `print the latest ${followedLines} lines (or --limit), then follow`)
    .action(line.does((args: Arguments) => openLog(line, args)));
}

async function openLog(line: CommandLine, { level, follow = false }: Arguments): Promise<number> {
  if (!follow && !isPrinted(line)) return openView(line, 'log', level);
  const { filter, limit = null } = line.options<Pick<PrintLogOptions, 'filter' | 'limit'>>();
  const { json, output, complain } = line.printing;
  const most = limit ?? (follow ? followedLines : null);
  const printed = { level, filter, limit: most, json, zone: line.zone };
  if (follow)
    await followLog(printed, {
      connect: connectTo(await line.socketPath()),
      ...{ output, complain },
      stopped: signalled(),
    });
  else await line.withClient((client) => printLog(client, printed, output));
  return exitCodes.ok;
}

/** Resolves when somebody ends the program. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}
