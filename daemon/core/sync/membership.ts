// Which of the configured name servers are there: heard of lately, silent for a while, or gone.
// Whoever was gone, or was never there, counts for the sharing out of work only when it has been
// there for a while, so that a server that comes and goes does not move hosts to and fro.
import type { PeerState } from '../../../shared/ipc/status-contract.ts';

/** All in milliseconds. */
export interface MembershipTimes {
  /** between two heartbeats */
  beatMs: number;
  /** silent for this long: suspect */
  suspectMs: number;
  /** silent for this long: down */
  downMs: number;
  /** there for this long: counted again */
  settledMs: number;
}

/** A faster heartbeat would take a busy machine for a dead one. */
const leastBeatMs = 250;

/** A second, for a TTL of an hour: a server that dies is replaced long before a cycle of pings ends. */
const mostBeatMs = 1_000;

/** Derived from the TTL as everything is, so that a fleet with one of seconds behaves as the real one. */
export function membershipTimes(ttlMs: number): MembershipTimes {
  const beatMs = Math.min(mostBeatMs, Math.max(leastBeatMs, ttlMs / 3_600));
  return { beatMs, suspectMs: 5 * beatMs, downMs: 15 * beatMs, settledMs: 30 * beatMs };
}

/** What a server says about itself with each heartbeat. */
export interface Load {
  backlog: number;
  limit: number;
  live: number;
}

/** One configured peer. Times on the monotonic clock unless they say otherwise. */
export class Peer {
  /** as configured */
  readonly address: string;
  /** where it says it is reached: its Advertise, or where it listens; null: it did not, or on every address */
  listen: string | null = null;
  id: string | null = null;
  /** names the run of its program */
  run: string | null = null;
  /** of its software; null: not known, or from before it was told */
  version: string | null = null;
  /** false: it took a greeting with a version for malformed */
  readsVersion = true;
  load: Load | null = null;
  /** when it said so; null: it did not, or not on a connection that is still there */
  loadAt: number | null = null;
  roundTripMs: number | null = null;
  /** its clock less ours */
  clockMs: number | null = null;
  /** since this server started: everything that its log had when they met is in the registry */
  isLogHere = false;
  /** since this server started: comparing has brought everything that it had, whoever registered it */
  isCompared = false;
  /** its log from before they met is on its way, so that comparing would send the same again */
  isSendingLog = false;
  isClockWrong = false;
  /** another peer has its id: see twins.ts */
  hasTwin = false;
  /** why it is not spoken with, for people; null while it is */
  trouble: string | null = null;
  private heardAt: number | null = null;
  private thereSince = 0;
  private readonly membership: Pick<Membership, 'times'>;

  constructor(address: string, membership: Pick<Membership, 'times'>) {
    this.address = address;
    this.membership = membership;
  }

  heard(mono: number): void {
    const wasThere = this.heardAt !== null && mono - this.heardAt < this.membership.times.downMs;
    if (!wasThere) this.thereSince = mono;
    this.heardAt = mono;
  }

  state(mono: number): PeerState {
    if (this.heardAt === null) return 'connecting';
    const silent = mono - this.heardAt;
    const { suspectMs, downMs } = this.membership.times;
    if (silent < suspectMs) return 'alive';
    return silent < downMs ? 'suspect' : 'down';
  }

  isCounted(mono: number): boolean {
    const state = this.state(mono);
    const isThere = state === 'alive' || state === 'suspect';
    return isThere && mono - this.thereSince >= this.membership.times.settledMs;
  }
}

export class Membership {
  readonly peers: Peer[];
  times: MembershipTimes;
  private readonly self: string;

  constructor(self: string, addresses: readonly string[], times: MembershipTimes) {
    this.self = self;
    this.times = times;
    this.peers = [...new Set(addresses)].map((address) => new Peer(address, this));
  }

  at(address: string): Peer | null {
    return this.peers.find((peer) => peer.address === address) ?? null;
  }

  /**
   * The peer with that id, or the one that listens at that address and whose id is not known yet. Of
   * two with one id, which is a mistake, the one that listens there.
   */
  identify(id: string, listen: string): Peer | null {
    const alike = this.peers.filter((peer) => peer.id === id);
    const isThere = (peer: Peer) => peer.address === listen || peer.listen === listen;
    return alike.find(isThere) ?? alike[0] ?? this.at(listen);
  }

  /** This server's clock was set: how far the others' are from it is not known until they tell it again. */
  forgetClocks(): void {
    for (const peer of this.peers) peer.clockMs = null;
  }

  /** The clocks of the peers that are there less this server's, ms: those that are known. */
  clocks(mono: number): number[] {
    return this.peers
      .filter((peer) => peer.state(mono) === 'alive')
      .map(({ clockMs }) => clockMs)
      .filter((clockMs) => clockMs !== null);
  }

  /** That address turned out to be this server's own. */
  drop(address: string): void {
    const at = this.peers.findIndex((peer) => peer.address === address);
    if (at !== -1) this.peers.splice(at, 1);
  }

  /** Ids of the servers that share the work, this one among them, in order. */
  participants(mono: number): string[] {
    const ids = new Set([this.self]);
    for (const peer of this.peers) if (peer.id !== null && peer.isCounted(mono)) ids.add(peer.id);
    return [...ids].toSorted();
  }
}
