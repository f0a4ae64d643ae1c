// Who is served: the networks of Allow without those of Deny. And which of them are load balancers, that say with PROXY
// protocol who their clients are (proxy-header.ts). Changed while the process runs.
import { BlockList, isIPv6 } from 'node:net';

/** The settings about it: networks in CIDR notation, IPv4 as IPv4. */
export interface AccessLists {
  /** empty: everybody */
  allow: readonly string[];
  deny: readonly string[];
  proxies: readonly string[];
}

/** A set of networks; null for none, which most servers have: then nothing is looked up. */
type Networks = BlockList | null;

export class Access {
  private allow: Networks = null;
  private deny: Networks = null;
  private proxies: Networks = null;

  constructor(lists: AccessLists) {
    this.configure(lists);
  }

  configure({ allow, deny, proxies }: AccessLists): void {
    this.allow = networksOf(allow);
    this.deny = networksOf(deny);
    this.proxies = networksOf(proxies);
  }

  /** Whether a client at that IP address, as the system writes it, is served. */
  serves(ip: string): boolean {
    return !has(this.deny, ip) && (this.allow === null || has(this.allow, ip));
  }

  /** Whether that IP address is a load balancer's. */
  isProxy(ip: string): boolean {
    return has(this.proxies, ip);
  }
}

function networksOf(texts: readonly string[]): Networks {
  if (texts.length === 0) return null;
  const networks = new BlockList();
  for (const text of texts) {
    const [ip = '', digits] = text.split('/');
    const family = familyOf(ip);
    networks.addSubnet(ip, Number(digits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return networks;
}

/** A mapped IPv4 address (::ffff:10.0.0.1) is found by the networks of IPv4: Node sees to that. */
function has(networks: Networks, ip: string): boolean {
  return networks?.check(ip.split('%')[0] as string, familyOf(ip)) ?? false;
}

function familyOf(ip: string): 'ipv4' | 'ipv6' {
  return isIPv6(ip) ? 'ipv6' : 'ipv4';
}
