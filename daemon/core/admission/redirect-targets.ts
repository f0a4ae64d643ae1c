// Where to send whom this server does not take: the less loaded of two peers picked at random. What
// a peer reported is up to a second old, so those sent there since count as if they were still in
// its backlog: between two reports not everybody goes to one.
import { isIpv4, parseAddress } from '../../../shared/protocol/address.ts';
import { kindOf, kindsToldTo } from '../../../shared/protocol/address-kind.ts';
import type { Origin } from '../query/registrar.ts';
import type { Membership, Peer } from '../sync/membership.ts';
import { type Fill, isOverClearMark, isOverSoftMark, shareOf } from './redirect-marks.ts';

/** A report this old says nothing about now. */
const staleMs = 10_000;

/** However quick the clients were that a peer got, a hundred of them count as one. */
const leastWeight = 1 / 100;

export interface Target {
  peer: Peer;
  /** `ip:port` as the asker is told */
  address: string;
}

/** What was sent to a peer since the report of `at`. */
interface Sent {
  at: number;
  count: number;
  /** by how much each adds to the peer's backlog */
  weight: number;
}

export class RedirectTargets {
  private readonly membership: Membership;
  private readonly random: () => number;
  private readonly sent = new WeakMap<Peer, Sent>();

  /** `random` gives numbers in [0, 1). */
  constructor(options: { membership: Membership; random: () => number }) {
    this.membership = options.membership;
    this.random = options.random;
  }

  /**
   * A peer that, with the asker, is below its soft mark and less full than `share`. Who was sent here
   * comes from a server that is loaded: for him it must be one that is surely not.
   */
  lessLoaded(origin: Origin, mono: number, share: number, wasSentHere: boolean): Target | null {
    return this.choose(
      this.candidates(origin, mono),
      (fill) => shareOf(fill) < share && !(wasSentHere && isOverClearMark(fill)),
    );
  }

  /** A peer that takes nodes, one below its soft mark if there is one. */
  any(origin: Origin, mono: number): Target | null {
    const candidates = this.candidates(origin, mono);
    return this.choose(candidates, () => true) ?? this.lighterOfTwo(candidates);
  }

  /** The peer at the configured `address`, if it takes nodes. */
  chosen(address: string, origin: Origin, mono: number): Target | null {
    return this.candidates(origin, mono).find(({ peer }) => peer.address === address) ?? null;
  }

  /** The asker was told to go there. */
  noteSent(peer: Peer): void {
    this.sentTo(peer).count++;
  }

  private choose(candidates: Target[], isFit: (fill: Fill) => boolean): Target | null {
    return this.lighterOfTwo(
      candidates.filter(({ peer }) => {
        const fill = this.expected(peer);
        return !isOverSoftMark(fill) && isFit(fill);
      }),
    );
  }

  /** The less loaded of two at random: the least loaded of all would get everybody's at once. */
  private lighterOfTwo(candidates: Target[]): Target | null {
    const [first] = this.takeOne(candidates);
    const [second] = this.takeOne(candidates);
    if (first === undefined || second === undefined) return first ?? null;
    const isSecond = shareOf(this.expected(second.peer)) < shareOf(this.expected(first.peer));
    return isSecond ? second : first;
  }

  private takeOne(candidates: Target[]): Target[] {
    return candidates.splice(Math.floor(this.random() * candidates.length), 1);
  }

  private candidates(origin: Origin, mono: number): Target[] {
    return this.membership.peers.flatMap((peer) => {
      const address = takesNodes(peer, mono) ? addressFor(peer, origin) : null;
      return address === null ? [] : [{ peer, address }];
    });
  }

  /** How full the peer's backlog would be with one more. */
  private expected(peer: Peer): Fill {
    const { backlog, limit } = peer.load ?? { backlog: 0, limit: 0 };
    const { count, weight } = this.sentTo(peer);
    return { backlog: backlog + count * weight + 1, limit };
  }

  private sentTo(peer: Peer): Sent {
    const at = peer.loadAt ?? 0;
    const last = this.sent.get(peer);
    if (last?.at === at) return last;
    const next = { at, count: 0, weight: weightOf(last?.count ?? 0, peer.load?.backlog ?? 0) };
    this.sent.set(peer, next);
    return next;
  }
}

/**
 * What one client sent to a peer adds to its backlog for as long as a report lasts, from how many of
 * the last `sent` can still be there: all of them when clients are slow, hardly any when they are
 * not. Without it a peer would get no more in a second than its backlog holds.
 */
function weightOf(sent: number, backlog: number): number {
  if (sent === 0) return 1;
  return Math.min(1, Math.max(leastWeight, Math.max(1, backlog) / sent));
}

/** Heard of, and not draining or stopping. */
export function takesNodes(peer: Peer, mono: number): boolean {
  return (
    peer.state(mono) === 'alive' &&
    peer.loadAt !== null &&
    mono - peer.loadAt < staleMs &&
    peer.load !== null &&
    peer.load.limit > 0
  );
}

/**
 * Where the asker can reach the peer: as the peer says itself, else as it is configured. Null: not in
 * the asker's address family, where legacy nodes know IPv4 only, or further in than the asker is.
 */
function addressFor(peer: Peer, { ip, dialect }: Origin): string | null {
  const isFromIpv4 = isIpv4(ip, 0);
  if (dialect === 'legacy' && !isFromIpv4) return null;
  const kinds = kindsToldTo(kindOf(ip, 0));
  return (
    addressesOf(peer).find((address) => {
      const words = parseAddress(address);
      return words !== null && isIpv4(words, 0) === isFromIpv4 && (kinds & kindOf(words, 0)) !== 0;
    }) ?? null
  );
}

/**
 * Where the peer says it is, then where it is dialled. The other way round when what it says is further in: that is
 * where it listens behind its router, no Advertise.
 */
function addressesOf({ address, listen }: Peer): string[] {
  if (listen === null) return [address];
  const [said, dialled] = [parseAddress(listen), parseAddress(address)];
  const isFurtherIn = said !== null && dialled !== null && kindOf(said, 0) > kindOf(dialled, 0);
  return isFurtherIn ? [address, listen] : [listen, address];
}
