// Validates the text of ddns.conf and startup.dycfg: each value by itself, then those that must fit each
// other. Pure: what depends on the machine (its addresses, whether a folder is writable) is checked elsewhere.
// All problems are found, not just the first.
import { isIP } from 'node:net';
import { type ConfDocument, type EncodingProblem, parseConf } from './conf-file.ts';
import { resolveBeside, socketPathMistake } from './paths.ts';
import type { ConfigurationProblem } from './problem.ts';
import { maxSlips, shownLine, shownValue, slipsBetween } from './secret.ts';
import { parseValue, path } from './setting-values.ts';
import { defaultText, type SettingKey, type Settings, settingDefinitions } from './settings.ts';

/** Where a ddns.conf is. */
export interface ConfContext {
  /** its absolute path; relative paths in it are relative to its folder */
  file: string;
  platform: NodeJS.Platform;
}

/** The settings, or the problems. */
export type Validation =
  | { settings: Settings; problems: [] }
  | { settings: null; problems: ConfigurationProblem[] };

/** Where each value was given; null for a default. */
type Given = Partial<Record<SettingKey, Assignment | null>>;

type Report = (key: SettingKey, message: string) => void;

/** Validates a ddns.conf. */
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
  const values: Partial<Settings> = {};
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
    const parsed = parseValue<Settings[SettingKey]>(definition.schema, text);
    if ('message' in parsed) report(definition.key, parsed.message);
    else Object.assign(values, { [definition.key]: parsed.value });
  }
  checkService(values, report);
  checkInterface(values, given, report);
  checkSecret(values, given, report);
  checkFleet(values, report);
  checkMetrics(values, report);
  resolvePaths(values, context, report);
  if (problems.length > 0) return { settings: null, problems: inOrder(problems) };
  // Complete: a missing value has left a problem.
  return { settings: values as Settings, problems: [] };
}

/** The settings of an empty ddns.conf. */
export function defaultSettings(context: ConfContext): Settings {
  const { settings } = validateConf({ byteOrderMark: false, lines: [] }, context);
  if (settings === null) throw new Error('the default settings contradict each other');
  return settings;
}

function checkService({ service, protocol }: Partial<Settings>, report: Report): void {
  if (service === 1 && protocol === 17)
    report('protocol', 'is UDP, but Service=1 is SOCK_STREAM: must be 0 or 6 (TCP)');
  if (service === 2 && protocol === 6)
    report('protocol', 'is TCP, but Service=2 is SOCK_DGRAM: must be 0 or 17 (UDP)');
}

function checkInterface(
  { domain, interface: text }: Partial<Settings>,
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
  { secret, secretFile }: Partial<Settings>,
  given: Given,
  report: Report,
): void {
  if (!secret || !secretFile) return;
  report(
    'secretFile',
    `is set as well as ${given.secret?.name} in line ${given.secret?.line}; keep one of the two`,
  );
}

/** Over NATS nobody sees where a server is reached. */
function checkFleet(
  { fleet, natsCredentials, advertise, interface: text }: Partial<Settings>,
  report: Report,
): void {
  if (natsCredentials && fleet === null)
    report('natsCredentials', 'is set, and Fleet is none; set Fleet=nats://host, or leave it out');
  const isWildcard = text === '0.0.0.0' || text === '::';
  if (fleet && advertise === null && isWildcard)
    report(
      'fleet',
      `needs Advertise while Interface is ${text}: the others learn from it where this name server is reached`,
    );
}

/** A port of the name server itself would look as if another process had taken it. */
function checkMetrics(
  { metrics, interface: text, port, dnsPort }: Partial<Settings>,
  report: Report,
): void {
  if (!metrics || text === undefined) return;
  const colon = metrics.lastIndexOf(':');
  const [address, own] = [
    metrics.slice(0, colon).replace(/[[\]]/g, ''),
    Number(metrics.slice(colon + 1)),
  ];
  const isSame = address === text || [address, text].some((each) => /^(0\.0\.0\.0|::)$/.test(each));
  if (!isSame || (own !== port && own !== dnsPort)) return;
  report(
    'metrics',
    `is ${own === port ? 'Port' : 'DnsPort'} itself; take another port, for example 9524`,
  );
}

function resolvePaths(values: Partial<Settings>, context: ConfContext, report: Report): void {
  const { file, platform } = context;
  if (values.database !== undefined)
    values.database = resolveBeside(file, values.database, platform);
  if (values.secretFile) values.secretFile = resolveBeside(file, values.secretFile, platform);
  if (values.natsCredentials)
    values.natsCredentials = resolveBeside(file, values.natsCredentials, platform);
  if (values.socket !== undefined) {
    values.socket = resolveBeside(file, values.socket, platform);
    const mistake = socketPathMistake(values.socket, platform);
    if (mistake !== null) report('socket', mistake);
  }
}

