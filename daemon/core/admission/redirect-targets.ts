// Where a node is redirected to: the less loaded of two peers picked at random (PROTOCOL.md, "redirect, busy"). A
// peer's report is up to a second old, so nodes sent to the peer since then count as if they were in its backlog:
// between two reports they do not all go to one peer.
import { isIpv4, parseAddress } from '../../../shared/protocol/address.ts';
import { kindOf, kindsListedTo } from '../../../shared/protocol/address-kind.ts';
import type { Origin } from '../query/verdict.ts';
import type { Membership } from '../sync/membership.ts';
import type { Peer } from '../sync/peer.ts';

/** From this share of Backlog on, a server redirects nodes that know nothing yet: those cost most. */
const softMark = 0.8;

/** Below this share it serves everybody again; the gap is more than one group commit empties. */
const clearMark = 0.6;

/** From this share on it redirects deltas too; the rest is for registrations. */
const deltaMark = 0.9;

/** A single request is no load, however small Backlog is. */
const minLoad = 2;

/** A report older than this is void, ms. */
const staleMs = 10_000;

/** However fast a peer's clients were, a hundred of them count as one. */
const minWeight = 1 / 100;

/** A backlog and its limit, in connections. A peer with limit 0 takes no nodes. */
export interface Fill {
  backlog: number;
  limit: number;
}

/** How full a backlog is: 1 is its limit. */
export function shareOf({ backlog, limit }: Fill): number {
  return backlog / limit;
}

/** Whether newcomers are redirected. */
export function isOverSoftMark(fill: Fill): boolean {
  return isOver(softMark, fill);
}

/** Whether a server that redirects goes on doing so. */
export function isOverClearMark(fill: Fill): boolean {
  return isOver(clearMark, fill);
}

/** Whether deltas are redirected, too. */
export function isOverDeltaMark(fill: Fill): boolean {
  return isOver(deltaMark, fill);
}

function isOver(mark: number, { backlog, limit }: Fill): boolean {
  return backlog >= Math.max(minLoad, mark * limit);
}

/** A peer to redirect to. */
export interface Target {
  peer: Peer;
  /** `ip:port` for the reply */
  address: string;
}

/** The nodes sent to a peer since its report of `at`. */
interface Sent {
  at: number;
  count: number;
  /** by how much each node grows the peer's backlog */
  weight: number;
}

/** Chooses the peers that nodes are redirected to. */
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
   * A peer that stays below its soft mark with the asker, and less full than `share`. An asker that was redirected
   * here came from a loaded server; its target must be below the clear mark as well, so certainly not loaded.
   */
  lessLoaded(origin: Origin, mono: number, share: number, wasRedirected: boolean): Target | null {
    return this.choose(
      this.candidates(origin, mono),
      (fill) => shareOf(fill) < share && !(wasRedirected && isOverClearMark(fill)),
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

  /** An asker is redirected to the peer. */
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

  /** The less loaded of two at random: the least loaded of all would get every server's nodes at once. */
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
 * How much one node sent to a peer adds to its backlog until the next report, from how many of the last `sent` can
 * still be in `backlog`: 1 when clients are slow, hardly anything when they are fast. Without it a peer would get
 * no more nodes a second than its backlog holds.
 */
function weightOf(sent: number, backlog: number): number {
  if (sent === 0) return 1;
  return Math.min(1, Math.max(minWeight, Math.max(1, backlog) / sent));
}

/** Whether the peer is alive, reported lately, and is neither draining nor stopping. `mono`: ms. */
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
 * Where the asker can reach the peer: the address that the peer reports, else one where it is dialled. Null: none is of
 * the asker's address family (legacy nodes know IPv4 only), or all are less public than the asker's address.
 */
function addressFor(peer: Peer, { ip, dialect }: Origin): string | null {
  const isFromIpv4 = isIpv4(ip, 0);
  if (dialect === 'legacy' && !isFromIpv4) return null;
  const kinds = kindsListedTo(kindOf(ip, 0));
  return (
    addressesOf(peer).find((address) => {
      const words = parseAddress(address);
      return words !== null && isIpv4(words, 0) === isFromIpv4 && (kinds & kindOf(words, 0)) !== 0;
    }) ?? null
  );
}

/**
 * The address that the peer reports, then where it is dialled; the other way round when the reported one is less
 * public: then the peer listens behind a router and has no Advertise.
 */
function addressesOf({ addresses, listen }: Peer): readonly string[] {
  if (listen === null) return addresses;
  const [reported, dialled] = [parseAddress(listen), parseAddress(addresses[0] ?? '')];
  const isLessPublic =
    reported !== null && dialled !== null && kindOf(reported, 0) > kindOf(dialled, 0);
  return isLessPublic ? [...addresses, listen] : [listen, ...addresses];
}
