// One hash of an address for the index, for who pings it, and for digests.
import { isIpv4, mappedPrefix } from '../../../shared/protocol/address.ts';
import { finished, mixed } from './murmur.ts';

/** Of the three words with which every IPv4 address begins. */
const ofIpv4 = mixed(mixed(mixed(0, 0), 0), mappedPrefix);

/** Over all five words: `ip ^ port` alone clusters and probes 15 times longer. */
export function hashAddress(words: Uint32Array, at: number): number {
  const prefix = isIpv4(words, at)
    ? ofIpv4
    : mixed(mixed(mixed(0, words[at] as number), words[at + 1] as number), words[at + 2] as number);
  return finished(mixed(mixed(prefix, words[at + 3] as number), words[at + 4] as number));
}
