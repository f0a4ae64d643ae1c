// The address of a name server as people write it, in ddns.conf, on a command line and in a program: an IP, with
// its port where that is not the usual one.
import { isIP } from 'node:net';
import { formatAddress, packAddress, parseAddress } from './address.ts';

/** Where a name server listens unless its Port says otherwise. */
export const usualPort = 4524;

/** `ip:port` of an `ip[:port]`; null when it is none, or no address of one server, as 0.0.0.0. */
export function serverAddress(text: string): string | null {
  const ip = text.replace(/^\[([^[\]]*)\]$/, '$1');
  const words = parseAddress(text) ?? (isIP(ip) === 0 ? null : packAddress(ip, usualPort));
  if (words === null || text.includes('%')) return null;
  const address = formatAddress(words, 0);
  return /^(0\.0\.0\.0|\[::\]):/.test(address) ? null : address;
}
