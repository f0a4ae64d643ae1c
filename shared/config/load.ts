// Loads the configuration from disk: startup.dycfg, the ddns.conf that it names, and the validated settings.
// All mistakes in both files are reported at once. Nothing is written.
import { resolve } from 'node:path';
import {
  type ConfDocument,
  decodeConf,
  type EncodingProblem,
  findSettings,
  maxConfFileBytes,
  parseConf,
  tooLarge,
} from './conf-file.ts';
import { unconfiguredText } from './conf-template.ts';
import { type ConfigurationSource, initCommand } from './paths.ts';
import { ConfigurationError, type ConfigurationProblem } from './problem.ts';
import { readRegularFile } from './read-file.ts';
import { maxSecretLength, minSecretLength, openToAll, readSecretFile } from './secret.ts';
import { type Settings, settingDefinition } from './settings.ts';
import { type ConfContext, readStartup, type StartupResult, validateConf } from './validate.ts';

/** A loaded configuration. */
export interface Configuration {
  settings: Settings;
  /** absolute path of ddns.conf */
  confFile: string;
  /** absolute path of startup.dycfg; null if ddns.conf was named directly */
  startupFile: string | null;
  /** ddns.conf as it is on disk, for editing */
  document: ConfDocument;
  /** usable, but should be changed; for people */
  warnings: readonly string[];
}

/** How to load. */
export interface LoadContext {
  platform?: NodeJS.Platform;
  /** whether to leave SecretFile unread: for a program that needs no secret and may not read the file */
  withoutSecret?: boolean;
}

/** What a problem with reading a file is reported for: the file itself, or the line that names it. */
type Blame = Omit<ConfigurationProblem, 'message'>;

/** The text of a file, incomplete if there are problems, and the file's mode bits. */
export interface ConfText {
  text: string;
  problems: EncodingProblem[];
  mode: number;
}

type Reading = ConfText | { unreadable: string };

/** The settings of a ddns.conf, or its problems. */
export type CheckedConf =
  | { settings: Settings; problems: []; warnings: readonly string[] }
  | { settings: null; problems: ConfigurationProblem[]; warnings: readonly string[] };

/** Loads a configuration. @throws ConfigurationError with all problems of both files */
export async function loadConfiguration(
  source: ConfigurationSource,
  { platform = process.platform, withoutSecret = false }: LoadContext = {},
): Promise<Configuration> {
  const file = resolve(source.file);
  const itself: Blame = { file, line: null, name: null, value: null };
  const startup =
    source.kind === 'startup' ? await loadStartup(file, itself, source, platform) : null;
  const named = startup?.conf;
  const confFile = startup ? named?.file : file;
  const blame = named ? { ...named, file } : itself;
  const loading = { source, platform, withoutSecret };
  const conf = confFile ? await loadConf(confFile, blame, loading) : null;
  const problems = [...(startup?.problems ?? []), ...(conf?.problems ?? [])];
  if (!confFile || !conf?.settings || problems.length > 0) throw new ConfigurationError(problems);
  const { settings, document, warnings } = conf;
  return { settings, confFile, startupFile: startup ? file : null, document, warnings };
}

/** How to check a ddns.conf. */
export interface CheckContext extends ConfContext {
  /** mode bits of ddns.conf: may everybody read a secret in it? */
  mode: number;
  withoutSecret?: boolean;
  /**
   * Absolute paths of the secret files whose problems may be reported in detail; default: all. A console that
   * names any other file would learn, with the daemon's rights, whether it exists and how long it is.
   */
  knownSecretFiles?: readonly string[];
}

/** Validates a ddns.conf and reads the file that SecretFile names. */
export async function checkConf(
  document: ConfDocument,
  context: CheckContext,
  encodingProblems: readonly EncodingProblem[] = [],
): Promise<CheckedConf> {
  const { file, mode, withoutSecret = false, knownSecretFiles } = context;
  const { settings, problems } = validateConf(document, context, encodingProblems);
  if (settings === null) return { settings, problems, warnings: [] };
  const reading =
    settings.secretFile === null || withoutSecret
      ? null
      : await readSecretFile(settings.secretFile);
  if (reading?.secret === null) {
    const isKnown = knownSecretFiles?.includes(settings.secretFile ?? '') ?? true;
    const message = isKnown ? reading.message : unusableSecretFile;
    const problem = secretProblem(document, file, message);
    return { settings: null, problems: [problem], warnings: [] };
  }
  const secret = reading?.secret ?? settings.secret;
  const inItself = settings.secret === null ? null : await openToAll(file, mode);
  const isOpenFleet = settings.fleet !== null && secret === null && !withoutSecret;
  const warnings = [reading?.warning ?? inItself, isOpenFleet ? openFleet : null];
  return {
    settings: { ...settings, secret },
    problems: [],
    warnings: warnings.filter((warning) => warning !== null),
  };
}

