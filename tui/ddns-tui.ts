// ddns-tui: the console. Its commands are in cli/; here an error becomes one line and an exit code.
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { CommanderError } from 'commander';
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { UnreachableError } from '../shared/ipc/client.ts';
import { exitCodes } from '../shared/program.ts';
import { addBacklog } from './cli/backlog-command.ts';
import { addBackup } from './cli/backup-command.ts';
import { type AddCommand, CommandLine, ConsoleFileError } from './cli/command-line.ts';
import { addConfig } from './cli/config-command.ts';
import { addDrain } from './cli/drain-command.ts';
import { addHosts } from './cli/hosts-command.ts';
import { addLog } from './cli/log-command.ts';
import { addPeers } from './cli/peers-command.ts';
import { addView } from './cli/view-command.ts';

const commands: readonly AddCommand[] = [
  addView,
  addHosts,
  addPeers,
  addDrain,
  addBacklog,
  addBackup,
  addConfig,
  addLog,
];

/** Node aborts when it ends and cannot reset a terminal that has gone; it leaves out what is closed. */
const terminals = [0, 1, 2].filter((fd) => isatty(fd));
process.on('exit', () => {
  for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
});

async function main(): Promise<number> {
  const line = new CommandLine();
  process.stderr.on('error', () => {});
  for (const add of commands) add(line);
  try {
    return await line.run();
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    line.complain(textOf(error));
    if (error instanceof ConsoleFileError) return exitCodes.configuration;
    return error instanceof UnreachableError ? exitCodes.unreachable : exitCodes.failed;
  }
}

function textOf(error: unknown): string {
  if (error instanceof ResponseError && error.code === ErrorCodes.MethodNotFound)
    return `this name server is older than the command (${error.message}); update it`;
  return error instanceof Error ? error.message : String(error);
}

process.exitCode = await main();
// On Windows a pipe is written in the background: wait for it, then end whatever is still open.
process.stdout.write('', () => process.exit());
