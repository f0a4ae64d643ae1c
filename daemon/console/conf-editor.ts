// Editing ddns.conf from consoles: previews a change, and saves it. The daemon writes the file, because an operator
// may not be allowed to. It validates first, refuses if the file has changed on disk since the preview, and
// reloads afterwards.
// Invariant: neither the value of Secret nor the contents of other files leave here, in texts, differences,
// problems or fingerprints. Saves run one after the other.
import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { applyEdits, compareSettings, type ReloadResult } from '../../shared/config/changes.ts';
import {
  type ConfDocument,
  formatConf,
  maxConfFileBytes,
  parseConf,
  tooLarge,
} from '../../shared/config/conf-file.ts';
import { compareLines } from '../../shared/config/difference.ts';
import { findBindAddress, localInterfaces } from '../../shared/config/interface-address.ts';
import {
  type CheckedConf,
  type ConfText,
  checkConf,
  readConfText,
} from '../../shared/config/load.ts';
import {
  isMaskAlone,
  maskConf,
  shownChangedLines,
  shownLines,
  unmaskConf,
} from '../../shared/config/masked-text.ts';
import { ConfigurationError, formatProblem } from '../../shared/config/problem.ts';
import { shownValue } from '../../shared/config/secret.ts';
import {
  defaultText,
  formatSetting,
  type Settings,
  settingDefinitions,
  settingNamed,
} from '../../shared/config/settings.ts';
import { validateConf } from '../../shared/config/validate.ts';
import { replaceFileAtomically } from '../../shared/config/write-file.ts';
import {
  type ConfigChange,
  type ConfigCheck,
  type ConfigProblem,
  type ConfigResult,
  type ConfigSave,
  maxDifferenceLines,
  maxSentProblems,
  type SaveResult,
} from '../../shared/ipc/config-contract.ts';
import { ipcErrors } from '../../shared/ipc/contract.ts';
import type { Logger } from '../log.ts';
import type { LiveSettings } from './live-settings.ts';
import { ServiceError } from './service.ts';

/** Characters shown of a line in a difference; longer lines are not settings. */
const maxShownLine = 4096;

interface Reading extends ConfText {
  document: ConfDocument;
  fingerprint: string;
}

interface Checked {
  document: ConfDocument;
  conf: CheckedConf;
  problems: ConfigProblem[];
}

/** The requests about ddns.conf of all consoles. */
export class ConfEditor {
  private readonly live: LiveSettings;
  private readonly log: Logger;
  /** known to this process only, so that nobody can try secrets against a fingerprint */
  private readonly key = randomBytes(32);
  private saving: Promise<unknown> = Promise.resolve();

  constructor({ live, log }: { live: LiveSettings; log: Logger }) {
    this.live = live;
    this.log = log;
  }

  /** The file with its secrets masked, its problems, and every setting. */
  async config(): Promise<ConfigResult> {
    const { file } = this.live.status;
    const unwritable = await whyUnwritable(file);
    try {
      const reading = await this.read();
      const conf = await this.checkDocument(reading.document, reading);
      const problems = conf.problems.map(sentProblem).slice(0, maxSentProblems);
      const settings = this.describe(conf.settings);
      const { document, fingerprint } = reading;
      return { file, text: maskConf(document), fingerprint, settings, problems, unwritable };
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const problems = error.problems.map(sentProblem).slice(0, maxSentProblems);
      const settings = this.describe(null);
      return { file, text: null, fingerprint: null, settings, problems, unwritable };
    }
  }

  /** Previews a change. @throws ServiceError when ddns.conf cannot be read as text */
  async check(change: ConfigChange): Promise<ConfigCheck> {
    const reading = await this.readForChange();
    const { document, conf, problems } = await this.apply(change, reading);
    const difference = differenceOf(reading.document, document);
    const { changed, waiting } = this.compare(conf.settings);
    return {
      fingerprint: reading.fingerprint,
      problems,
      difference: difference.slice(0, maxDifferenceLines),
      differenceCut: Math.max(0, difference.length - maxDifferenceLines),
      changed,
      waiting,
      warnings: [...conf.warnings, ...this.warningsOf(conf.settings)],
    };
  }

