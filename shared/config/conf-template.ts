// The files that `ddnsd --init` and `ddnsd --data` write: every setting with its meaning and its
// allowed values, in the table's order. What was chosen is a setting line, the rest stands there as
// a comment with its default, so that the file shows all there is to change.
import { unwritable } from './conf-file.ts';
import {
  type AnyDefinition,
  defaultText,
  type SettingKey,
  settingDefinitions,
} from './settings.ts';
import { confPathName } from './validate.ts';

/** Chosen values as they are written in ddns.conf. */
export type ChosenValues = Partial<Record<SettingKey, string>>;

const confHeader = [
  'ddns.conf: the settings of this Dynamo-DNS name server.',
  'A line is name=value; the case of names does not matter. A # begins a comment at the start of a',
  'line or after a space. A line that is commented out here shows its default.',
  'After a change: ddnsd --check, then reload (systemctl reload ddnsd, or SIGHUP). Settings marked',
  '"restart" take effect when the daemon starts again.',
];

const startupHeader = [
  'startup.dycfg: where this name server finds its settings. A relative path starts at the folder',
  'of this file.',
];

/** @throws RangeError when a chosen value cannot be written in this format */
export function confTemplate(chosen: ChosenValues, platform: NodeJS.Platform): string {
  const sections = settingDefinitions.map((definition) => section(definition, chosen, platform));
  return withLineEnds([...comment(confHeader), ...sections.flat()], platform);
}

/** @throws RangeError when the path cannot be written in this format */
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
  // Markdown takes a backslash for an escape.
  return [...head, ...rows].map((row) => `| ${row.replaceAll('\\', '\\\\')} |\n`).join('');
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
