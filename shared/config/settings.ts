// Every setting of ddns.conf, once: this table drives parsing, the file that `ddnsd --init` writes,
// SETTINGS.md and the console's form. The first seven are those of the founding document, with its
// values as defaults. Every setting changes what the daemon does.
import { accessDefinitions } from './access-settings.ts';
import { fleetDefinitions } from './fleet-settings.ts';
import { maxSecretLength, minSecretLength } from './secret.ts';
import {
  type Definitions,
  logLevels,
  type SettingDefinition,
  type SettingKey,
  type Settings,
} from './setting-types.ts';
import {
  addressOrInterface,
  addressOrSame,
  duration,
  formatDuration,
  listenOrNone,
  listOrNone,
  localHostsChoices,
  nameServersOrNone,
  numberOf,
  path,
  pathOrNone,
  portOrNone,
  secretOrNone,
  wholeNumber,
  wordOf,
  zoneOrNone,
} from './setting-values.ts';

export {
  type Applies,
  type LogLevel,
  logLevels,
  type SettingDefinition,
  type SettingKey,
  type Settings,
} from './setting-types.ts';

export type AnyDefinition = Definitions[SettingKey];

const definitions: Definitions = {
  domain: {
    name: 'Domain',
    key: 'domain',
    default: '2',
    allowed: '2 (AF_INET, IPv4) or 10 (AF_INET6, IPv6)',
    applies: 'restart',
    meaning: 'Address family of the address to listen on.',
    tradeOff:
      '2 serves IPv4 clients only. 10 with Interface=:: serves both families where the system maps IPv4 (Linux does by default). A name server can only ping hosts of a family that it has; the other name servers judge the rest.',
    schema: numberOf([2, 10], 'must be 2 (AF_INET) or 10 (AF_INET6)'),
    format: String,
  },
  service: {
    name: 'Service',
    key: 'service',
    default: '1',
    allowed: '1 (SOCK_STREAM) or 2 (SOCK_DGRAM)',
    applies: 'restart',
    meaning:
      'Socket type: 1 serves TCP connections. 2 serves datagrams (UDP) as well, at the same port.',
    tradeOff:
      'With 2, a node refreshes with two datagrams instead of a connection of nine packets, and a list that does not fit into one still comes over TCP. The firewall has to let UDP through to Port, too. The name servers sync over TCP in either case. With Interface=0.0.0.0 or ::, an answer leaves from the address that was asked if the machine had it at the start (on Linux and FreeBSD); from an address that it got later, the client may have to use TCP until a restart.',
    schema: numberOf([1, 2], 'must be 1 (SOCK_STREAM) or 2 (SOCK_DGRAM)'),
    format: String,
  },
  protocol: {
    name: 'Protocol',
    key: 'protocol',
    default: '0',
    allowed: '0 (the one that fits Service), 6 (TCP) or 17 (UDP)',
    applies: 'restart',
    meaning: 'Transport protocol by its IANA number; it must fit Service.',
    tradeOff:
      '0 follows Service. 6 and 17 change nothing: they only make sure that Service is the one that you meant, 1 for 6 and 2 for 17.',
    schema: numberOf([0, 6, 17], 'must be 0 (the one that fits Service), 6 (TCP) or 17 (UDP)'),
    format: String,
  },
  port: {
    name: 'Port',
    key: 'port',
    default: '4524',
    allowed: '1 to 65535',
    applies: 'restart',
    meaning: 'Port for nodes and the other name servers: TCP, and with Service=2 UDP as well.',
    tradeOff:
      "Nodes try 4524 unless told otherwise, so another port has to be named in every node's list of name servers and in the NameServers of the others. Ports below 1024 need a privilege on Linux (CAP_NET_BIND_SERVICE).",
    schema: wholeNumber(1, 65_535),
    format: String,
  },
  interface: {
    name: 'Interface',
    key: 'interface',
    default: '192.168.0.1',
    allowed: "an IP address of this machine, 0.0.0.0 or :: for all, or an interface's name",
    applies: 'restart',
    meaning:
      'Where to listen: an address, or an interface, whose first address of the family in Domain is used.',
    tradeOff:
      'All addresses (0.0.0.0 or ::) survive a change of address, but also serve networks that need no name server. With one of those, set Advertise to the address that peers and nodes should use. When the address of a named interface changes, the daemon reports it and needs a restart.',
    schema: addressOrInterface,
    format: String,
  },
  backlog: {
    name: 'Backlog',
    key: 'backlog',
    default: '100',
    allowed: '1 to 65535',
    applies: 'live',
    meaning:
      'Maximum number of connections with an unanswered request; beyond it clients are redirected, or answered busy.',
    tradeOff:
      'New nodes are redirected from 80 % and delta queries from 90 %, until the backlog is below 60 %. One source (an IPv4 address or IPv6 /64) may hold a quarter of it with unfinished requests. It carries Backlog/seconds per request: 100 carry 1,000 requests a second if each takes 100 ms (a round trip or two). A larger value admits more slow clients, each with a buffer of up to 64 KiB, and more for long lists.',
    schema: wholeNumber(1, 65_535),
    format: String,
  },
  threads: {
    name: 'Threads',
    key: 'threads',
    default: '12',
    allowed: '1 to 1024',
    applies: 'restart',
    meaning:
      'Maximum number of worker processes that accept connections. With 1 the daemon is a single process.',
    tradeOff:
      "It runs min(Threads, cores - 1) workers, because one core is the main process's, and none where that is 1. Cores are those the daemon may use: CPU affinity and the cgroup's quota count. A worker adds throughput only if it has a core to itself, and keeps a copy of all addresses in memory.",
    schema: wholeNumber(1, 1024),
    format: String,
  },
  ttlMs: {
    name: 'TTL',
    key: 'ttlMs',
    default: '60m',
    allowed: '1s to 30d, as a number and s, m, h or d',
    applies: 'live',
    meaning:
      'Time to live: how long a host may be silent before it is pinged, and deleted if it does not answer.',
    tradeOff:
      'Every interval derives from it: attempts are spread over TTL/25 (2.4 min of 60 min), the registry is scanned every TTL/60, and nodes refresh every TTL/12 to TTL/3. A shorter TTL removes dead hosts sooner and costs more pings: hosts/TTL a second at worst, 278 for a million hosts and 60 min. Use the same value on all name servers and nodes: the protocol does not announce it.',
    schema: duration('1s', '30d'),
    format: formatDuration,
  },
  pingAttempts: {
    name: 'PingAttempts',
    key: 'pingAttempts',
    default: '3',
    allowed: '2 to 10',
    applies: 'live',
    meaning: 'Number of unanswered pings, spread over TTL/25, before a host may be deleted.',
    tradeOff:
      'Attempts are TTL/25/(PingAttempts - 1) apart: 72 s for 3 and 60 min. More attempts tolerate more packet loss, with loss p per attempt a live host is missed with p^PingAttempts, and cost one ping more per dead host. Deletion also needs a second opinion from another name server, if there is one.',
    schema: wholeNumber(2, 10),
    format: String,
  },
  nameServers: {
    name: 'NameServers',
    key: 'nameServers',
    default: 'none',
    allowed:
      'none, or ip[:port] or name[:port] of each, separated by commas or spaces; the port is 4524 unless given',
    applies: 'live',
    meaning:
      'The other name servers of the network. Each of them must name this one, too: replication with others is refused. A host name must be that of one server; it is resolved again on each dial, and all of its addresses are tried.',
    tradeOff:
      'Every server connects to every other: n servers hold n(n - 1) connections, and each change is sent n - 1 times. A handful is the intended size; at most 64 are accepted.',
    schema: nameServersOrNone,
    format: listOrNone,
  },
  ...fleetDefinitions,
  advertise: {
    name: 'Advertise',
    key: 'advertise',
    default: 'same',
    allowed: 'same (where it listens) or ip[:port]',
    applies: 'restart',
    meaning:
      'Address at which the other name servers and nodes reach this one, if it differs from where it listens.',
    tradeOff:
      'Needed behind NAT or a port mapping, and with Interface=0.0.0.0 or ::. A wrong value sends redirected nodes to nowhere; the daemon cannot check it from inside.',
    schema: addressOrSame,
    format: (address) => address ?? 'same',
  },
  secret: {
    name: 'Secret',
    key: 'secret',
    default: 'none',
    allowed: `none, or ${minSecretLength} to ${maxSecretLength} characters`,
    applies: 'live',
    meaning:
      'Shared secret of the name servers: with it, replication is encrypted (TLS-PSK) and accepted only from servers that have it. It is never displayed.',
    tradeOff:
      'Without a secret, replication is unencrypted and trusted by source address alone; use a private network. A short secret can be guessed from one recorded handshake, although scrypt makes each guess expensive: use 32 random bytes (openssl rand -base64 32). Servers with different secrets do not sync: to change it, begin with one or do without one while they run, use SecretFile with two lines.',
    schema: secretOrNone,
    format: (secret) => String(secret ?? 'none'),
  },
  secretFile: {
    name: 'SecretFile',
    key: 'secretFile',
    default: 'none',
    allowed: "none, or a file's path; a relative one starts at the folder of ddns.conf",
    applies: 'live',
    meaning:
      'File that holds the Secret, to keep it out of ddns.conf. It may have two lines: the first secret is used to dial, both are accepted; a line none stands for no secret. A reload reads it again.',
    tradeOff:
      'A separate file can be readable by the daemon alone while ddns.conf stays readable for everybody. Set either Secret or SecretFile. OPERATING.md has the three steps that begin, change or end the secret of a fleet without a link down.',
    schema: pathOrNone,
    format: (file) => file ?? 'none',
  },
  database: {
    name: 'Database',
    key: 'database',
    default: '/var/lib/ddnsd/hosts.db',
    windowsDefault: 'C:\\dynamo\\ddns\\hosts.db',
    allowed: "a file's path; a relative one starts at the folder of ddns.conf",
    applies: 'restart',
    meaning: 'SQLite file that stores the registry of hosts.',
    tradeOff:
      "Registrations that arrive together are one commit with one fsync, and are answered after it, so the latency of this disk is part of every answer to a registration. Use a local disk: SQLite's locks and fsync are unreliable on network file systems.",
    schema: path,
    format: String,
  },
  socket: {
    name: 'Socket',
    key: 'socket',
    default: '/run/ddnsd/ddnsd.sock',
    windowsDefault: '\\\\.\\pipe\\ddnsd',
    allowed: 'the path of a Unix socket, at most 107 bytes; on Windows a pipe, \\\\.\\pipe\\NAME',
    applies: 'restart',
    meaning: 'Socket to which the console (ddns-tui) attaches.',
    tradeOff:
      "Its mode is 0660: members of its group can watch and change everything, including ddns.conf. A Unix socket's path is limited to 107 bytes on Linux and 103 elsewhere.",
    schema: path,
    format: String,
  },
  maxHosts: {
    name: 'MaxHosts',
    key: 'maxHosts',
    default: '1000000',
    allowed: '1 to 16000000',
    applies: 'restart',
    meaning: 'Maximum number of hosts in the registry; further registrations are refused.',
    tradeOff:
      'Memory for MaxHosts and a quarter more (tombstones) is reserved at the start and committed as rows fill: about 116 bytes a host, 116 MB for a million, and 20 bytes more while full lists are served. Use the same value on all name servers: a server that is full cannot take over what the others hold.',
    schema: wholeNumber(1, 16_000_000),
    format: String,
  },
  hostsPerSource: {
    name: 'HostsPerSource',
    key: 'hostsPerSource',
    default: '1024',
    allowed: '16 to 16000000',
    applies: 'live',
    meaning:
      'Maximum number of hosts per IPv4 address or IPv6 /64, never more than half of MaxHosts; further ones are refused.',
    tradeOff:
      "Bounds what one machine can add to everybody's list. Carriers put up to 512 customers behind one address, and a node that returns with another port counts twice for one TTL: 1024 leaves room for both. A smaller value protects better and refuses nodes behind a large NAT.",
    schema: wholeNumber(16, 16_000_000),
    format: String,
  },
  ...accessDefinitions,
  localHosts: {
    name: 'LocalHosts',
    key: 'localHosts',
    default: 'same-kind',
    allowed: localHostsChoices.join(', '),
    applies: 'restart',
    meaning:
      'Which askers are given hosts at private, link-local and loopback addresses: those at an address of the same kind, or everyone.',
    tradeOff:
      'same-kind never gives a node an address that it cannot reach. everyone suits a private network with some askers from outside, such as over a VPN, and otherwise fills lists with unreachable hosts.',
    schema: wordOf(localHostsChoices),
    format: String,
  },
  zone: {
    name: 'Zone',
    key: 'zone',
    default: 'dynamo.',
    allowed: 'none, or a domain name of at most 190 characters',
    applies: 'restart',
    meaning:
      'DNS zone that the name server answers for: addresses of random live hosts, and of each node by its id. With none there is no DNS.',
    tradeOff:
      'With DNS, anything that can resolve a name can find the network, without a client for it, and anybody who may ask can look up where a node is. To be found by resolvers everywhere, use a zone below a domain of yours and delegate it; the default works where resolvers forward it (README).',
    schema: zoneOrNone,
    format: (zone) => zone ?? 'none',
  },
  nodePort: {
    name: 'NodePort',
    key: 'nodePort',
    default: 'none',
    allowed: 'none, or 1 to 65535',
    applies: 'live',
    meaning:
      'Port on which the nodes of the network listen by default: A and AAAA records of the zone are those of hosts on it. With none, of hosts on any port.',
    tradeOff:
      'An address record tells no port, so a client that has only that tries the default. Set it if the network has one. Hosts on other ports are found by SRV records and by the names of their nodes.',
    schema: portOrNone,
    format: (port) => (port === null ? 'none' : String(port)),
  },
  dnsPort: {
    name: 'DnsPort',
    key: 'dnsPort',
    default: 'none',
    allowed: 'none, or 1 to 65535',
    applies: 'restart',
    meaning:
      'Port for DNS only, over UDP and TCP, at the address of Interface; 53 is where resolvers ask. Without it DNS is answered at Port.',
    tradeOff:
      'Resolvers elsewhere follow a delegation to port 53 only; those of your own can forward the zone to another port, and need none here. Port 53 needs a privilege on Linux (CAP_NET_BIND_SERVICE; the systemd README has it), and must not be taken by a resolver on this machine.',
    schema: portOrNone,
    format: (port) => (port === null ? 'none' : String(port)),
  },
  metrics: {
    name: 'Metrics',
    key: 'metrics',
    default: 'none',
    allowed: 'none, a port (at 127.0.0.1), or ip:port; 0.0.0.0 and [::] are all addresses',
    applies: 'live',
    meaning:
      'Where Prometheus finds the metrics, and load balancers ask whether the name server is ready (HTTP: /metrics, /healthz, /readyz).',
    tradeOff:
      'A port alone is open to this machine only. Anybody who reaches another address reads the metrics, without a password or encryption: numbers, and the addresses of the other name servers, but no hosts. Use an address of a private network, or let a firewall admit Prometheus only. If the address cannot be listened on, the name server serves nodes nevertheless, says so in the log and tries again every second.',
    schema: listenOrNone,
    format: (address) => address ?? 'none',
  },
  logLevel: {
    name: 'LogLevel',
    key: 'logLevel',
    default: 'info',
    allowed: logLevels.join(', '),
    applies: 'live',
    meaning: 'Least urgent level that is logged; each level includes those before it.',
    tradeOff:
      'The number of lines at info does not depend on the number of requests. debug adds one for each host that registers, leaves or expires, each redirect and each refused request; trace adds nothing to it today.',
    schema: wordOf(logLevels),
    format: String,
  },
};

/** All settings, in the order in which they are written and shown. */
export const settingDefinitions: readonly AnyDefinition[] = Object.values(definitions);

/** The setting called `name`, in any case; undefined if there is none. */
export function settingNamed(name: string): AnyDefinition | undefined {
  const wanted = name.toLowerCase();
  return settingDefinitions.find((each) => each.name.toLowerCase() === wanted);
}

/** The definition of the setting `key`. */
export function settingDefinition<Key extends SettingKey>(key: Key): SettingDefinition<Key> {
  return definitions[key];
}

/** The default as written in ddns.conf on that platform. */
export function defaultText(definition: AnyDefinition, platform: NodeJS.Platform): string {
  const { default: text, windowsDefault } = definition;
  return platform === 'win32' ? (windowsDefault ?? text) : text;
}

/** The value of a setting as written in ddns.conf. A Secret is `set`. */
export function formatSetting<Key extends SettingKey>(settings: Settings, key: Key): string {
  return settingDefinition(key).format(settings[key]);
}
