// The kinds of value a setting can have. Each is a zod schema from the text in ddns.conf to the typed value;
// its error message is what the operator reads behind `Name=value: `.
import { isIP } from 'node:net';
import * as z from 'zod';
import { formatAddress, parseAddress } from '../protocol/address.ts';
import { serverAddress } from '../protocol/address-kind.ts';
import { namedServer } from '../protocol/server-name.ts';
import { type FleetSetting, parseFleet } from './fleet.ts';
import { Secret, secretMistake } from './secret.ts';

/** Longest interface name: Windows allows friendly names of 256 characters, Linux 15. */
const maxInterfaceNameLength = 256;

/** Values of LocalHosts. */
export const localHostsChoices = ['same-kind', 'everyone'] as const;
export type LocalHosts = (typeof localHostsChoices)[number];

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Parses a text: the typed value, or what is wrong with it. */
export function parseValue<Value>(
  schema: z.ZodType<Value, string>,
  text: string,
): { value: Value } | { message: string } {
  const result = schema.safeParse(text);
  return result.success ? { value: result.data } : { message: result.error.issues[0].message };
}

/** A whole number, in digits only. */
export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  const error = `must be ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, error)
    .transform(Number)
    .refine((number) => number >= min && number <= max, error);
}

/** `none` (null), or a port. */
export const portOrNone: z.ZodType<number | null, string> = z
  .string()
  .transform((text, context) => {
    if (text.toLowerCase() === 'none') return null;
    const parsed = wholeNumber(1, 65_535).safeParse(text);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'must be none, or 1 to 65535' });
    return z.NEVER;
  });

/** A label of 63 bytes and its length go in front of the zone, and a name has 255 at most. */
const maxZoneLength = 190;

/** `none` (null), or a domain name: lower-case, with a dot at the end. */
export const zoneOrNone: z.ZodType<string | null, string> = z
  .string()
  .transform((text, context) => {
    if (text.toLowerCase() === 'none') return null;
    const zone = `${text.toLowerCase().replace(/\.$/, '')}.`;
    const isName = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+$/.test(zone);
    if (isName && zone.length <= maxZoneLength) return zone;
    const message = isName
      ? `must have at most ${maxZoneLength} characters; it has ${zone.length}`
      : 'must be none, or a domain name such as nodes.example.org';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** One of a few numbers; `error` says what each stands for. */
export function numberOf<const Value extends number>(
  values: readonly Value[],
  error: string,
): z.ZodType<Value, string> {
  return z.string().transform((text, context): Value => {
    const value = values.find((each) => String(each) === text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

/** One of a few words, in any case. */
export function wordOf<const Word extends string>(
  words: readonly [Word, ...Word[]],
): z.ZodType<Word, string> {
  return z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(words, { error: `must be one of ${words.join(', ')}` }));
}

/** A length of time with its unit (`90s`, `60m`, `1h`, `2d`), in milliseconds. */
export function duration(min: string, max: string): z.ZodType<number, string> {
  const error = `must be a number and a unit (s, m, h or d), ${min} to ${max}, for example 90s or 60m`;
  const minMs = durationMs(min);
  const maxMs = durationMs(max);
  return z
    .string()
    .transform(durationMs)
    .refine((ms) => ms >= minMs && ms <= maxMs, error);
}

/** Milliseconds of a duration; NaN if the text is not one. */
function durationMs(text: string): number {
  const match = /^(\d{1,9})([smhd])$/i.exec(text);
  if (!match) return Number.NaN;
  return Number(match[1]) * unitMs[match[2].toLowerCase() as keyof typeof unitMs];
}

/** The shortest way to write milliseconds; an hour stays `60m`, like the default of TTL. */
export function formatDuration(ms: number): string {
  if (ms % unitMs.d === 0) return `${ms / unitMs.d}d`;
  if (ms % unitMs.h === 0 && ms > unitMs.h) return `${ms / unitMs.h}h`;
  if (ms % unitMs.m === 0) return `${ms / unitMs.m}m`;
  return `${ms / unitMs.s}s`;
}

/** An IP address or the name of a network interface, whether this machine has it or not. */
export const addressOrInterface: z.ZodType<string, string> = z
  .string()
  .transform((text, context) => {
    const message = interfaceMistake(text);
    if (message === null) return text;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

function interfaceMistake(text: string): string | null {
  if (isIP(text) !== 0) return null;
  if (/^\[.*\]$/.test(text) && isIP(text.slice(1, -1)) === 6)
    return `must be without brackets: ${text.slice(1, -1)}`;
  if (/^[\d.]+$/.test(text)) return 'is not an IPv4 address; must be four numbers from 0 to 255';
  // One colon is allowed: Linux names an alias eth0:1.
  if (/^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i.test(text)) return 'is not an IPv6 address';
  if (/[\p{Cc}/"']/u.test(text) || text.length > maxInterfaceNameLength)
    return "must be an IP address or an interface's name";
  return null;
}

/** The path of a file; a relative one is resolved later, when the file of the setting is known. */
export const path: z.ZodType<string, string> = z
  .string()
  .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters')
  .refine((text) => !/^(".*"|'.*')$/.test(text), 'must not be quoted; spaces are allowed');

/** `none`, or the path of a file. */
export const pathOrNone: z.ZodType<string | null, string> = path.transform((text) =>
  text.toLowerCase() === 'none' ? null : text,
);

/** `none`, or a secret. An error does not quote the secret. */
export const secretOrNone: z.ZodType<Secret | null, string> = z
  .string()
  .transform((text, context) => {
    if (text.toLowerCase() === 'none') return null;
    const message = secretMistake(text);
    if (message === null) return new Secret(text);
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** Most name servers in NameServers: each costs two connections and a heartbeat a second. */
const maxNameServers = 64;

/** `none`, or `ip[:port]` or `name[:port]` of each name server; the values have the port. */
export const nameServersOrNone: z.ZodType<readonly string[], string> = z
  .string()
  .transform((text, context): readonly string[] => {
    if (text.toLowerCase() === 'none') return [];
    const words = text.split(/[\s,]+/).filter((word) => word !== '');
    const servers: string[] = [];
    const mistakes: string[] = [];
    for (const named of words.map(namedServer))
      if ('mistake' in named) mistakes.push(named.mistake);
      else if (!servers.includes(named.server)) servers.push(named.server);
      else mistakes.push(`${named.server} is listed twice; list each name server once`);
    if (words.length > maxNameServers)
      mistakes.push(`${words.length} name servers; at most ${maxNameServers} are supported`);
    const [message] = mistakes;
    if (message === undefined) return servers;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** `none` (null), or servers of NATS and the name of a fleet. */
export const fleetOrNone: z.ZodType<FleetSetting | null, string> = z
  .string()
  .transform((text, context) => {
    if (text.toLowerCase() === 'none') return null;
    const fleet = parseFleet(text);
    if (fleet !== null) return fleet;
    const message = text.includes('@')
      ? 'must have no user or password in it; put them into the file of NatsCredentials'
      : 'must be none, or nats://host[:port][,host[:port]…][/name], for example nats://10.0.0.1,10.0.0.2:4223/blue';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** `none` (null), or a port of this machine alone, or `ip:port`; the value is `ip:port`. */
export const listenOrNone: z.ZodType<string | null, string> = z
  .string()
  .transform((text, context) => {
    if (text.toLowerCase() === 'none') return null;
    const port = wholeNumber(1, 65_535).safeParse(text);
    if (port.success) return `127.0.0.1:${port.data}`;
    const words = text.includes('%') ? null : parseAddress(text);
    if (words !== null) return formatAddress(words, 0);
    const message = 'must be none, a port, or ip:port, IPv6 in brackets';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** A list as it is written: `none`, or its members. */
export function listOrNone(list: readonly string[]): string {
  return list.length === 0 ? 'none' : list.join(', ');
}

/** Most networks of one setting: what a line holds. Longer lists belong into a firewall. */
const maxNetworks = 250;

/** `none`, or networks in CIDR notation, as 203.0.113.0/24; an address alone is a network of one. */
export const networksOrNone: z.ZodType<readonly string[], string> = z
  .string()
  .transform((text, context): readonly string[] => {
    if (text.toLowerCase() === 'none') return [];
    const words = text.split(/[\s,]+/).filter((word) => word !== '');
    const mistake =
      words.length > maxNetworks
        ? `${words.length} networks; at most ${maxNetworks} are supported, a longer list belongs into a firewall`
        : words.map(networkMistake).find((each) => each !== null);
    if (mistake === undefined) return words;
    context.addIssue({ code: 'custom', message: mistake ?? '' });
    return z.NEVER;
  });

/** What is wrong with a network; null: nothing. */
function networkMistake(text: string): string | null {
  const [ip = '', digits, ...more] = text.split('/');
  const family = isIP(ip);
  const bits = family === 4 ? 32 : 128;
  const isPrefix = digits === undefined || (/^\d{1,3}$/.test(digits) && Number(digits) <= bits);
  if (family === 0 || ip.includes('%') || !isPrefix || more.length > 0)
    return `"${text}" is not a network: must be ip or ip/bits, as 203.0.113.0/24 or 2001:db8::/32`;
  return null;
}

/** `same` (null), or `ip[:port]` as `ip:port`. */
export const addressOrSame: z.ZodType<string | null, string> = z
  .string()
  .transform((text, context) => {
    if (text.toLowerCase() === 'same') return null;
    const address = serverAddress(text);
    if (address !== null) return address;
    const message = 'must be same, ip or ip:port, IPv6 with a port in brackets';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
