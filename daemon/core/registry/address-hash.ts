// Hashes of packed addresses: MurmurHash3 of whole words (public domain, A. Appleby, 2011). An address's hash
// is its place in the index and in the digests, and decides which name server pings it.
import { isIpv4, mappedPrefix } from '../../../shared/protocol/address.ts';

/** MurmurHash3: `hash` with one more word mixed in. Start with 0 or a seed, and end with `finished`. */
export function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finalizer; 32 bits, unsigned. */
export function finished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash of the three words with which every IPv4 address begins. */
const ofIpv4 = mixed(mixed(mixed(0, 0), 0), mappedPrefix);

/**
 * The hash of the address and port packed at `words[at]`; 32 bits, unsigned. It covers all five words: `ip ^ port`
 * alone clusters and needs 15 times as many probes.
 */
export function hashAddress(words: Uint32Array, at: number): number {
  const prefix = isIpv4(words, at)
    ? ofIpv4
    : mixed(mixed(mixed(0, words[at] as number), words[at + 1] as number), words[at + 2] as number);
  return finished(mixed(mixed(prefix, words[at + 3] as number), words[at + 4] as number));
}

/**
 * The hash of the source of the address packed at `words[at]`: of an IPv4 address, or an IPv6 /64, as `sourceOf`
 * has it as text. 32 bits, unsigned; another `seed` gives another hash.
 */
export function hashSource(words: Uint32Array, at: number, seed: number): number {
  if (isIpv4(words, at)) return finished(mixed(seed, words[at + 3] as number));
  return finished(mixed(mixed(seed, words[at] as number), words[at + 1] as number));
}