  /** Saves a change, unless the file was changed on disk. @throws ServiceError when it cannot be read or written */
  save(params: ConfigSave): Promise<SaveResult> {
    const result = this.saving.then(() => this.saveNow(params));
    this.saving = result.catch(() => {});
    return result;
  }

  /** Reloads ddns.conf. @throws ServiceError with every mistake */
  async reload(): Promise<ReloadResult> {
    try {
      return await this.live.reload();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new ServiceError(ipcErrors.badConfiguration, error.message, error);
    }
  }

  private async saveNow({ fingerprint, ...change }: ConfigSave): Promise<SaveResult> {
    const { file } = this.live.status;
    const reading = await this.readForChange();
    if (reading.fingerprint !== fingerprint)
      return { outcome: 'conflict', config: await this.config() };
    const { document, conf, problems } = await this.apply(change, reading);
    if (problems.length > 0) return { outcome: 'refused', problems };
    const text = formatConf(document);
    if (text === reading.text) return { outcome: 'unchanged', config: await this.config() };
    const isExpected = () =>
      this.read().then(
        (now) => now.fingerprint === fingerprint,
        () => false,
      );
    const warnings = [...conf.warnings, ...this.warningsOf(conf.settings)];
    const replaced = await replaceFileAtomically(file, { text, isExpected }).catch(
      async (error: NodeJS.ErrnoException) => {
        const reason = explainWrite(error, await folderOf(file));
        throw new ServiceError(ipcErrors.notWritten, `${file} was not saved: ${reason}`, error);
      },
    );
    if (replaced === null) return { outcome: 'conflict', config: await this.config() };
    const { backup, isInPlace } = replaced;
    this.log.info(`${file} saved by an operator; the former file is ${backup}`);
    if (isInPlace) {
      const warning = `${file} is mounted as a single file and was overwritten in place, which is not safe against a power failure; mount its folder instead`;
      this.log.warn(warning);
      warnings.push(warning);
    }
    const reloaded = await this.reload();
    return { outcome: 'saved', backup, warnings, config: await this.config(), ...reloaded };
  }

  /** @throws ConfigurationError when the file cannot be read, or is not text */
  private async read(): Promise<Reading> {
    const { file } = this.live.status;
    const reading = await readConfText(file);
    if (reading.problems.length > 0)
      throw new ConfigurationError(
        reading.problems.map((each) => ({ file, name: null, value: null, ...each })),
      );
    const { text } = reading;
    const fingerprint = createHmac('sha256', this.key).update(text).digest('base64url');
    return { ...reading, document: parseConf(text), fingerprint };
  }

  private async readForChange(): Promise<Reading> {
    try {
      return await this.read();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const [problem] = error.problems;
      const message = `${problem ? formatProblem(problem) : error.message}. It cannot be edited here until that is fixed`;
      throw new ServiceError(ipcErrors.badConfiguration, message, error);
    }
  }

  private async apply({ edits, text }: ConfigChange, reading: Reading): Promise<Checked> {
    const edited =
      text === undefined
        ? applyEdits(reading.document, edits ?? [])
        : { document: unmaskConf(text, reading.document), problems: [] };
    const { document } = edited;
    const conf = await this.checkDocument(document, reading);
    const masks = maskProblems(document);
    const problems = [
      ...wholeProblems(formatConf(document)),
      ...edited.problems.map((problem) => ({ ...problem, line: null })),
      ...masks,
      // Other problems of a masked line follow from the mask.
      ...conf.problems.filter(({ line }) => !masks.some((mask) => mask.line === line)),
    ];
    return { document, conf, problems: problems.slice(0, maxSentProblems).map(sentProblem) };
  }

