// Who pings which host: rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to
// Increase Hit Rates", 1998). Every server computes the same order of the servers for an address
// without asking anyone; the hosts are split evenly, and when a server comes or goes only the hosts
// that it gains or loses change hands.
import { hashAddress } from '../registry/address-hash.ts';

/** A server taking part, with the seed that its id was hashed to. */
export interface Participant {
  id: string;
  seed: number;
}

export function participant(id: string): Participant {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return { id, seed: mix(hash) };
}

/** The ids of all servers in their order for the address at `words[at]`: its owner first. */
export function rank(
  words: Uint32Array,
  at: number,
  participants: readonly Participant[],
): string[] {
  const address = hashAddress(words, at);
  return participants
    .map(({ id, seed }) => ({ id, score: mix(address ^ seed) }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

/** Which of `participants` is the first for the address at `words[at]`; -1 when there are none. */
export function ownerIndex(
  words: Uint32Array,
  at: number,
  participants: readonly Participant[],
): number {
  if (participants.length <= 1) return participants.length - 1;
  const address = hashAddress(words, at);
  let owner = -1;
  let best = -1;
  for (let index = 0; index < participants.length; index++) {
    const each = participants[index] as Participant;
    const score = mix(address ^ each.seed);
    if (score < best) continue;
    if (score === best && (participants[owner] as Participant).id < each.id) continue;
    owner = index;
    best = score;
  }
  return owner;
}

/** MurmurHash3's finalizer: every bit of the input moves half the bits of the result. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
