// `ddns-tui config`, `config get` and `config set`.
import { exitCodes } from '../../shared/program.ts';
import type { CommandLine } from './command-line.ts';
import { settingJson, settingNamed, settingPlain } from './plain/config.ts';
import { readAssignmentWords, setConfig } from './plain/config-set.ts';
import { openView } from './view-command.ts';

export function addConfig(line: CommandLine): void {
  const config = line
    .command('config', 'List, read or change settings.')
    .action(() => line.choose(() => openView(line, 'config')));
  line
    .command('get', 'Print the current value of a setting.', config)
    .argument('<name>', 'name of the setting')
    .action((name: string) => line.choose(() => getSetting(line, name)));
  line
    .command('set', 'Change settings in ddns.conf (shows the difference and asks first).', config)
    .argument(
      '<name=value...>',
      'settings to change; an empty value removes one and restores its default',
    )
    .option('--yes', 'skip the confirmation')
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
      line.usageError(`unknown setting ${JSON.stringify(name)}; the settings are ${known}`);
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
  if (edits === null) line.usageError('give each change as NAME=VALUE');
  line.needChange('config set', { yes });
  const agree = (difference: string) => {
    process.stderr.write(difference);
    return line.ask('Save these changes?');
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
