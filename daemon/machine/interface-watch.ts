// Watches whether this machine still has the address that the name server listens on. When an interface gets another
// one (DHCP, a new network) or its link goes down, the listener stays at the old address, unreachable and without an
// error.
import type { SettingChange } from '../../shared/config/changes.ts';
import { findBindAddress } from '../../shared/config/interface-address.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { NetworkInterfaces } from '../../shared/own-interfaces.ts';
import type { Logger } from '../log.ts';

/** Looks in a row that must agree: renewing a lease removes the address for a moment. */
const looksToBelieve = 2;

export interface InterfaceWatchOptions {
  settings: Pick<Settings, 'interface' | 'domain'>;
  /** the address listened on */
  bindAddress: string;
  /** null: the system does not tell now */
  interfaces: () => NetworkInterfaces | null;
  log: Logger;
}

/** The watch of one address. */
export class InterfaceWatch {
  /** Node leaves out the addresses of an interface whose link is down, too. */
  isLost = false;
  /** what a restart would change; null: nothing */
  change: SettingChange | null = null;
  private readonly options: InterfaceWatchOptions;
  private seen: string | null = null;
  private looks = 0;

  constructor(options: InterfaceWatchOptions) {
    this.options = options;
  }

  /** Checks the address; to be called once a second. */
  look(): void {
    const { settings, bindAddress, interfaces, log } = this.options;
    const present = interfaces();
    if (present === null) return;
    const now = this.addressAmong(present);
    this.looks = now === this.seen ? this.looks + 1 : 1;
    this.seen = now;
    if (this.looks !== looksToBelieve) return;
    if (now === bindAddress) {
      if (this.isLost) log.info(`this machine has its listening address ${bindAddress} again`);
      this.isLost = false;
      this.change = null;
      return;
    }
    const lost = `no link that is up has ${bindAddress}, the address this name server listens on: it cannot be reached`;
    if (now === null)
      log.warn(
        `${lost}; bring back the link or the address, or set another Interface and restart ddnsd`,
      );
    else
      log.warn(
        `${lost}. Interface ${settings.interface} now has ${now}; restart ddnsd to listen there`,
      );
    this.isLost = true;
    this.change = now === null ? null : { name: 'Interface', from: bindAddress, to: now };
  }

  /** The address that a name server started now would listen on; null: none. */
  private addressAmong(present: NetworkInterfaces): string | null {
    const { settings, bindAddress } = this.options;
    const { domain } = settings;
    const own = findBindAddress({ interface: bindAddress, domain }, present);
    if ('address' in own) return bindAddress;
    const found = findBindAddress(settings, present);
    return 'address' in found ? found.address : null;
  }
}