const openFleet =
  'Fleet is set without a Secret: whoever reaches NATS reads what the name servers send, and can be one of them; set the same Secret in ddns.conf of every name server';

const unusableSecretFile = `is not a usable secret file; name a file with one line, or two, of ${minSecretLength} to ${maxSecretLength} characters that the user of ddnsd can read. Once it is set in ddns.conf, ddnsd --check reports what is wrong`;

/** Reads the ddns.conf `file`. @throws ConfigurationError if it cannot be read */
export async function readConfText(file: string): Promise<ConfText> {
  const reading = await readConfFile(file, true, { kind: 'conf', file });
  if (!('unreadable' in reading)) return reading;
  const message = reading.unreadable;
  throw new ConfigurationError([{ file, line: null, name: null, value: null, message }]);
}

/** A problem with the secret file, reported for the line that names it. */
function secretProblem(
  document: ConfDocument,
  file: string,
  message: string,
): ConfigurationProblem {
  const [found] = findSettings(document, settingDefinition('secretFile').name);
  const { line, setting } = found ?? { line: null, setting: null };
  const [name, value] = [setting?.name ?? null, setting?.value ?? null];
  return { file, line, name, value, message };
}

/**
 * Absolute path of the ddns.conf that `source` leads to, whether it exists or not.
 * @throws ConfigurationError if the startup file is missing or does not name one
 */
export async function findConfFile(
  source: ConfigurationSource,
  { platform = process.platform }: LoadContext = {},
): Promise<string> {
  const file = resolve(source.file);
  if (source.kind === 'conf') return file;
  const itself: Blame = { file, line: null, name: null, value: null };
  const { conf, problems } = await loadStartup(file, itself, source, platform);
  if (conf === null) throw new ConfigurationError(problems);
  return conf.file;
}

async function loadStartup(
  file: string,
  blame: Blame,
  source: ConfigurationSource,
  platform: NodeJS.Platform,
): Promise<StartupResult> {
  const reading = await readConfFile(file, blame.file === file, source);
  if ('unreadable' in reading)
    return { conf: null, problems: [{ ...blame, message: reading.unreadable }] };
  return readStartup(reading.text, { file, platform }, reading.problems);
}

async function loadConf(
  file: string,
  blame: Blame,
  loading: { source: ConfigurationSource; platform: NodeJS.Platform; withoutSecret: boolean },
): Promise<CheckedConf & { document: ConfDocument }> {
  const reading = await readConfFile(file, blame.file === file, loading.source);
  if ('unreadable' in reading) {
    const problems = [{ ...blame, message: reading.unreadable }];
    return { settings: null, problems, warnings: [], document: parseConf('') };
  }
  const document = parseConf(reading.text);
  if (reading.text === unconfiguredText) {
    const message = `has no settings yet. Write them with: ${initCommand(loading.source)}`;
    const problem = { file, line: null, name: null, value: null, message };
    return { settings: null, problems: [problem], warnings: [], document };
  }
  const context = { ...loading, file, mode: reading.mode };
  return { ...(await checkConf(document, context, reading.problems)), document };
}

/** Reads a configuration file, never more than `maxConfFileBytes`. */
async function readConfFile(
  file: string,
  blamed: boolean,
  source: ConfigurationSource,
): Promise<Reading> {
  // A problem reported for the line that names the file has to say which file it is about.
  const what = blamed ? '' : `${file} `;
  try {
    const read = await readRegularFile(file, maxConfFileBytes);
    if (read === null) return { unreadable: `${what}is not a regular file` };
    const { bytes, size, mode } = read;
    if (size > maxConfFileBytes) return { text: '', problems: [tooLarge(size)], mode };
    return { ...decodeConf(bytes), mode };
  } catch (error) {
    return { unreadable: what + explain(error as NodeJS.ErrnoException, source) };
  }
}

function explain(error: NodeJS.ErrnoException, source: ConfigurationSource): string {
  switch (error.code) {
    case 'ENOENT':
      return `does not exist. Write it with: ${initCommand(source)}   or keep everything in a folder of your own: ddnsd --data DIR`;
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read by this user. Run ddnsd as its own user, or as root';
    default:
      return `cannot be read: ${error.message}`;
  }
}
