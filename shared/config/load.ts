// Reads the configuration from disk: startup.dycfg, the ddns.conf it names, and the checked
// settings. Everything that is wrong in either file is reported at once. Nothing is written.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
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
import { type ConfigurationSource, initCommand } from './paths.ts';
import { ConfigurationError, type ConfigurationProblem } from './problem.ts';
import { maxSecretLength, minSecretLength, openToAll, readSecretFile } from './secret.ts';
import { type Settings, settingDefinition } from './settings.ts';
import { type ConfContext, readStartup, type StartupResult, validateConf } from './validate.ts';

export interface Configuration {
  settings: Settings;
  /** absolute path of ddns.conf */
  confFile: string;
  /** absolute path of startup.dycfg; null when ddns.conf was named directly */
  startupFile: string | null;
  /** ddns.conf as it stands on disk, for editing */
  document: ConfDocument;
  /** what should be changed, though it can be worked with; for people */
  warnings: readonly string[];
}

export interface LoadContext {
  platform?: NodeJS.Platform;
  /** Leaves SecretFile unread: for whoever needs no secret, and may not be allowed to read it. */
  withoutSecret?: boolean;
}

/** What to blame when a file cannot be read: the file itself, or the line that names it. */
type Blame = Omit<ConfigurationProblem, 'message'>;

/** The text of a file; with problems it is not all of it. `mode` says who may read the file. */
export interface ConfText {
  text: string;
  problems: EncodingProblem[];
  mode: number;
}

type Reading = ConfText | { unreadable: string };

export type CheckedConf =
  | { settings: Settings; problems: []; warnings: readonly string[] }
  | { settings: null; problems: ConfigurationProblem[]; warnings: readonly string[] };

/** @throws ConfigurationError with every problem of both files */
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

export interface CheckContext extends ConfContext {
  /** mode of the ddns.conf, which says whether a secret in it can be read by everybody */
  mode: number;
  withoutSecret?: boolean;
  /**
   * The files (absolute) of which may be said why they hold no secret; any when left out. Whoever asks
   * about others would learn what is there and how long it is, with the rights of the daemon.
   */
  knownSecretFiles?: readonly string[];
}

/** The settings of a ddns.conf: its values checked, and the file that SecretFile names read. */
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
  const warning = reading?.warning ?? inItself;
  return {
    settings: { ...settings, secret },
    problems: [],
    warnings: warning === null ? [] : [warning],
  };
}

const unusableSecretFile = `is not a usable secret file; name a file with one line of ${minSecretLength} to ${maxSecretLength} characters that the user of ddnsd can read. Once it is set in ddns.conf, ddnsd --check reports what is wrong`;

/** The text of the ddns.conf `file`. @throws ConfigurationError when it cannot be read */
export async function readConfText(file: string): Promise<ConfText> {
  const reading = await readConfFile(file, true, { kind: 'conf', file });
  if (!('unreadable' in reading)) return reading;
  const message = reading.unreadable;
  throw new ConfigurationError([{ file, line: null, name: null, value: null, message }]);
}

/** The line that names the file is to blame. */
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
 * @throws ConfigurationError when the startup file is missing or does not name one
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
  const context = { ...loading, file, mode: reading.mode };
  return { ...(await checkConf(document, context, reading.problems)), document };
}

/** Reads at most what a configuration file may have, whatever `file` turns out to be. */
async function readConfFile(
  file: string,
  blamed: boolean,
  source: ConfigurationSource,
): Promise<Reading> {
  // A problem that is reported for the line which names the file says which file that is.
  const what = blamed ? '' : `${file} `;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await handle.stat();
      const { mode } = stat;
      if (!stat.isFile()) return { unreadable: `${what}is not a regular file` };
      if (stat.size > maxConfFileBytes) return { text: '', problems: [tooLarge(stat.size)], mode };
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(stat.size), 0, stat.size, 0);
      return { ...decodeConf(buffer.subarray(0, bytesRead)), mode };
    } finally {
      await handle.close();
    }
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
