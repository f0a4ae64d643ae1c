// The address to listen on, from the settings Interface and Domain and the addresses of this machine. Only
// `ddnsd --check` and the start need it; reading ddns.conf does not, because the same file may be checked on
// another machine.
import { readFileSync } from 'node:fs';
import { isIP, SocketAddress } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { type NetworkInterfaces, ownInterfaces } from '../own-interfaces.ts';
import type { Settings } from './settings.ts';

/** Where a server listens. Port 0 asks the system for a free port. */
export interface ListenAddress {
  address: string;
  port: number;
}

/** The address to bind to, or why there is none. */
export type BindAddress = { address: string } | { message: string };

/**
 * Finds the address to bind to. A message lists the addresses of this machine. Where the system does not tell those
 * (`interfaces` is null), an address is taken as it is, and listening there shows whether the machine has it.
 */
export function findBindAddress(
  { interface: wanted, domain }: Pick<Settings, 'interface' | 'domain'>,
  interfaces: NetworkInterfaces | null,
): BindAddress {
  if (isIP(wanted) === 0)
    return interfaces === null
      ? { message: 'the system does not tell which interfaces this machine has. Set an IP address' }
      : addressOfInterface(wanted, domain, interfaces);
  const bare = wanted.replace(/%.*$/, '');
  if (isWildcard(bare) || interfaces === null) return { address: wanted };
  const present = Object.entries(interfaces).some(
    ([name, infos]) => infos?.some((info) => hasAddress(name, info, wanted)) ?? false,
  );
  if (present) return { address: wanted };
  return {
    message: `this machine does not have that address, or its link is down. ${whatItHas(domain, interfaces)}`,
  };
}

/** Every interface with its addresses: `lo 127.0.0.1, ::1; eth0 10.0.0.5`. */
export function listInterfaces(interfaces: NetworkInterfaces): string {
  return Object.entries(interfaces)
    .map(
      ([name, infos]) =>
        `${name} ${(infos ?? []).map(({ address }) => address).join(', ') || '(no address or link)'}`,
    )
    .join('; ');
}

function whatItHas(domain: Settings['domain'], interfaces: NetworkInterfaces): string {
  const list = listInterfaces(interfaces);
  if (list === '') return 'It has no addresses';
  return `It has: ${list}. Set Interface to one of these, or to ${domain === 2 ? '0.0.0.0' : '::'} for all`;
}

function addressOfInterface(
  name: string,
  domain: Settings['domain'],
  interfaces: NetworkInterfaces,
): BindAddress {
  const infos = interfaces[name];
  if (!infos)
    return {
      message: `this machine has no interface of that name. ${whatItHas(domain, interfaces)}`,
    };
  if (infos.length === 0)
    return {
      message: `that interface has no address: it is down, has no link or was given none (ip address show ${name}). ${whatItHas(domain, interfaces)}`,
    };
  const family = domain === 2 ? 'IPv4' : 'IPv6';
  const fitting = infos.filter((info) => info.family === family);
  // A link-local address serves this link only, so any other is preferred.
  const chosen = fitting.find((info) => !isLinkLocal(info)) ?? fitting[0];
  if (!chosen)
    return {
      message: `that interface has no ${family} address (Domain=${domain}). ${whatItHas(domain, interfaces)}`,
    };
  const zone = chosen.family === 'IPv6' && isLinkLocal(chosen) ? `%${name}` : '';
  return { address: chosen.address + zone };
}

function hasAddress(name: string, info: NetworkInterfaceInfo, wanted: string): boolean {
  const family = info.family === 'IPv4' ? 4 : 6;
  const [bare, zone] = wanted.split('%');
  if (isIP(bare) !== family || (zone !== undefined && zone !== name)) return false;
  if (sameAddress(info.address, bare, family)) return true;
  // All of 127.0.0.0/8 is local, although only 127.0.0.1 is listed.
  return (
    family === 4 && info.internal && info.address.startsWith('127.') && bare.startsWith('127.')
  );
}

/** Compares canonical forms, because an IPv6 address has several spellings. */
function sameAddress(a: string, b: string, family: 4 | 6): boolean {
  if (family === 4) return a === b;
  const canonical = (address: string) => new SocketAddress({ address, family: 'ipv6' }).address;
  return canonical(a) === canonical(b);
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || (isIP(address) === 6 && sameAddress(address, '::', 6));
}

function isLinkLocal({ family, address }: NetworkInterfaceInfo): boolean {
  return family === 'IPv6' ? /^fe[89ab]/i.test(address) : address.startsWith('169.254.');
}

/** Linux lists the interfaces of this process's network namespace here, one per line. */
const linuxList = '/proc/self/net/dev';

/** The interfaces of this machine, including those without an address, which Node leaves out; null: they are not told. */
export function localInterfaces(): NetworkInterfaces | null {
  const told = ownInterfaces();
  if (told === null) return null;
  const found = { ...told };
  for (const name of linuxNames()) found[name] ??= [];
  return found;
}

function linuxNames(): string[] {
  try {
    const list = readFileSync(linuxList, 'utf8');
    return [...list.matchAll(/^ *([^\s:]+): /gm)].map(([, name = '']) => name);
  } catch {
    return [];
  }
}
