// The settings in force, and reloading ddns.conf: live settings are applied at once, others wait for a restart and
// are named. Every reload, by signal or console, is logged with its changes. A ddns.conf with mistakes changes
// nothing. Another address of Interface than the one listened on also waits for a restart.
import {
  compareSettings,
  type ReloadResult,
  type SettingChange,
} from '../../shared/config/changes.ts';
import type { Configuration } from '../../shared/config/load.ts';
import { ConfigurationError } from '../../shared/config/problem.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Status } from '../../shared/ipc/status-contract.ts';
import { type NetworkInterfaces, ownInterfaces } from '../../shared/own-interfaces.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { Logger } from '../log.ts';
import { InterfaceWatch } from '../machine/interface-watch.ts';

/** The settings of a running name server. */
export class LiveSettings {
  inForce: Settings;
  status: Status['config'];
  private readonly read: () => Promise<Configuration> | Configuration;
  private readonly log: Logger;
  private readonly apply: (settings: Settings) => void;
  private readonly interfaceWatch: InterfaceWatch;
  private reloading: Promise<unknown> = Promise.resolve();
  /** names of settings in ddns.conf that wait for a restart */
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
    /** instead of the machine's interfaces */
    interfaces?: () => NetworkInterfaces;
  }) {
    const { interfaces = ownInterfaces } = options;
    this.interfaceWatch = new InterfaceWatch({ ...options, interfaces });
    this.inForce = options.settings;
    this.status = { file: options.confFile, readAt: wallNow(), restartNeeded: [] };
    this.read = options.reload;
    this.log = options.log;
    this.apply = options.apply;
  }

  /**
   * Reads ddns.conf again. Reloads run one after the other, so that an older text of the file never wins.
   * @throws ConfigurationError with every mistake; the former settings stay in force then
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
    if (changed.length + waiting.length === 0) this.log.info(`${file} reloaded: no changes`);
    for (const change of changed) this.log.info(`${describe(change)}: in force now`);
    for (const change of waiting) this.log.warn(`${describe(change)}: waits for a restart`);
    return { changed, waiting };
  }

  /** Checks whether the machine still has the address of Interface; to be called once a second. */
  look(): void {
    const before = this.interfaceWatch.change;
    this.interfaceWatch.look();
    if (this.interfaceWatch.change === before) return;
    this.status = { ...this.status, restartNeeded: this.restartNeeded };
  }

  /** Whether this machine is without the address listened on. */
  get isAddressLost(): boolean {
    return this.interfaceWatch.isLost;
  }

  private get restartNeeded(): string[] {
    const { change } = this.interfaceWatch;
    return [...new Set([...this.waiting, ...(change === null ? [] : [change.name])])];
  }

  /**
   * Refuses a file without settings when that would change any: an editor is about to write it, or could not on a
   * full disk. @throws ConfigurationError
   */
  private refuseEmptied(file: string, { document, settings }: Configuration): void {
    if (document.lines.some(({ kind }) => kind !== 'silent')) return;
    const { changed, waiting } = compareSettings(this.inForce, settings);
    if (changed.length + waiting.length === 0) return;
    const message =
      'has no settings: the file was emptied or is being written; reload once it is complete (only a restart returns to the defaults)';
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
        this.log.error(`${file} not reloaded: the former settings stay in force`);
      }
      throw error;
    }
  }
}

function describe({ name, from, to }: SettingChange): string {
  return `${name} changed from ${from} to ${to}`;
}
