// One hash of an address for the index, for who pings it, and for digests.
import { addressWords } from '../../shared/protocol/address.ts';

/** MurmurHash3's mixing over all five words: `ip ^ port` alone clusters and probes 15 times longer. */
export function hashAddress(words: Uint32Array, at: number): number {
  let h = 0;
  for (let i = 0; i < addressWords; i++) {
    let k = Math.imul(words[at + i] as number, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
