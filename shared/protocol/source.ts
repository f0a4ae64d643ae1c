// Whom an address belongs to when shares are counted: connections, the backlog, the registry. Whoever has
// an IPv6 subnet has 2^64 addresses of it, so those count as one; an IPv4 address counts alone.
import { addressWords, formatIp, isIpv4, packAddress } from './address.ts';

/**
 * The source of the address packed at `words[at]`, as text that is equal for equal sources: `192.0.2.1` for
 * IPv4 (also in its mapped form), `2001:db8:1:2::/64` for IPv6. The port does not matter.
 */
export function sourceOf(words: Uint32Array, at = 0): string {
  if (isIpv4(words, at)) return formatIp(words, at);
  const subnet = new Uint32Array(addressWords);
  subnet[0] = words[at] as number;
  subnet[1] = words[at + 1] as number;
  return `${formatIp(subnet, 0)}/64`;
}

/** The same of an IP as the system writes it; of what is none, the text itself. */
export function sourceOfIp(ip: string): string {
  const words = packAddress(ip, 1);
  return words === null ? ip : sourceOf(words);
}