/** The variable of startup.dycfg. */
export const confPathName = 'DDNS_CONF_PATH';

const allowed = 'the path of ddns.conf; a relative one starts at the folder of startup.dycfg';

/** The content of startup.dycfg. */
export interface StartupResult {
  /** absolute path of ddns.conf, and the line that names it; null if no valid line does */
  conf: { file: string; line: number; name: string; value: string } | null;
  problems: ConfigurationProblem[];
}

/** Validates startup.dycfg, whose one variable names ddns.conf. */
export function readStartup(
  text: string,
  { file, platform }: { file: string; platform: NodeJS.Platform },
  encodingProblems: readonly EncodingProblem[] = [],
): StartupResult {
  const known = [{ name: confPathName, allowed }];
  const document = parseConf(text);
  const { assignments, problems } = readAssignments(document, known, file, encodingProblems);
  const given = assignments.get(confPathName);
  if (!given) {
    const message = `does not say where ddns.conf is; add a line such as ${confPathName}=ddns.conf`;
    // A line that tried and failed is already a problem.
    if (problems.length === 0)
      problems.push({ file, line: null, name: null, value: null, message });
    return { conf: null, problems };
  }
  const parsed = parseValue(path, given.value);
  if ('message' in parsed) {
    problems.push({ file, ...given, message: parsed.message });
    return { conf: null, problems: inOrder(problems) };
  }
  return { conf: { ...given, file: resolveBeside(file, parsed.value, platform) }, problems };
}

/** A value given in a file. */
export interface Assignment {
  line: number;
  /** as spelled in the file */
  name: string;
  value: string;
}

/** A name that a file may contain; `allowed` says what is missing in an empty value. */
export interface KnownName {
  name: string;
  allowed: string;
}

/** Most characters of a malformed line shown in its problem. */
const maxExcerpt = 60;

/**
 * The values given in a document, by name: each known name at most once, with a value. Unknown names,
 * repetitions, empty values and malformed lines become problems; the valid lines are returned all the same,
 * so that all mistakes are found at once.
 */
export function readAssignments(
  document: ConfDocument,
  known: readonly KnownName[],
  file: string,
  encodingProblems: readonly EncodingProblem[] = [],
): { assignments: Map<string, Assignment>; problems: ConfigurationProblem[] } {
  const assignments = new Map<string, Assignment>();
  const problems: ConfigurationProblem[] = encodingProblems.map(({ line, message }) => ({
    file,
    line,
    name: null,
    value: null,
    message,
  }));
  // One problem per line: the content of an undecodable line is not worth another.
  const unreadable = new Set(encodingProblems.map(({ line }) => line));
  for (const [index, each] of document.lines.entries()) {
    const line = index + 1;
    if (each.kind === 'silent' || unreadable.has(line)) continue;
    if (each.kind === 'malformed') {
      const message = `${excerpt(each.text)} ${each.message}`;
      problems.push({ file, line, name: null, value: null, message });
      continue;
    }
    const { name, value } = each;
    const definition = known.find((one) => one.name.toLowerCase() === name.toLowerCase());
    const earlier = definition && assignments.get(definition.name);
    const message = !definition
      ? unknownName(name, known)
      : earlier
        ? `is set twice; line ${earlier.line} already says ${earlier.name}=${shownValue(earlier.name, earlier.value)}. Keep one of the two`
        : value === ''
          ? `has no value; allowed: ${definition.allowed}`
          : null;
    if (message !== null)
      problems.push({ file, line, name, value: shownValue(name, value), message });
    if (definition && !earlier) assignments.set(definition.name, { line, name, value });
  }
  for (const [name, { value }] of assignments) if (value === '') assignments.delete(name);
  return { assignments, problems: inOrder(problems) };
}

/** Problems in the order of their lines, those of the whole file first. */
export function inOrder(problems: readonly ConfigurationProblem[]): ConfigurationProblem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function excerpt(line: string): string {
  const text = shownLine(line);
  return text.length > maxExcerpt ? `"${text.slice(0, maxExcerpt)}…"` : `"${text}"`;
}

function unknownName(name: string, known: readonly KnownName[]): string {
  const nearest = known
    .map((one) => ({ one, slips: slipsBetween(name.toLowerCase(), one.name.toLowerCase()) }))
    .filter(({ one, slips }) => slips <= maxSlips && slips < one.name.length / 2)
    .toSorted((a, b) => a.slips - b.slips)[0];
  if (nearest) return `is not a setting; did you mean ${nearest.one.name}?`;
  return `is not a setting; known: ${known.map((one) => one.name).join(', ')}`;
}
