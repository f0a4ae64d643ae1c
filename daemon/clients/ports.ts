// Where one process listens: at Port for every dialect, with datagrams if Service=2, and at DnsPort for DNS alone, over
// TCP and UDP, because resolvers ask there.
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { ConnectionManager } from './connection-manager.ts';
import { createDatagrams } from './datagram-requests.ts';
import { Datagrams } from './datagrams.ts';
import { dnsIn } from './dns-datagrams.ts';
import { Listener } from './listener.ts';

/** What is served where. */
export interface PortsOptions {
  /** of createCookieKey: native requests come in datagrams, too; null: no datagrams at Port */
  cookieKey: string | null;
  /** null: none */
  dnsPort: number | null;
}

/** The listening sockets of one process. */
export class Ports {
  private readonly usual: Listener;
  private readonly dns: Listener | null;
  private readonly dnsPort: number | null;

  constructor(manager: ConnectionManager, { cookieKey, dnsPort }: PortsOptions) {
    const datagrams = cookieKey === null ? null : createDatagrams(manager, cookieKey);
    this.usual = new Listener(manager, { datagrams, setting: 'Port' });
    this.dnsPort = dnsPort;
    const ofDns = { native: null, dns: dnsIn(manager) };
    this.dns =
      dnsPort === null
        ? null
        : new Listener(manager, {
            datagrams: new Datagrams(ofDns, manager),
            setting: 'DnsPort',
          });
  }

  /**
   * Listens at `at`, and at DnsPort of the same address; port 0 takes a free one. `isShared`: the processes of a name
   * server listen there together. Resolves with the address in use. @throws ListenError
   */
  async start(at: ListenAddress, options: { isShared?: boolean } = {}): Promise<ListenAddress> {
    const bound = await this.usual.start(at, options);
    if (this.dns === null || this.dnsPort === null) return bound;
    try {
      await this.dns.start({ address: at.address, port: this.dnsPort }, options);
    } catch (error) {
      await this.usual.close();
      throw error;
    }
    return bound;
  }

  /** Accepts nothing more and answers the requests in flight; resolves with their number. */
  async close(): Promise<number> {
    const [inFlight] = await Promise.all([this.usual.close(), this.dns?.close()]);
    return inFlight;
  }
}
