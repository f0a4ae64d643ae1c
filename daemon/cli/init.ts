// `ddnsd --init`: writes startup.dycfg and ddns.conf, with values that are given, those from a terminal, or the
// defaults. It creates missing files and never replaces one, but for a ddns.conf that a package installed without
// settings; when both exist, it fails.
import { readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseConf, unwritable } from '../../shared/config/conf-file.ts';
import {
  type ChosenValues,
  confTemplate,
  startupTemplate,
  unconfiguredText,
} from '../../shared/config/conf-template.ts';
import { givenSettings } from '../../shared/config/given-settings.ts';
import {
  findBindAddress,
  listInterfaces,
  localInterfaces,
} from '../../shared/config/interface-address.ts';
import { findConfFile } from '../../shared/config/load.ts';
import {
  type ConfigurationSource,
  checkCommand,
  defaultConfFile,
  defaultStartupFile,
} from '../../shared/config/paths.ts';
import { shownValue } from '../../shared/config/secret.ts';
import { parseValue } from '../../shared/config/setting-values.ts';
import {
  type AnyDefinition,
  defaultText,
  settingDefinitions,
} from '../../shared/config/settings.ts';
import { validateConf } from '../../shared/config/validate.ts';
import { createFileAtomically, privateMode } from '../../shared/config/write-file.ts';
import { makeFolders } from '../../shared/make-folders.ts';
import { printable } from '../../shared/output/printable.ts';
import type { NetworkInterfaces } from '../../shared/own-interfaces.ts';

/** Where `--init` runs. */
export interface InitContext {
  /** null: no terminal, the defaults are taken */
  terminal: Terminal | null;
  /** `NAME=VALUE` of the command line; with one, or one in `env`, nothing is asked */
  words?: readonly string[];
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
  interfaces?: NetworkInterfaces | null;
}

/** Nothing (more) was written; `message` ends with the next step. */
export class InitError extends Error {
  readonly code = 'init';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'InitError';
  }
}

/** What was done. */
export interface Written {
  /** line by line, for people */
  done: string[];
  /** the files of the configuration, ddns.conf first */
  files: string[];
  /** whether the ddns.conf that was written contains a secret */
  hasSecret: boolean;
}

/**
 * Writes the missing files of `source`.
 * @throws InitError; ConfigurationError for mistakes in what is given, and when an existing startup.dycfg does not
 *   name a ddns.conf; AbandonedError
 */
export async function writeConfiguration(
  source: ConfigurationSource,
  { terminal, words = [], env = {}, ...context }: InitContext,
): Promise<Written> {
  const { platform = process.platform, interfaces = localInterfaces() } = context;
  const startupFile = source.kind === 'startup' ? resolve(source.file) : null;
  const startupThere = startupFile === null || (await isThere(startupFile));
  const confFile =
    startupFile !== null && !startupThere
      ? confFor(startupFile, platform)
      : await findConfFile(source, { platform });
  const given = givenSettings(words, env, { file: confFile, platform });
  const isUnconfigured = await hasText(confFile, unconfiguredText);
  const confThere = (await isThere(confFile)) && !isUnconfigured;
  if (startupThere && confThere)
    throw new InitError(
      `${confFile} already exists, nothing was written. Edit it, then check it with: ${checkCommand(source)}   (or move it away to start over)`,
    );
  const done: string[] = [];
  let hasSecret = false;
  if (confThere) {
    done.push(`kept   ${confFile}`);
  } else {
    const isAsked = terminal !== null && Object.keys(given).length === 0;
    const chosen = isAsked
      ? await askSettings(terminal, confFile, { platform, interfaces })
      : given;
    hasSecret = chosen.secret !== undefined;
    const mode = hasSecret ? privateMode : undefined;
    if (isUnconfigured) await unlink(confFile);
    await create(confFile, confTemplate(chosen, platform), source, mode);
    done.push(`wrote  ${confFile}`);
    done.push(...noteOnInterface(chosen, confFile, { platform, interfaces }));
  }
  // After ddns.conf, so that a startup file never names a missing one.
  if (startupFile !== null && !startupThere) {
    const named = dirname(startupFile) === dirname(confFile) && !source.standard;
    const path = named ? 'ddns.conf' : confFile;
    await create(startupFile, startupTemplate(path, platform), source);
    done.push(`wrote  ${startupFile}`);
  }
  return { done, files: startupFile === null ? [confFile] : [confFile, startupFile], hasSecret };
}

