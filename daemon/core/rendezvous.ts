// Who pings which host: rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to
// Increase Hit Rates", 1998). Every server computes the same order of the servers for an address
// without asking anyone; the hosts are split evenly, and when a server comes or goes only the hosts
// that it gains or loses change hands.
import { hashAddress } from './address-hash.ts';

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

/** The ids of the first and, when there is one, the second server for the address at `words[at]`. */
export function rank(
  words: Uint32Array,
  at: number,
  participants: readonly Participant[],
): { first: string | null; second: string | null } {
  const address = hashAddress(words, at);
  let first: Participant | null = null;
  let second: Participant | null = null;
  let firstScore = -1;
  let secondScore = -1;
  for (const each of participants) {
    const score = mix(address ^ each.seed);
    if (score > firstScore || (score === firstScore && first !== null && each.id < first.id)) {
      second = first;
      secondScore = firstScore;
      first = each;
      firstScore = score;
    } else if (
      score > secondScore ||
      (score === secondScore && second !== null && each.id < second.id)
    ) {
      second = each;
      secondScore = score;
    }
  }
  return { first: first?.id ?? null, second: second?.id ?? null };
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
