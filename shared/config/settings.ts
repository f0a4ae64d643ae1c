// Every setting of ddns.conf, once: the table drives parsing, the file that `ddnsd --init` writes,
// the table in SETTINGS.md and the console's form. The first seven are those of the founding document,
// with its values as defaults. A setting is here only if it changes what the daemon does.
import type { z } from 'zod';
import { maxSecretLength, minSecretLength, type Secret } from './secret.ts';
import {
  addressesOrNone,
  addressOrInterface,
  addressOrSame,
  duration,
  formatDuration,
  numberOf,
  path,
  pathOrNone,
  secretOrNone,
  wholeNumber,
  wordOf,
} from './setting-values.ts';

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

export const localHostsChoices = ['same-kind', 'everyone'] as const;
export type LocalHosts = (typeof localHostsChoices)[number];

/** A whole, checked configuration. Paths are absolute. */
export interface Settings {
  /** 2 is AF_INET, 10 is AF_INET6 */
  domain: 2 | 10;
  /** 1 is SOCK_STREAM */
  service: 1;
  /** 0 lets Service choose, 6 is TCP */
  protocol: 0 | 6;
  port: number;
  /** an address or an interface's name; interface-address.ts turns it into an address */
  interface: string;
  backlog: number;
  threads: number;
  ttlMs: number;
  pingAttempts: number;
  /** the other name servers, `ip:port` each */
  nameServers: readonly string[];
  /** `ip:port` at which the others reach this one; null is the address listened on */
  advertise: string | null;
  /** what the name servers of the network share: given, or read from `secretFile`; null is none */
  secret: Secret | null;
  secretFile: string | null;
  database: string;
  /** a Unix socket's path, or a named pipe on Windows */
  socket: string;
  maxHosts: number;
  /** most hosts of one IPv4 address or IPv6 /64 */
  hostsPerSource: number;
  /** who is told of private, link-local and loopback addresses */
  localHosts: LocalHosts;
  logLevel: LogLevel;
}

export type SettingKey = keyof Settings;

/** Values that are understood one by one; validate.ts refuses those that are not served. */
export type ReadSettings = Omit<Settings, 'service' | 'protocol'> & {
  /** 2 is SOCK_DGRAM */
  service: 1 | 2;
  /** 17 is UDP */
  protocol: 0 | 6 | 17;
};

/** When a changed value counts: on reload, or after the daemon is started again. */
export type Applies = 'live' | 'restart';

export interface SettingDefinition<Key extends SettingKey = SettingKey> {
  /** as it is written in ddns.conf, where its case does not matter */
  name: string;
  key: Key;
  /** as it would be written in ddns.conf */
  default: string;
  /** where the default is another one on Windows */
  windowsDefault?: string;
  /** for people: the values that are accepted */
  allowed: string;
  applies: Applies;
  /** for people: one or two sentences */
  meaning: string;
  schema: z.ZodType<ReadSettings[Key], string>;
  /** the value as it would be written in ddns.conf */
  format: (value: ReadSettings[Key]) => string;
}

type Definitions = { [Key in SettingKey]: SettingDefinition<Key> };
export type AnyDefinition = Definitions[SettingKey];