  private checkDocument(document: ConfDocument, reading: Reading): Promise<CheckedConf> {
    const context = { file: this.live.status.file, platform: process.platform };
    const { settings } = validateConf(reading.document, context);
    const named = [settings?.secretFile, this.live.inForce.secretFile];
    const knownSecretFiles = named.filter((each) => typeof each === 'string');
    return checkConf(document, { ...context, mode: reading.mode, knownSecretFiles });
  }

  private compare(settings: Settings | null): ReloadResult {
    if (settings === null) return { changed: [], waiting: [] };
    const { changed, waiting } = compareSettings(this.live.inForce, settings);
    return { changed, waiting };
  }

  private describe(next: Settings | null): ConfigResult['settings'] {
    const { inForce } = this.live;
    const { changed, waiting } = this.compare(next);
    const later = new Map([...changed, ...waiting].map(({ name, to }) => [name, to]));
    return settingDefinitions.map((definition) => {
      const { name, key, allowed, meaning, applies } = definition;
      const value = formatSetting(inForce, key);
      const standard = defaultText(definition, process.platform);
      const described = { name, value, default: standard, allowed, meaning, applies };
      return { ...described, waiting: later.get(name) ?? null };
    });
  }

  /** A missing address is only a warning: the machine may get it later. */
  private warningsOf(settings: Settings | null): string[] {
    const { inForce } = this.live;
    if (settings === null) return [];
    if (settings.interface === inForce.interface && settings.domain === inForce.domain) return [];
    const bind = findBindAddress(settings, localInterfaces());
    return 'message' in bind ? [`Interface=${settings.interface}: ${bind.message}`] : [];
  }
}

function differenceOf(before: ConfDocument, after: ConfDocument): ConfigCheck['difference'] {
  const compared = ({ lines }: ConfDocument, shown: readonly string[]) =>
    lines.map(({ text, ending }, index) => ({
      text: text + ending,
      shown: (shown[index] ?? '').slice(0, maxShownLine),
    }));
  return compareLines(
    compared(before, shownLines(before)),
    compared(after, shownChangedLines(after, before)),
  );
}

interface Problem extends Pick<ConfigProblem, 'line' | 'name' | 'value' | 'message'> {}

function wholeProblems(text: string): Problem[] {
  const whole = { line: null, name: null, value: null };
  const bytes = Buffer.from(text);
  if (bytes.length > maxConfFileBytes) return [{ ...whole, ...tooLarge(bytes.length) }];
  // A lone surrogate cannot be encoded.
  return bytes.toString() === text ? [] : [{ ...whole, message: 'is not Unicode text' }];
}

function maskProblems({ lines }: ConfDocument): Problem[] {
  return lines.flatMap((line, index) => {
    if (line.kind !== 'setting' || !isMaskAlone(line)) return [];
    const { name, value } = line;
    const message =
      'masks a value that ddns.conf does not have; write the value, or remove the line';
    return [{ line: index + 1, name, value: shownValue(name, value), message }];
  });
}

function sentProblem({ line, name, value, message }: Problem): ConfigProblem {
  const definition = name === null ? undefined : settingNamed(name);
  return { line, name, value, message, allowed: definition?.allowed ?? null };
}

async function whyUnwritable(file: string): Promise<string | null> {
  const folder = await folderOf(file);
  try {
    await access(folder, constants.W_OK);
    return null;
  } catch (error) {
    return explainWrite(error as NodeJS.ErrnoException, folder);
  }
}

/** The folder of the file that `file`, perhaps a link, leads to. */
async function folderOf(file: string): Promise<string> {
  return dirname(await realpath(file).catch(() => file));
}

function explainWrite({ code, message }: NodeJS.ErrnoException, folder: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `the user of ddnsd may not write to ${folder}; change its owner (chown), or edit the file as root and reload`;
    case 'EROFS':
      return `${folder} is read-only for ddnsd; with systemd, add it to ReadWritePaths, or edit the file as root and reload`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `no space left in ${folder}; free some and save again`;
    default:
      return message;
  }
}
