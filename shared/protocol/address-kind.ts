// What an address tells about its owner: who can reach it (its kind), whose share it counts towards (its
// source), and whether a name server can be there. An address that its reader cannot reach, or that
// means another machine there, is worse than none, so it is listed only for askers that can use it
// (PROTOCOL.md, "Address visibility").
import { isIP } from 'node:net';
import {
  addressWords,
  formatAddress,
  formatIp,
  isIpv4,
  packAddress,
  parseAddress,
} from './address.ts';

/** Kinds of address, one bit each, so that a set of kinds is a number. */
export const addressKind = {
  public: 1,
  /** RFC 1918, RFC 6598 (carriers), RFC 4193, and site-local addresses (RFC 3513) */
  private: 2,
  /** RFC 3927, RFC 4291 §2.5.6: valid on one link only */
  linkLocal: 4,
  loopback: 8,
  /** multicast, broadcast and unspecified: no host's */
  none: 16,
} as const;

/** The set of all kinds of IPv4 addresses. */
export const everyIpv4Kind =
  addressKind.public |
  addressKind.private |
  addressKind.linkLocal |
  addressKind.loopback |
  addressKind.none;

/** In a set of kinds by family, the bits of IPv6 are this many places higher. */
const ipv6Shift = 5;

/** The set of all kinds, of both families. */
export const everyKind = inBothFamilies(everyIpv4Kind);

/** The kind of the address packed at `words[at]`, one bit of `addressKind`. */
export function kindOf(words: Uint32Array, at: number): number {
  return isIpv4(words, at)
    ? kindOfIpv4(words[at + 3] as number)
    : kindOfIpv6(words[at] as number, words, at);
}

/** The same as one bit for each kind of each family: a member of the sets below. */
export function kindByFamily(words: Uint32Array, at: number): number {
  const kind = kindOf(words, at);
  return isIpv4(words, at) ? kind : kind << ipv6Shift;
}

/** The set of kinds, of both families, that are listed for an asker at an address of `kind`. */
export function kindsListedTo(kind: number): number {
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

/** Whether `host` is listed for an asker at `asker`; both addresses are packed at index 0. */
export function isListedTo(asker: Uint32Array, host: Uint32Array): boolean {
  return (kindsListedTo(kindOf(asker, 0)) & kindOf(host, 0)) !== 0;
}

function kindOfIpv4(ip: number): number {
  const first = ip >>> 24;
  // Nearly all addresses are neither: one comparison each.
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
 * The source of the address packed at `words[at]`: the party whose share of connections, backlog and
 * registry it counts towards. `192.0.2.1` for IPv4, also in its mapped form. `2001:db8:1:2::/64` for
 * IPv6, because a subnet has 2^64 addresses. The port does not matter.
 */
export function sourceOf(words: Uint32Array, at = 0): string {
  if (isIpv4(words, at)) return formatIp(words, at);
  const subnet = new Uint32Array(addressWords);
  subnet[0] = words[at] as number;
  subnet[1] = words[at + 1] as number;
  return `${formatIp(subnet, 0)}/64`;
}

/** The network that the address packed at `words[at]` is in, an IPv4 /24 or an IPv6 /48: as a key, not for people. */
export function networkOf(words: Uint32Array, at = 0): string {
  if (isIpv4(words, at)) return String((words[at + 3] as number) >>> 8);
  return `${words[at]}:${(words[at + 1] as number) >>> 16}`;
}

/** The source of an IP as the system writes it; the text itself if it is not an IP. */
export function sourceOfIp(ip: string): string {
  const words = packAddress(ip, 1);
  return words === null ? ip : sourceOf(words);
}

/** Default port of a name server. */
export const usualPort = 4524;

/**
 * `ip:port` of a name server that a person named as `ip` or `ip:port`; null if the text is neither, or is
 * not the address of one server (0.0.0.0, [::]).
 */
export function serverAddress(text: string): string | null {
  const ip = text.replace(/^\[([^[\]]*)\]$/, '$1');
  const words = parseAddress(text) ?? (isIP(ip) === 0 ? null : packAddress(ip, usualPort));
  if (words === null || text.includes('%')) return null;
  const address = formatAddress(words, 0);
  return /^(0\.0\.0\.0|\[::\]):/.test(address) ? null : address;
}

/** An IP address and a port as `ip:port`, IPv6 in brackets. */
export function addressText({ address, port }: { address: string; port: number }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