const definitions: Definitions = {
  domain: {
    name: 'Domain',
    key: 'domain',
    default: '2',
    allowed: '2 (AF_INET, IPv4) or 10 (AF_INET6, IPv6)',
    applies: 'restart',
    meaning: 'Address family of the addresses the name server listens on.',
    schema: numberOf([2, 10], 'must be 2 (AF_INET) or 10 (AF_INET6)'),
    format: String,
  },
  service: {
    name: 'Service',
    key: 'service',
    default: '1',
    allowed: '1 (SOCK_STREAM)',
    applies: 'restart',
    meaning:
      'Type of socket: 1 serves connections. 2 (SOCK_DGRAM, datagrams) is known but not served yet.',
    schema: numberOf([1, 2], 'must be 1 (SOCK_STREAM)'),
    format: String,
  },
  protocol: {
    name: 'Protocol',
    key: 'protocol',
    default: '0',
    allowed: '0 (the one that fits Service) or 6 (TCP)',
    applies: 'restart',
    meaning: 'Transport protocol, by its IANA number; it must fit Service.',
    schema: numberOf([0, 6, 17], 'must be 0 (the one that fits Service) or 6 (TCP)'),
    format: String,
  },
  port: {
    name: 'Port',
    key: 'port',
    default: '4524',
    allowed: '1 to 65535',
    applies: 'restart',
    meaning: 'TCP port for nodes and other name servers.',
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
      'Where to listen. With a name, the first address of the family that Domain names is taken.',
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
      'Most connections at a time whose request is not answered yet; newcomers beyond it are told to come back later.',
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
      'Most processes that accept connections side by side; never more than the cores that the daemon may use, less one for the main process. With 1 the daemon is a single process.',
    schema: wholeNumber(1, 1024),
    format: String,
  },
  ttlMs: {
    name: 'TTL',
    key: 'ttlMs',
    default: '60m',
    allowed: '1s to 30d, as a number and s, m, h or d',
    applies: 'live',
    meaning: 'Time without contact after which a host is due for a ping.',
    schema: duration('1s', '30d'),
    format: formatDuration,
  },
  pingAttempts: {
    name: 'PingAttempts',
    key: 'pingAttempts',
    default: '3',
    allowed: '2 to 10',
    applies: 'live',
    meaning: 'Pings without an answer, spread over a 25th of the TTL, before a host is deleted.',
    schema: wholeNumber(2, 10),
    format: String,
  },
  nameServers: {
    name: 'NameServers',
    key: 'nameServers',
    default: 'none',
    allowed:
      'none, or ip[:port] of each, separated by commas or spaces; the port is 4524 unless given',
    applies: 'restart',
    meaning:
      'The other name servers that keep the same list. Each of them names this one, too. Without a Secret, what comes from other addresses is not let in.',
    schema: addressesOrNone,
    format: (addresses) => (addresses.length === 0 ? 'none' : addresses.join(', ')),
  },
  advertise: {
    name: 'Advertise',
    key: 'advertise',
    default: 'same',
    allowed: 'same (where it listens) or ip[:port]',
    applies: 'restart',
    meaning: 'Where the other name servers and nodes reach this one, when that is another address.',
    schema: addressOrSame,
    format: (address) => address ?? 'same',
  },
  secret: {
    name: 'Secret',
    key: 'secret',
    default: 'none',
    allowed: `none, or ${minSecretLength} to ${maxSecretLength} characters`,
    applies: 'restart',
    meaning:
      'The same at all name servers: they talk inside TLS, and only with those that have it. It is never shown.',
    schema: secretOrNone,
    format: (secret) => (secret === null ? 'none' : 'set'),
  },
  secretFile: {
    name: 'SecretFile',
    key: 'secretFile',
    default: 'none',
    allowed: "none, or a file's path; a relative one starts at the folder of ddns.conf",
    applies: 'restart',
    meaning: 'A file that holds the Secret, when it should not stand in ddns.conf.',
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
    meaning: 'SQLite file that keeps the registry of hosts.',
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
    meaning: 'Where the console (ddns-tui) attaches.',
    schema: path,
    format: String,
  },
  maxHosts: {
    name: 'MaxHosts',
    key: 'maxHosts',
    default: '1000000',
    allowed: '1 to 16000000',
    applies: 'restart',
    meaning: 'Most hosts in the registry; registrations beyond it are refused.',
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
      'Most hosts of one IPv4 address or one IPv6 /64, and never more than half of MaxHosts; further ones are refused. Carriers put up to 512 customers behind one address.',
    schema: wholeNumber(16, 16_000_000),
    format: String,
  },
  localHosts: {
    name: 'LocalHosts',
    key: 'localHosts',
    default: 'same-kind',
    allowed: localHostsChoices.join(', '),
    applies: 'restart',
    meaning:
      'Who is told of hosts at private, link-local and loopback addresses: askers at an address of the same kind, or everyone.',
    schema: wordOf(localHostsChoices),
    format: String,
  },
  logLevel: {
    name: 'LogLevel',
    key: 'logLevel',
    default: 'info',
    allowed: logLevels.join(', '),
    applies: 'live',
    meaning: 'How much is logged: each level includes those before it.',
    schema: wordOf(logLevels),
    format: String,
  },
};

/** In the order in which they are written and shown. */
export const settingDefinitions: readonly AnyDefinition[] = Object.values(definitions);

/** The setting called `name`, in any case; undefined: there is none. */
export function settingNamed(name: string): AnyDefinition | undefined {
  const wanted = name.toLowerCase();
  return settingDefinitions.find((each) => each.name.toLowerCase() === wanted);
}

export function settingDefinition<Key extends SettingKey>(key: Key): SettingDefinition<Key> {
  return definitions[key];
}

export function defaultText(definition: AnyDefinition, platform: NodeJS.Platform): string {
  const { default: text, windowsDefault } = definition;
  return platform === 'win32' ? (windowsDefault ?? text) : text;
}

/** A setting's value as it would be written in ddns.conf. */
export function formatSetting<Key extends SettingKey>(settings: Settings, key: Key): string {
  return settingDefinition(key).format(settings[key] as ReadSettings[Key]);
}
