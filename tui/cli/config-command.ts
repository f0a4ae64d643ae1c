// `ddns-tui config`, `config get`, `config set`, which shows the difference and asks before it saves, and `config
// reload`, which `systemctl reload` waits for.
import { ResponseError } from 'vscode-jsonrpc/node';
import type { ReloadResult, SettingChange } from '../../shared/config/changes.ts';
import type { IpcClient } from '../../shared/ipc/client.ts';
import type {
  ConfigCheck,
  ConfigProblem,
  ConfigSave,
  SaveResult,
} from '../../shared/ipc/config-contract.ts';
import { ipcErrors } from '../../shared/ipc/contract.ts';
import { exitCodes } from '../../shared/program.ts';
import { safe } from '../text/columns.ts';
import { counted } from '../text/format.ts';
import type { CommandLine, YesOption } from './command-line.ts';
import { problemText, settingJson, settingOf, settingPlain } from './plain/config.ts';
import { jsonText, type Printing } from './plain/output.ts';
import { openView } from './view-command.ts';

export function addConfig(line: CommandLine): void {
  const config = line
    .command('config', 'List, read or change settings.')
    .action(line.does(() => openView(line, 'config')));
  line
    .command('get', 'Print the current value of a setting.', config)
    .argument('<name>', 'name of the setting')
    .action(line.does((name: string) => getSetting(line, name)));
  line
    .changing('set', 'Change settings in ddns.conf (shows the difference and asks first).', config)
    .argument(
      '<name=value...>',
      'settings to change; an empty value removes one and restores its default',
    )
    .action(
      line.does((words: string[], options: YesOption) => {
        const edits = readAssignmentWords(words);
        if (edits === null) line.usageError('give each change as NAME=VALUE');
        return line.withClient((client) => saveSettings(line, client, edits, options));
      }),
    );
  line.command('reload', 'Apply ddns.conf as it is on disk now.', config).action(
    line.does(() => {
      line.needChange('config reload', { yes: true });
      return line.withClient((client) => reloadConfig(client, line.printing));
    }),
  );
}

function getSetting(line: CommandLine, name: string): Promise<number> {
  return line.withClient(async (client) => {
    const found = await client.config();
    const setting = settingOf(found, name);
    if (setting === null) {
      const known = found.settings.map((each) => each.name).join(', ');
      line.usageError(`unknown setting ${JSON.stringify(name)}; the settings are ${known}`);
    }
    const print = line.options().json ? settingJson : settingPlain;
    await line.output.write(print(setting));
    return exitCodes.ok;
  });
}

/** Shows the difference, asks unless `yes`, and saves. @returns the exit code */
export function saveSettings(
  line: CommandLine,
  client: IpcClient,
  edits: Edits,
  { yes = false }: YesOption,
): Promise<number> {
  const agree = (difference: string) => {
    process.stderr.write(difference);
    return line.ask('Save these changes?');
  };
  return setConfig(client, { ...line.printing, edits, agree: yes ? null : agree });
}

const maxText = 4_096;

type Edits = NonNullable<ConfigSave['edits']>;

/** `NAME=VALUE` of each; an empty value takes the setting out of the file. Null: one is no assignment. */
export function readAssignmentWords(words: readonly string[]): Edits | null {
  const edits = words.map((word) => {
    const equals = word.indexOf('=');
    const name = word.slice(0, Math.max(0, equals)).trim();
    const value = word.slice(equals + 1).trim();
    return { name, value: value === '' ? null : value };
  });
  return edits.some(({ name }) => name === '') ? null : edits;
}

interface SetOptions extends Printing {
  edits: Edits;
  /** Shows the difference and asks; null: it is done without a question. */
  agree: ((difference: string) => Promise<boolean>) | null;
}

/** @returns the exit code */
export async function setConfig(client: IpcClient, options: SetOptions): Promise<number> {
  const { edits, json, agree, output, complain } = options;
  const refuse = async (problems: readonly ConfigProblem[]) => {
    if (json) await output.write(jsonText({ outcome: 'refused', problems }));
    else for (const problem of problems) complain(safe(problemText(problem), maxText));
    return exitCodes.configuration;
  };
  const check = await client.checkConfig({ edits });
  if (check.problems.length > 0) return refuse(check.problems);
  const unchanged = async () => {
    const text = 'nothing to save: ddns.conf has these values already\n';
    await output.write(json ? jsonText({ outcome: 'unchanged' }) : text);
    return exitCodes.ok;
  };
  if (check.difference.length === 0) return unchanged();
  const difference = differenceText(check);
  if (agree === null) {
    if (!json) await output.write(difference);
  } else if (!(await agree(difference))) {
    complain('cancelled; nothing changed');
    return exitCodes.failed;
  }
  const result = await client.saveConfig({ edits, fingerprint: check.fingerprint });
  if (result.outcome === 'refused') return refuse(result.problems);
  if (result.outcome === 'unchanged') return unchanged();
  if (result.outcome === 'conflict') {
    if (json) await output.write(jsonText({ outcome: 'conflict' }));
    const file = safe(result.config.file, maxText);
    complain(`not saved: ${file} changed on disk; try again`);
    return exitCodes.failed;
  }
  const { outcome, changed, waiting, warnings, backup } = result;
  const told = { outcome, changed, waiting, warnings, backup };
  await output.write(json ? jsonText(told) : resultText(result));
  return exitCodes.ok;
}

/** @returns the exit code */
export async function reloadConfig(
  client: Pick<IpcClient, 'reload'>,
  { json, output, complain }: Printing,
): Promise<number> {
  try {
    const { changed, waiting } = await client.reload();
    const lines = [...changeLines({ changed, waiting }), 'ddns.conf reloaded'];
    await output.write(json ? jsonText({ changed, waiting }) : `${lines.join('\n')}\n`);
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof ResponseError) || error.code !== ipcErrors.badConfiguration) throw error;
    for (const each of error.message.split('\n')) complain(safe(each, maxText));
    complain('not reloaded: the former settings stay in force');
    return exitCodes.configuration;
  }
}

const signs = { same: ' ', removed: '-', added: '+' } as const;

function differenceText({ difference, differenceCut }: ConfigCheck): string {
  const lines = difference.map(
    ({ kind, line, text }) => `${String(line).padStart(5)} ${signs[kind]} ${safe(text, maxText)}`,
  );
  if (differenceCut > 0) lines.push(`and ${counted(differenceCut, 'line')} more`);
  return lines.map((line) => `${line}\n`).join('');
}

function resultText(result: SaveResult & { outcome: 'saved' }): string {
  const { config, changed, waiting, warnings, backup } = result;
  const lines = [
    `saved to ${safe(config.file, maxText)}; the previous version is in ${safe(backup, maxText)}`,
    ...changeLines({ changed, waiting }),
    ...warnings.map((warning) => `warning: ${safe(warning, maxText)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function changeLines({ changed, waiting }: ReloadResult): string[] {
  const line = ({ name, from, to }: SettingChange, when: string) =>
    `${safe(name)} ${safe(from, maxText)} → ${safe(to, maxText)}, ${when}`;
  return [
    ...changed.map((each) => line(each, 'active now')),
    ...waiting.map((each) => line(each, 'active after ddnsd restarts')),
  ];
}
