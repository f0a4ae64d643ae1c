// One hash of an address for the index, for who pings it, and for digests.
import { addressWords } from '../../shared/protocol/address.ts';
import { finished, mixed } from './murmur.ts';

/** Over all five words: `ip ^ port` alone clusters and probes 15 times longer. */
export function hashAddress(words: Uint32Array, at: number): number {
  let hash = 0;
  for (let i = 0; i < addressWords; i++) hash = mixed(hash, words[at + i] as number);
  return finished(hash);
}
