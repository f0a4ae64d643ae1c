// The files that `ddnsd --init` and `ddnsd --data` write: every setting with its meaning and its allowed
// values, in the order of settings.ts. A chosen value is a setting line; every other setting is a comment
// with its default, so that the file shows all there is to change.
import { unwritable } from './conf-file.ts';
import {
  type AnyDefinition,
  defaultText,
  type SettingKey,
  settingDefinitions,
} from './settings.ts';
import { confPathName } from './validate.ts';

/** Chosen values, as written in ddns.conf. */
export type ChosenValues = Partial<Record<SettingKey, string>>;

const confHeader = [
  'ddns.conf: the settings of this Dynamo-DNS name server.',
  'A line is name=value; the case of names does not matter. A # begins a comment at the start of a',
  'line or after a space. A setting that is commented out has the default shown.',
  'After a change: ddnsd --check, then reload (systemctl reload ddnsd, or SIGHUP). Settings marked',
  '"restart" take effect when the daemon is restarted. SETTINGS.md says how to choose a value.',
];

const startupHeader = [
  'startup.dycfg: where this name server finds its settings. A relative path is relative to the',
  'folder of this file.',
];

/** The text of ddns.conf. @throws RangeError if a chosen value cannot be written in this format */
export function confTemplate(chosen: ChosenValues, platform: NodeJS.Platform): string {
  const sections = settingDefinitions.map((definition) => section(definition, chosen, platform));
  return withLineEnds([...comment(confHeader), ...sections.flat()], platform);
}

/** The text of a ddns.conf that no one has configured yet, as packages install it: `ddnsd --init` replaces it. */
export const unconfiguredText = [
  'ddns.conf: the settings of this Dynamo-DNS name server. There are none yet. Write them with:',
  '  ddnsd --init                                      asks for each',
  '  ddnsd --init Interface=0.0.0.0 NameServers=...    asks nothing',
]
  .map((line) => `# ${line}\n`)
  .join('');

/** The text of startup.dycfg. @throws RangeError if the path cannot be written in this format */
export function startupTemplate(confPath: string, platform: NodeJS.Platform): string {
  const line = assignment(confPathName, confPath);
  return withLineEnds([...comment(startupHeader), '', line], platform);
}

/** The settings as a Markdown table, for SETTINGS.md. */
export function settingsTable(): string {
  const rows = settingDefinitions.map(({ name, default: text, allowed, applies, meaning }) =>
    [name, `\`${text}\``, allowed, applies, meaning].join(' | '),
  );
  const head = ['Name | Default | Allowed | Applies | Meaning', '--- | --- | --- | --- | ---'];
  return [...head, ...rows].map((row) => `| ${escaped(row)} |\n`).join('');
}

/** The trade-off of each setting as a Markdown section, for SETTINGS.md. */
export function settingsTradeOffs(): string {
  return settingDefinitions
    .map(({ name, tradeOff }) => `### ${name}\n\n${escaped(tradeOff)}\n`)
    .join('\n');
}

/** Markdown takes a backslash for an escape. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\');
}

function section(
  definition: AnyDefinition,
  chosen: ChosenValues,
  platform: NodeJS.Platform,
): string[] {
  const { key, name, meaning, allowed, applies } = definition;
  const value = chosen[key];
  const line =
    value === undefined ? `#${name}=${defaultText(definition, platform)}` : assignment(name, value);
  return [
    '',
    ...comment([`${name}: ${meaning}`, `Allowed: ${allowed}. Applies: ${applies}.`]),
    line,
  ];
}

function assignment(name: string, value: string): string {
  const reason = unwritable(value);
  if (reason !== null) throw new RangeError(`${name}: the value ${reason}`);
  return `${name}=${value}`;
}

function comment(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line}`);
}

function withLineEnds(lines: readonly string[], platform: NodeJS.Platform): string {
  const end = platform === 'win32' ? '\r\n' : '\n';
  return lines.map((line) => line + end).join('');
}
