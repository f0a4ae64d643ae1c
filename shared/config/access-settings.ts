// The settings about who is served, and how many may come: a part of the table in settings.ts.
import type { Definitions } from './setting-types.ts';
import { listOrNone, networksOrNone, wholeNumber } from './setting-values.ts';

const networks = {
  default: 'none',
  allowed: 'none, or networks as ip or ip/bits with commas between them, at most 250',
  applies: 'live',
  schema: networksOrNone,
  format: listOrNone,
} as const;

export const accessDefinitions: Pick<
  Definitions,
  'newHostsPerSource' | 'newHostsPerNetwork' | 'allow' | 'deny' | 'proxies'
> = {
  newHostsPerSource: {
    name: 'NewHostsPerSource',
    key: 'newHostsPerSource',
    default: '512',
    allowed: '16 to 16000000',
    applies: 'live',
    meaning:
      'Hosts a minute that may register anew from one IPv4 address or IPv6 /64; further ones are told to come back (busy). Hosts that are known already, and this machine itself, do not count.',
    tradeOff:
      'Bounds how fast one machine can fill the registry and make the name servers ping. Carriers put up to 512 customers behind one address: all of their nodes may start in the same minute. With a smaller value the nodes behind a large NAT need some minutes after an outage.',
    schema: wholeNumber(16, 16_000_000),
    format: String,
  },
  newHostsPerNetwork: {
    name: 'NewHostsPerNetwork',
    key: 'newHostsPerNetwork',
    default: '4096',
    allowed: '16 to 16000000',
    applies: 'live',
    meaning: 'The same for the addresses of one network, an IPv4 /24 or an IPv6 /48, together.',
    tradeOff:
      'Whoever rents a whole network has as many sources as addresses. 4096 are sixteen nodes for each address of a /24.',
    schema: wholeNumber(16, 16_000_000),
    format: String,
  },
  allow: {
    name: 'Allow',
    key: 'allow',
    ...networks,
    meaning:
      'Networks that are served; with none, everybody is. Connections and datagrams from elsewhere are dropped without an answer and counted (denied).',
    tradeOff:
      'For a private network. The other name servers need a place in it, and so does 127.0.0.1 for checks on this machine.',
  },
  deny: {
    name: 'Deny',
    key: 'deny',
    ...networks,
    meaning:
      'Networks that are not served, also if Allow has them: their connections and datagrams are dropped without an answer and counted (denied). Hosts of theirs that are known stay listed until they leave or expire.',
    tradeOff:
      'Ends an attack of a few networks without touching the firewall. Against a flood the firewall is cheaper: there nothing reaches this process.',
  },
  proxies: {
    name: 'Proxies',
    key: 'proxies',
    ...networks,
    meaning:
      'Load balancers in front of this name server. Their TCP connections must begin with a PROXY protocol header (version 1 or 2), and count for the client that it names.',
    tradeOff:
      'Without it every node behind a load balancer has the address of the load balancer, and would be registered there. Whoever is listed can claim any address: list machines of your own only.',
  },
};