/** The path of ddns.conf: the platform's default with the default startup file, otherwise the same folder. */
function confFor(startupFile: string, platform: NodeJS.Platform): string {
  return startupFile === defaultStartupFile(platform)
    ? defaultConfFile(platform)
    : join(dirname(startupFile), 'ddns.conf');
}

function noteOnInterface(
  chosen: ChosenValues,
  file: string,
  { platform, interfaces }: { platform: NodeJS.Platform; interfaces: NetworkInterfaces | null },
): string[] {
  const { settings } = validateConf(parseConf(confTemplate(chosen, platform)), { file, platform });
  if (settings === null) return [];
  const bind = findBindAddress(settings, interfaces);
  return 'message' in bind ? [`note   Interface=${settings.interface}: ${bind.message}`] : [];
}

async function create(
  file: string,
  text: string,
  source: ConfigurationSource,
  mode?: number,
): Promise<void> {
  try {
    makeFolders(dirname(file));
    await createFileAtomically(file, text, mode);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const elsewhere =
      source.standard === true ? ', or choose another path: ddnsd --init --startup FILE' : '';
    const next =
      code === 'EACCES' || code === 'EPERM'
        ? `permission denied. Run it as root${elsewhere}`
        : `${message}. Fix that and run it again${elsewhere}`;
    throw new InitError(`cannot write ${file}: ${next}`, error);
  }
}

async function hasText(file: string, text: string): Promise<boolean> {
  return readFile(file, 'utf8').then(
    (found) => found === text,
    () => false,
  );
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw new InitError(`cannot read ${file}: ${error.message}. Run it as root`, error);
    },
  );
}

/** Asks an operator. */
export interface Terminal {
  /** Resolves with the answer; null when the input has ended. */
  ask(prompt: string): Promise<string | null>;
  say(line: string): void;
}

/** The input ended before the last question; nothing was written. */
export class AbandonedError extends Error {
  readonly code = 'abandoned';

  constructor() {
    super('cancelled: nothing was written. Start again with: ddnsd --init');
    this.name = 'AbandonedError';
  }
}

interface QuestionContext {
  platform: NodeJS.Platform;
  interfaces: NetworkInterfaces | null;
}

/**
 * Asks for every setting; returns the values that differ from the defaults.
 * @throws AbandonedError
 */
export async function askSettings(
  terminal: Terminal,
  confFile: string,
  { platform, interfaces }: QuestionContext,
): Promise<ChosenValues> {
  terminal.say(`Settings for ${confFile}. Enter accepts the value in brackets, Ctrl-C cancels.`);
  const chosen: ChosenValues = {};
  for (const definition of settingDefinitions) {
    const { key, name, meaning, allowed } = definition;
    const standard = defaultText(definition, platform);
    const proposal = key === 'interface' && chosen.domain === '10' ? '::' : standard;
    terminal.say(`\n${meaning}\nAllowed: ${allowed}.`);
    if (key === 'interface' && interfaces !== null)
      terminal.say(`This machine has: ${listInterfaces(interfaces)}.`);
    for (;;) {
      const answer = await terminal.ask(`${name} [${proposal}]: `);
      if (answer === null) throw new AbandonedError();
      const value = answer.trim() || proposal;
      const mistake = mistakeIn(definition, { ...chosen, [key]: value }, value, confFile, platform);
      if (mistake === null) {
        if (value !== standard) chosen[key] = value;
        break;
      }
      const shown = shownValue(name, value);
      terminal.say(`${printable(shown, 80)}: ${printable(mistake, 4096)}`);
    }
  }
  return chosen;
}

/** A terminal on standard input and output. */
export function openTerminal(): Terminal & { close(): void } {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // A question that is open when the input ends would never settle.
  const ended = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  let open = true;
  ended.then(() => {
    open = false;
  });
  lines.on('SIGINT', () => lines.close());
  return {
    ask: (prompt) => (open ? Promise.race([lines.question(prompt), ended]) : ended),
    say: (line) => console.log(line),
    close: () => lines.close(),
  };
}

function mistakeIn(
  definition: AnyDefinition,
  chosen: ChosenValues,
  value: string,
  file: string,
  platform: NodeJS.Platform,
): string | null {
  const parsed = parseValue<unknown>(definition.schema, value);
  if ('message' in parsed) return parsed.message;
  const reason = unwritable(value);
  if (reason !== null) return reason;
  const document = parseConf(confTemplate(chosen, platform));
  const { problems } = validateConf(document, { file, platform });
  // Whether Interface fits Domain is checked with Interface.
  if (definition.key === 'domain') return null;
  return problems.find(({ name }) => name === definition.name)?.message ?? null;
}
