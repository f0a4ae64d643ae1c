// `ddns-tui backlog` and `backlog close`.

import type { CommandLine } from './command-line.ts';
import { closeConnection, closeQuestion } from './plain/backlog.ts';
import { openView } from './view-command.ts';

export function addBacklog(line: CommandLine): void {
  const backlog = line
    .command('backlog', 'Who waits for an answer, and closing a connection.')
    .action(() => line.choose(() => openView(line, 'backlog')));
  line
    .command('close', 'Close a connection that is not answered; asks first.', backlog)
    .argument('<id>', 'as the backlog has it, for instance 1-17')
    .option('--yes', 'do not ask')
    .action((id: string, options: { yes?: boolean }) => {
      line.choose(async () => {
        line.needChange('backlog close', options);
        const { json } = line.options();
        return line.change(closeQuestion(id), options, (client) =>
          closeConnection(client, { id, json }),
        );
      });
    });
}
