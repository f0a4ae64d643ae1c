// What a configuration consists of: the typed values, and how a setting is described. The table of all settings is
// settings.ts.
import type * as z from 'zod';
import type { FleetSetting } from './fleet.ts';
import type { Secret } from './secret.ts';
import type { LocalHosts } from './setting-values.ts';

/** Values of LogLevel, the most urgent first. */
export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A complete, validated configuration. Paths are absolute. What each setting means is in the table. */
export interface Settings {
  /** 2 is AF_INET, 10 is AF_INET6 */
  domain: 2 | 10;
  /** 1 is SOCK_STREAM, 2 is SOCK_DGRAM */
  service: 1 | 2;
  /** 0 lets Service choose, 6 is TCP, 17 is UDP */
  protocol: 0 | 6 | 17;
  port: number;
  /** an address or the name of an interface; interface-address.ts resolves it */
  interface: string;
  backlog: number;
  threads: number;
  ttlMs: number;
  pingAttempts: number;
  /** the other name servers, `ip:port` or `name:port` each */
  nameServers: readonly string[];
  /** where the name servers meet over NATS; null: they do not */
  fleet: FleetSetting | null;
  /** file with the login of NATS; null: none is needed */
  natsCredentials: string | null;
  /** `ip:port`; null is the address listened on */
  advertise: string | null;
  /** given, or read from `secretFile`; null is none */
  secret: Secret | null;
  secretFile: string | null;
  database: string;
  /** path of a Unix socket, or of a named pipe on Windows */
  socket: string;
  maxHosts: number;
  hostsPerSource: number;
  /** hosts a minute that one source may register anew */
  newHostsPerSource: number;
  /** the same of one network, an IPv4 /24 or an IPv6 /48 */
  newHostsPerNetwork: number;
  /** networks in CIDR notation that are served; empty: everybody */
  allow: readonly string[];
  /** networks that are not served */
  deny: readonly string[];
  /** networks of load balancers that say with PROXY protocol who the client is */
  proxies: readonly string[];
  localHosts: LocalHosts;
  /** the DNS zone, lower-case, with a dot at the end; null: no DNS */
  zone: string | null;
  /** the port that the network's nodes have in common; null: any */
  nodePort: number | null;
  /** port for DNS alone, over TCP and UDP; null: none besides `port` */
  dnsPort: number | null;
  /** `ip:port` for Prometheus and health checks; null: none */
  metrics: string | null;
  logLevel: LogLevel;
}

export type SettingKey = keyof Settings;

/** When a changed value takes effect: on reload, or when the daemon is restarted. */
export type Applies = 'live' | 'restart';

/** One setting: how it is written, parsed and explained. */
export interface SettingDefinition<Key extends SettingKey = SettingKey> {
  /** its name in ddns.conf, where case does not matter */
  name: string;
  key: Key;
  /** as written in ddns.conf */
  default: string;
  /** the default on Windows, where it differs */
  windowsDefault?: string;
  /** for people: the values that are accepted */
  allowed: string;
  applies: Applies;
  /** for people: what it does, in one or two sentences */
  meaning: string;
  /** for people: the formula behind it, and what a larger or smaller value costs */
  tradeOff: string;
  schema: z.ZodType<Settings[Key], string>;
  /** the value as written in ddns.conf */
  format: (value: Settings[Key]) => string;
}

/** The table of all settings, or a part of it. */
export type Definitions = { [Key in SettingKey]: SettingDefinition<Key> };
