// Who can use an address: everybody, those of the same site, of the same link, or of the same machine. An
// address that its reader cannot reach, or that means another machine there, is worse than none: it
// is not told to those who are further away than the host itself (PROTOCOL.md, "Address visibility").
// Whom an address belongs to when shares are counted: connections, the backlog, the registry. Whoever has
// an IPv6 subnet has 2^64 addresses of it, so those count as one; an IPv4 address counts alone.
// The address of a name server as people write it, in ddns.conf, on a command line and in a program: an IP, with
// its port where that is not the usual one.

import { isIP } from 'node:net';
import {
  addressWords,
  formatAddress,
  formatIp,
  isIpv4,
  packAddress,
  parseAddress,
} from './address.ts';

/** Kinds of address, one bit each, so that a set of them is a number. */
export const addressKind = {
  public: 1,
  /** RFC 1918, RFC 6598 (carriers), RFC 4193 and the site-local addresses before it */
  private: 2,
  /** RFC 3927, RFC 4291 §2.5.6: it means something on one link only */
  linkLocal: 4,
  loopback: 8,
  /** multicast, broadcast and unspecified: nobody's */
  none: 16,
} as const;

/** Every kind of IPv4 address. */
export const everyIpv4Kind =
  addressKind.public |
  addressKind.private |
  addressKind.linkLocal |
  addressKind.loopback |
  addressKind.none;

/** In a set of kinds by family, those of IPv6 stand so many bits higher. */
const ipv6Shift = 5;

export const everyKind = inBothFamilies(everyIpv4Kind);

/** The kind of the address packed at `words[at]`. */
export function kindOf(words: Uint32Array, at: number): number {
  return isIpv4(words, at)
    ? kindOfIpv4(words[at + 3] as number)
    : kindOfIpv6(words[at] as number, words, at);
}

/** The same, one bit for each kind of each family. */
export function kindByFamily(words: Uint32Array, at: number): number {
  const kind = kindOf(words, at);
  return isIpv4(words, at) ? kind : kind << ipv6Shift;
}

/** The kinds, of both families, that an asker at an address of `kind` is told of. */
export function kindsToldTo(kind: number): number {
  switch (kind) {
    case addressKind.loopback:
      return everyKind;
    case addressKind.linkLocal:
      return inBothFamilies(addressKind.public | addressKind.private | addressKind.linkLocal);
    case addressKind.private:
      return inBothFamilies(addressKind.public | addressKind.private);
    default:
      return inBothFamilies(addressKind.public);
  }
}

function inBothFamilies(kinds: number): number {
  return kinds | (kinds << ipv6Shift);
}

/** Whether who asks from `asker` is told of `host`, both packed at 0. */
export function isToldTo(asker: Uint32Array, host: Uint32Array): boolean {
  return (kindsToldTo(kindOf(asker, 0)) & kindOf(host, 0)) !== 0;
}

function kindOfIpv4(ip: number): number {
  const first = ip >>> 24;
  // Nearly all are neither: one comparison each.
  if (first === 10) return addressKind.private;
  if (first === 127) return addressKind.loopback;
  if (first === 0 || first >= 224)
    return first < 240 || ip === 0xffffffff ? addressKind.none : addressKind.public;
  const top = ip >>> 16;
  if (top === 0xc0a8 || top >>> 4 === 0xac1 || ip >>> 22 === 0x191) return addressKind.private;
  return top === 0xa9fe ? addressKind.linkLocal : addressKind.public;
}

function kindOfIpv6(top: number, words: Uint32Array, at: number): number {
  if (top === 0 && words[at + 1] === 0 && words[at + 2] === 0) {
    const last = words[at + 3] as number;
    if (last === 1) return addressKind.loopback;
    if (last === 0) return addressKind.none;
  }
  const first = top >>> 24;
  if (first === 0xff) return addressKind.none;
  if (first === 0xfc || first === 0xfd) return addressKind.private;
  const ten = top >>> 22;
  if (ten === 0x3fb) return addressKind.private;
  return ten === 0x3fa ? addressKind.linkLocal : addressKind.public;
}

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
