// From the text of ddns.conf to checked settings: each value by itself, then those that must fit
// each other. Pure; what depends on the machine (does it have that address, may that folder be
// written) is checked elsewhere. Every problem is found, not just the first.
import { isIP } from 'node:net';
import { type Assignment, inOrder, readAssignments } from './assignments.ts';
import type { ConfDocument, EncodingProblem } from './conf-file.ts';
import { resolveBeside, socketPathMistake } from './paths.ts';
import type { ConfigurationProblem } from './problem.ts';
import { shownValue } from './secret.ts';
import { parseValue } from './setting-values.ts';
import {
  defaultText,
  type ReadSettings,
  type SettingKey,
  type Settings,
  settingDefinitions,
} from './settings.ts';

export interface ConfContext {
  /** absolute path of ddns.conf: relative paths in it start at its folder */
  file: string;
  platform: NodeJS.Platform;
}

export type Validation =
  | { settings: Settings; problems: [] }
  | { settings: null; problems: ConfigurationProblem[] };

/** A value that passed its own check, and where it was given; `line` is null for a default. */
type Given = Partial<Record<SettingKey, Assignment | null>>;

type Report = (key: SettingKey, message: string) => void;

export function validateConf(
  document: ConfDocument,
  context: ConfContext,
  encodingProblems: readonly EncodingProblem[] = [],
): Validation {
  const { file, platform } = context;
  const { assignments, problems } = readAssignments(
    document,
    settingDefinitions,
    file,
    encodingProblems,
  );
  const values: Partial<ReadSettings> = {};
  const given: Given = {};
  const report: Report = (key, message) => {
    const { line, name, value } = given[key] ?? { line: null, name: null, value: null };
    const shown = name === null || value === null ? value : shownValue(name, value);
    problems.push({ file, line, name, value: shown, message });
  };
  for (const definition of settingDefinitions) {
    const assignment = assignments.get(definition.name) ?? null;
    given[definition.key] = assignment;
    const text = assignment?.value ?? defaultText(definition, platform);
    const parsed = parseValue<ReadSettings[SettingKey]>(definition.schema, text);
    if ('message' in parsed) report(definition.key, parsed.message);
    else Object.assign(values, { [definition.key]: parsed.value });
  }
  checkService(values, report);
  checkInterface(values, given, report);
  checkSecret(values, given, report);
  resolvePaths(values, context, report);
  if (problems.length > 0) return { settings: null, problems: inOrder(problems) };
  // Complete and served: a missing value or one that checkService refuses has left a problem.
  return { settings: values as Settings, problems: [] };
}

/** Settings when ddns.conf is empty. */
export function defaultSettings(context: ConfContext): Settings {
  const { settings } = validateConf({ byteOrderMark: false, lines: [] }, context);
  if (settings === null) throw new Error('the default settings contradict each other');
  return settings;
}

function checkService({ service, protocol }: Partial<ReadSettings>, report: Report): void {
  if (service === 2)
    report('service', 'SOCK_DGRAM (datagrams) is not served yet; must be 1 (SOCK_STREAM)');
  if (service === 1 && protocol === 17)
    report('protocol', 'is UDP, but Service=1 is SOCK_STREAM: must be 0 or 6 (TCP)');
  if (service === 2 && protocol === 6)
    report('protocol', 'is TCP, but Service=2 is SOCK_DGRAM: they do not fit each other');
}

function checkInterface(
  { domain, interface: text }: Partial<ReadSettings>,
  given: Given,
  report: Report,
): void {
  if (domain === undefined || text === undefined) return;
  const [wanted, wantedName, example] =
    domain === 2 ? ([4, 'IPv4', '0.0.0.0'] as const) : ([6, 'IPv6', '::'] as const);
  const found = isIP(text);
  if (found === 0 || found === wanted) return;
  const domainName = domain === 2 ? '2 (AF_INET)' : '10 (AF_INET6)';
  if (given.interface)
    report(
      'interface',
      `is an IPv${found} address, but Domain is ${domainName}: must be an ${wantedName} address, an interface's name, or Domain=${domain === 2 ? 10 : 2}`,
    );
  else
    report(
      'domain',
      `needs an ${wantedName} address, but Interface is not set and its default ${text} is IPv${found}; add a line such as Interface=${example}`,
    );
}

function checkSecret(
  { secret, secretFile }: Partial<ReadSettings>,
  given: Given,
  report: Report,
): void {
  if (!secret || !secretFile) return;
  report(
    'secretFile',
    `is set as well as ${given.secret?.name} in line ${given.secret?.line}; keep one of the two`,
  );
}

function resolvePaths(values: Partial<ReadSettings>, context: ConfContext, report: Report): void {
  const { file, platform } = context;
  if (values.database !== undefined)
    values.database = resolveBeside(file, values.database, platform);
  if (values.secretFile) values.secretFile = resolveBeside(file, values.secretFile, platform);
  if (values.socket !== undefined) {
    values.socket = resolveBeside(file, values.socket, platform);
    const mistake = socketPathMistake(values.socket, platform);
    if (mistake !== null) report('socket', mistake);
  }
}
