// When something that views set off while it is new last changed, so that who looks up sees it, and then it
// is quiet again. Times are the console's monotonic clock; what was there at the beginning has none.
import type { Counters, PeerStatus, Status } from '../../shared/ipc/status-contract.ts';

/** What is compared, by name: `factsOf` and its like make them. */
export type Facts = ReadonlyMap<string, string>;

/** By the names of facts. */
export type Changes = ReadonlyMap<string, number>;

/** `known`, and what differs between the two. What is new, or gone, has not changed. */
export function changesOf(known: Changes, before: Facts, after: Facts, now: number): Changes {
  const changes = new Map<string, number>();
  for (const [name, fact] of after) {
    const earlier = before.get(name);
    const at = earlier !== undefined && earlier !== fact ? now : known.get(name);
    if (at !== undefined) changes.set(name, at);
  }
  return changes;
}

export type PeerFact = 'state' | 'sync' | 'version';

export function peerFact({ address }: PeerStatus, fact: PeerFact): string {
  return `peer ${address} ${fact}`;
}

export function counterFact(name: keyof Counters): string {
  return `counter ${name}`;
}

/** @param earlier of a peer that cannot be reached the last word stands: it may come back as another version */
export function factsOf(
  { peers, counters }: Pick<Status, 'peers' | 'counters'>,
  earlier: Facts,
): Facts {
  const facts = new Map<string, string>();
  for (const peer of peers) {
    facts.set(peerFact(peer, 'state'), `${peer.state} ${peer.trouble !== null}`);
    for (const [what, told] of [
      ['sync', peer.encrypted],
      ['version', peer.version],
    ] as const) {
      const name = peerFact(peer, what);
      const fact = told === null ? earlier.get(name) : String(told);
      if (fact !== undefined) facts.set(name, fact);
    }
  }
  for (const [name, value] of Object.entries(counters))
    facts.set(counterFact(name as keyof Counters), String(value));
  return facts;
}
