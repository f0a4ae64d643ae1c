// A hash of whom an address belongs to, as `sourceOf` of shared/protocol/address-kind.ts says it, without its
// text: shares are counted for every host that comes and for every host of a sample.
import { isIpv4 } from '../../../shared/protocol/address.ts';
import { finished, mixed } from './murmur.ts';

/** 32 bits, equal for equal sources; another `seed` is another hash. */
export function hashSource(words: Uint32Array, at: number, seed: number): number {
  if (isIpv4(words, at)) return finished(mixed(seed, words[at + 3] as number));
  return finished(mixed(mixed(seed, words[at] as number), words[at + 1] as number));
}
