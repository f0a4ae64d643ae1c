// The settings in force, and reading ddns.conf again: what counts at once is applied, what needs a
// restart is remembered and named. Whoever asks, a signal or a console, the log tells what changed.
// A ddns.conf with mistakes changes nothing. That the machine lost the address listened on waits for a restart, too.
import { networkInterfaces } from 'node:os';
import {
  compareSettings,
  type ReloadResult,
  type SettingChange,
} from '../../shared/config/changes.ts';
import type { NetworkInterfaces } from '../../shared/config/interface-address.ts';
import type { Configuration } from '../../shared/config/load.ts';
import { ConfigurationError } from '../../shared/config/problem.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Status } from '../../shared/ipc/status-contract.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { Logger } from '../log.ts';
import { InterfaceWatch } from '../machine/interface-watch.ts';

export class LiveSettings {
  inForce: Settings;
  status: Status['config'];
  private readonly read: () => Promise<Configuration> | Configuration;
  private readonly log: Logger;
  private readonly apply: (settings: Settings) => void;
  private readonly interfaceWatch: InterfaceWatch;
  private reloading: Promise<unknown> = Promise.resolve();
  /** by name, in ddns.conf as it was last read */
  private waiting: readonly string[] = [];

  /** `apply` puts changed settings into force; it is called after every successful reload. */
  constructor(options: {
    settings: Settings;
    confFile: string;
    reload: () => Promise<Configuration> | Configuration;
    log: Logger;
    apply: (settings: Settings) => void;
    /** the address listened on */
    bindAddress: string;
    /** those of the machine; the system's unless a test has its own */
    interfaces?: () => NetworkInterfaces;
  }) {
    const { interfaces = networkInterfaces } = options;
    this.interfaceWatch = new InterfaceWatch({ ...options, interfaces });
    this.inForce = options.settings;
    this.status = { file: options.confFile, readAt: wallNow(), restartNeeded: [] };
    this.read = options.reload;
    this.log = options.log;
    this.apply = options.apply;
  }

  /**
   * One after the other: of two that read at once, the one that began first could end last, with what was in
   * the file before. @throws ConfigurationError with every mistake; the settings from before stay in force then
   */
  reload(): Promise<ReloadResult> {
    const reloading = this.reloading.then(() => this.readAgain());
    this.reloading = reloading.catch(() => {});
    return reloading;
  }

  private async readAgain(): Promise<ReloadResult> {
    const { file } = this.status;
    const next = await this.readOrLog(file);
    const { changed, waiting, inForce } = compareSettings(this.inForce, next.settings);
    const moved = this.interfaceWatch.change;
    if (moved !== null && !waiting.some(({ name }) => name === moved.name)) waiting.push(moved);
    this.inForce = inForce;
    this.apply(inForce);
    this.waiting = waiting.map((change) => change.name).filter((name) => name !== moved?.name);
    this.status = { file, readAt: wallNow(), restartNeeded: this.restartNeeded };
    for (const warning of next.warnings) this.log.warn(warning);
    if (changed.length + waiting.length === 0) this.log.info(`${file} read again: nothing changed`);
    for (const change of changed) this.log.info(`${describe(change)}, in force now`);
    for (const change of waiting) this.log.warn(`${describe(change)}, waits for a restart`);
    return { changed, waiting };
  }

  /** Looks whether the machine still has the address listened on; to be called once a second. */
  look(): void {
    const before = this.interfaceWatch.change;
    this.interfaceWatch.look();
    if (this.interfaceWatch.change === before) return;
    this.status = { ...this.status, restartNeeded: this.restartNeeded };
  }

  private get restartNeeded(): string[] {
    const { change } = this.interfaceWatch;
    return [...new Set([...this.waiting, ...(change === null ? [] : [change.name])])];
  }

  /**
   * A file that an editor has just begun to write, or could not write on a full disk, is empty: its settings
   * would all be the defaults from now on. @throws ConfigurationError
   */
  private refuseEmptied(file: string, { document, settings }: Configuration): void {
    if (document.lines.some(({ kind }) => kind !== 'silent')) return;
    const { changed, waiting } = compareSettings(this.inForce, settings);
    if (changed.length + waiting.length === 0) return;
    const message =
      'has no settings any more: it was emptied, or is being written; reload when it is whole (only a restart goes back to the defaults)';
    throw new ConfigurationError([{ file, line: null, name: null, value: null, message }]);
  }

  private async readOrLog(file: string): Promise<Configuration> {
    try {
      const next = await this.read();
      this.refuseEmptied(file, next);
      return next;
    } catch (error) {
      if (error instanceof ConfigurationError) {
        for (const line of error.message.split('\n')) this.log.error(line);
        this.log.error(`${file} read again: not used, the settings from before stay in force`);
      }
      throw error;
    }
  }
}

function describe({ name, from, to }: SettingChange): string {
  return `${name} changes from ${from} to ${to}`;
}
