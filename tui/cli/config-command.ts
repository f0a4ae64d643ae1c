// `ddns-tui config`, `config get` and `config set`.
import { exitCodes } from '../../shared/program.ts';
import type { CommandLine } from './command-line.ts';
import { settingJson, settingNamed, settingPlain } from './plain/config.ts';
import { readAssignmentWords, setConfig } from './plain/config-set.ts';
import { openView } from './view-command.ts';

export function addConfig(line: CommandLine): void {
  const config = line
    .command('config', 'The settings: what is in force, what waits, and changing them.')
    .action(() => line.choose(() => openView(line, 'config')));
  line
    .command('get', 'Print the value that is in force.', config)
    .argument('<name>', 'a setting')
    .action((name: string) => line.choose(() => getSetting(line, name)));
  line
    .command('set', 'Change settings in ddns.conf; shows the difference and asks first.', config)
    .argument(
      '<name=value...>',
      'settings; an empty value takes one out, so that its default holds',
    )
    .option('--yes', 'do not ask')
    .action((words: string[], options: { yes?: boolean }) =>
      line.choose(() => setSettings(line, words, options)),
    );
}

function getSetting(line: CommandLine, name: string): Promise<number> {
  return line.withClient(async (client) => {
    const found = await client.config();
    const setting = settingNamed(found, name);
    if (setting === null) {
      const known = found.settings.map((each) => each.name).join(', ');
      line.usageError(`there is no setting ${JSON.stringify(name)}; there are ${known}`);
    }
    const print = line.options().json ? settingJson : settingPlain;
    await line.output.write(print(setting));
    return exitCodes.ok;
  });
}

async function setSettings(
  line: CommandLine,
  words: string[],
  { yes }: { yes?: boolean },
): Promise<number> {
  const edits = readAssignmentWords(words);
  if (edits === null) line.usageError('what is to be changed is NAME=VALUE');
  line.needChange('config set', { yes });
  const agree = (difference: string) => {
    process.stderr.write(difference);
    return line.ask('Save this?');
  };
  return line.withClient((client) =>
    setConfig(client, {
      edits,
      json: line.options().json ?? false,
      agree: yes ? null : agree,
      output: line.output,
      complain: (message) => line.complain(message),
    }),
  );
}
