// Whether this machine still has the address that the name server listens on. An interface that gets another one
// (DHCP, a new network) leaves a listener at the old address, which nobody reaches and nothing reports.
import type { SettingChange } from '../../shared/config/changes.ts';
import { findBindAddress, type NetworkInterfaces } from '../../shared/config/interface-address.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Logger } from '../log.ts';

/** Looks in a row that must agree: a lease that is renewed takes the address away for a moment. */
const looksToBelieve = 2;

export interface InterfaceWatchOptions {
  settings: Pick<Settings, 'interface' | 'domain'>;
  /** the address listened on */
  bindAddress: string;
  interfaces: () => NetworkInterfaces;
  log: Logger;
}

export class InterfaceWatch {
  /** What a restart would change; null: nothing. */
  change: SettingChange | null = null;
  private readonly options: InterfaceWatchOptions;
  private seen: string | null = null;
  private looks = 0;

  constructor(options: InterfaceWatchOptions) {
    this.options = options;
  }

  /** To be called once a second. */
  look(): void {
    const { settings, bindAddress, log } = this.options;
    const now = this.addressNow();
    this.looks = now === this.seen ? this.looks + 1 : 1;
    this.seen = now;
    if (this.looks !== looksToBelieve) return;
    if (now === bindAddress) {
      if (this.change !== null)
        log.info(`this machine has ${bindAddress} again, the address listened on`);
      this.change = null;
      return;
    }
    const lost = `this machine does not have ${bindAddress} any more, on which this name server listens, so that nobody reaches it`;
    if (now === null)
      log.warn(`${lost}; give the address back, or set Interface to another one and restart ddnsd`);
    else
      log.warn(
        `${lost}: Interface ${settings.interface} has ${now} now; restart ddnsd to listen there`,
      );
    this.change = { name: 'Interface', from: bindAddress, to: now ?? 'an address that is here' };
  }

  /** What a name server that starts now would listen on; null: it could not. */
  private addressNow(): string | null {
    const { settings, bindAddress, interfaces } = this.options;
    const present = interfaces();
    const { domain } = settings;
    const own = findBindAddress({ interface: bindAddress, domain }, present);
    if ('address' in own) return bindAddress;
    const found = findBindAddress(settings, present);
    return 'address' in found ? found.address : null;
  }
}
