// `ddns-tui backlog` and `backlog close`.
import type { CommandLine, YesOption } from './command-line.ts';
import { closeConnection, closeQuestion } from './plain/backlog.ts';
import { openView } from './view-command.ts';

export function addBacklog(line: CommandLine): void {
  const backlog = line
    .command('backlog', 'List connections with an unanswered request, or close one.')
    .action(line.does(() => openView(line, 'backlog')));
  line
    .changing('close', 'Close an unanswered connection (asks first).', backlog)
    .argument('<id>', 'connection id as ddns-tui backlog lists it, such as 1-17')
    .action(
      line.does((id: string, options: YesOption) =>
        line.change(closeQuestion(id), options, (client) =>
          closeConnection(client, { id, json: line.printing.json }),
        ),
      ),
    );
}
