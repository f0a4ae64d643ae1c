// `ddns-tui config` and `ddns-tui config get` without a screen: the settings in force, what each could
// be, and what waits.
import type { ConfigResult, ConfigSetting } from '../../../shared/ipc/config-contract.ts';
import { safe } from '../../text/columns.ts';
import { plainTable } from '../../text/plain-table.ts';
import { appliesText } from '../../views/config/config-table.ts';
import { jsonText } from './output.ts';

/** Paths and lists of name servers: nothing is cut in print. */
const maxText = 4_096;
const none = '-';

export function configJson({ file, settings, problems, unwritable }: ConfigResult): string {
  return jsonText({ file, settings: settings.map(ordered), problems, unwritable });
}

export function configPlain({ file, settings, problems, unwritable }: ConfigResult): string {
  const table = plainTable([
    ['SETTING', 'CURRENT', 'NEW VALUE', 'DEFAULT', 'APPLIES'],
    ...settings.map((setting) => [
      safe(setting.name),
      safe(setting.value, maxText),
      setting.waiting === null ? none : waitingText(setting),
      safe(setting.default, maxText),
      appliesText(setting),
    ]),
  ]);
  const notes = [
    ...problems.map((problem) => `error: ${safe(problemText(problem), maxText)}`),
    ...(unwritable === null ? [] : [`cannot be saved: ${safe(unwritable, maxText)}`]),
  ];
  return `${safe(file, maxText)}\n\n${table}${notes.map((note) => `${note}\n`).join('')}`;
}

export function settingPlain(setting: ConfigSetting): string {
  return `${safe(setting.value, maxText)}\n`;
}

export function settingJson(setting: ConfigSetting): string {
  return jsonText(ordered(setting));
}

/** The setting of that name, in any case; null when there is none. */
export function settingOf({ settings }: ConfigResult, name: string): ConfigSetting | null {
  return settings.find((each) => each.name.toLowerCase() === name.toLowerCase()) ?? null;
}

/** `line 5: TTL=5x: must be …. Allowed: …` */
export function problemText(problem: ConfigResult['problems'][number]): string {
  const { line, name, value, message, allowed } = problem;
  const place = line === null ? '' : `line ${line}: `;
  const assignment = name === null ? '' : `${name}${value === null ? '' : `=${value}`}: `;
  const hint = allowed === null || message.includes(allowed) ? '' : `. Allowed: ${allowed}`;
  return `${place}${assignment}${message}${hint}`;
}

function waitingText({ waiting, applies }: ConfigSetting): string {
  return `${safe(waiting ?? '', maxText)}, on ${applies === 'live' ? 'reload' : 'restart'}`;
}

function ordered({ name, value, waiting, applies, ...rest }: ConfigSetting) {
  const { default: standard, allowed, meaning } = rest;
  return { name, value, default: standard, allowed, applies, waiting, meaning };
}
