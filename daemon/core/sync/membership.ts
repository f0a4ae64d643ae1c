// Who the other name servers are: those in NameServers and those that a transport has found, and which of them share the
// work. What is known of one is in peer.ts.
import type { Unable } from '../../../shared/protocol/sync-message.ts';
import { type MembershipTimes, Peer } from './peer.ts';

/**
 * A server that was found is shown as down for this long, so that an operator who looks in the morning sees it;
 * then it is taken for one that was given up.
 */
const forgottenMs = 24 * 3_600_000;

/** A server that shares the work, with the hosts of which it has no share. */
export interface Sharer {
  readonly id: string;
  readonly cannotJudge: Unable | null;
}

/** The name servers besides this one: those in NameServers, and those that a transport has found. */
export class Membership {
  times: MembershipTimes;
  /** there may be peers that are not found yet */
  isSearching = false;
  private readonly self: string;
  /** NameServers */
  private named: readonly string[] = [];
  /** addresses in NameServers that turned out to be this server's */
  private own: readonly string[] = [];
  /** the addresses of those, and of the aliases of peers, when that turned out */
  private readonly ledTo = new Map<string, readonly string[]>();
  private list: readonly Peer[] = [];
  private lastSharers: readonly Sharer[] = [];
  /** by address, because each message of a fleet of hundreds asks for one */
  private byAddress: ReadonlyMap<string, Peer> = new Map();

  /** @param self the id of this server */
  constructor(self: string, addresses: readonly string[], times: MembershipTimes) {
    this.self = self;
    this.times = times;
    this.configure(addresses);
  }

  /** in the order of NameServers, then those that were found */
  get peers(): readonly Peer[] {
    return this.list;
  }

  private set peers(peers: readonly Peer[]) {
    this.list = peers;
    this.byAddress = new Map(peers.map((peer) => [peer.address, peer]));
  }

  /**
   * NameServers has changed. What is known of a peer stays while it is named, or was found.
   * @returns those that are no peers any more
   */
  configure(addresses: readonly string[]): Peer[] {
    const before = this.peers;
    this.named = addresses;
    for (const address of this.ledTo.keys())
      if (!addresses.includes(address)) this.ledTo.delete(address);
    this.own = this.own.filter((address) => addresses.includes(address));
    for (const peer of before)
      peer.aliases = peer.aliases.filter((address) => addresses.includes(address));
    const isAlias = (address: string) =>
      before.some((peer) => addresses.includes(peer.address) && peer.aliases.includes(address));
    const others = [...new Set(addresses)].filter(
      (address) => !this.own.includes(address) && !isAlias(address),
    );
    const named = others.map((address) => this.at(address) ?? new Peer(address, this));
    const found = before.filter((peer) => peer.foundAt !== null && !named.includes(peer));
    this.peers = [...named, ...found];
    for (const peer of this.peers) peer.isNamed = named.includes(peer);
    return before.filter((peer) => !this.peers.includes(peer));
  }

  at(address: string): Peer | null {
    return this.byAddress.get(address) ?? null;
  }

  /**
   * The peer with that id; else the one at that address, whose id is unknown yet. Of two with one id,
   * which is a mistake of their operators, the one at that address.
   * @param before the answer of the last time, because each message of a connection asks
   */
  identify(id: string, listen: string, before: Peer | null = null): Peer | null {
    const isSame = before?.id === id && before.isReachedAt(listen);
    if (isSame && this.at(before.address) === before) return before;
    let known: Peer | null = null;
    for (const peer of this.peers) {
      if (peer.id !== id) continue;
      if (peer.isReachedAt(listen)) return peer;
      known ??= peer;
    }
    return known ?? this.peers.find(({ addresses }) => addresses.includes(listen)) ?? null;
  }

  /**
   * Peers with one id while both are there, each with the other: two name servers that use copies of one
   * database. Each refuses the other when they meet (`same-id`); a third server would take the changes of
   * one for those of the other. One that was stopped and started where another peer was is there at both addresses
   * for as long as it may be silent, but is heard at one of them only.
   */
  twins(mono: number): ReadonlyMap<Peer, Peer> {
    const twins = new Map<Peer, Peer>();
    const firsts = new Map<string, Peer>();
    for (const peer of this.peers) {
      if (peer.id === null || peer.run === null || !peer.isThere(mono)) continue;
      const first = firsts.get(peer.id);
      if (first === undefined) firsts.set(peer.id, peer);
      // A server that was started again is another run of the same: it answers at one address only.
      else if (first.run !== peer.run && this.areBothHeard(first, peer)) {
        twins.set(peer, first);
        if (!twins.has(first)) twins.set(first, peer);
      }
    }
    return twins;
  }

  /** Each has spoken a heartbeat and more after the run of the other was met: what was on its way came before. */
  private areBothHeard(one: Peer, other: Peer): boolean {
    const { beatMs } = this.times;
    return one.spokeAfter(other.runMetAt + beatMs) && other.spokeAfter(one.runMetAt + beatMs);
  }

  /**
   * Peers that are not at their addresses, each with the one that is at its own with the same id: a server that has moved
   * is named, or was found, at both. That they are one is shown, and nothing more follows from it: if the former
   * address belongs to a copy of it, the two are twins as soon as that answers.
   */
  moved(mono: number): ReadonlyMap<Peer, Peer> {
    const moved = new Map<Peer, Peer>();
    // A connection that rides on one from elsewhere says nothing about who is at an address.
    const isAt = (peer: Peer) =>
      peer.isThere(mono) && (!peer.isNamed || peer.runThere === peer.run);
    for (const peer of this.peers) {
      if (peer.id === null || isAt(peer)) continue;
      const now = this.peers.find((each) => each.id === peer.id && isAt(each));
      if (now !== undefined) moved.set(peer, now);
    }
    return moved;
  }

  /**
   * A transport has found a server there. It is a peer, if it is not one under another address in NameServers, until
   * nothing was heard of it for a day.
   * @returns whether it is a new one
   */
  find(address: string, id: string, mono: number): boolean {
    const known = this.at(address);
    known?.noteFound(mono);
    const isKnown = (peer: Peer) => peer.isNamed && (peer.id === id || peer.isReachedAt(address));
    if (known !== null || id === this.self || this.peers.some(isKnown)) return false;
    const peer = new Peer(address, this);
    peer.isNamed = false;
    peer.noteFound(mono);
    this.peers = [...this.peers, peer];
    return true;
  }

  /** Removes the peers that were found and are silent for a day. @returns them */
  forgetSilent(mono: number): Peer[] {
    const isOld = (peer: Peer) => !peer.isNamed && peer.silentMs(mono) >= forgottenMs;
    const old = this.peers.filter(isOld);
    if (old.length > 0) this.peers = this.peers.filter((peer) => !old.includes(peer));
    return old;
  }

  /** The clock of this server was set: how far the peers' clocks differ from it is unknown until they say. */
  forgetClocks(): void {
    for (const peer of this.peers) peer.forgetClock();
  }

  /** The known clocks of the peers that are alive, less this server's, ms. */
  clocks(mono: number): number[] {
    const clocks: number[] = [];
    for (const peer of this.peers)
      if (peer.clockMs !== null && peer.state(mono) === 'alive') clocks.push(peer.clockMs);
    return clocks;
  }

  /** Another peer at whose address the same server answers, with that id and run, as at the address of `peer`. */
  sameAs(peer: Peer, { id, run }: { id: string; run: string }): Peer | null {
    return (
      this.peers.find((each) => each !== peer && each.id === id && each.runThere === run) ?? null
    );
  }

  /** What NameServers has besides the peers: this server itself, and further addresses of peers. */
  get others(): readonly string[] {
    return [...this.ledTo.keys()];
  }

  /**
   * One of `others` leads to `addresses` now. A name that leads to none of those that it had may be of another server
   * by now, so that is a peer again, until it turns out to be none.
   * @returns whether it is
   */
  part(other: string, addresses: readonly string[]): boolean {
    const before = this.ledTo.get(other);
    if (before === undefined || addresses.some((each) => before.includes(each))) return false;
    this.ledTo.delete(other);
    this.own = this.own.filter((each) => each !== other);
    for (const peer of this.peers) peer.aliases = peer.aliases.filter((each) => each !== other);
    this.configure(this.named);
    return true;
  }

  /** Makes one peer of two that are the same server: `peer` is dialled at the address of `alias`, too. */
  join(peer: Peer, alias: Peer): void {
    this.ledTo.set(alias.address, alias.addresses);
    peer.aliases = [...peer.aliases, alias.address, ...alias.aliases];
    peer.addresses = [...new Set([...peer.addresses, ...alias.addresses])];
    this.peers = this.peers.filter((each) => each !== alias);
  }

  /** Removes the peer at that address, which turned out to be this server itself. */
  drop(address: string): void {
    this.ledTo.set(address, this.at(address)?.addresses ?? []);
    this.own = [...this.own, address];
    this.peers = this.peers.filter((peer) => peer.address !== address);
  }

  /**
   * Whether a server that connects from `ip` is in NameServers: it has the id of a peer, or is reached where one is;
   * or it comes from where a peer is whose id is unknown yet. This server itself is, so that it can find that out.
   */
  names({ id, listen }: { id: string; listen: string }, ip: string): boolean {
    if (id === this.self || this.identify(id, listen) !== null) return true;
    return this.peers.some((peer) => peer.id === null && peer.isAt(ip));
  }

  /**
   * Peers that cannot judge all hosts, each with those that it cannot. Where no server can judge any, none of them is
   * what is wrong.
   * @param cannotJudge what this server cannot judge
   */
  unable(mono: number, cannotJudge: Unable | null = null): ReadonlyMap<Peer, Unable> {
    const unable = new Map<Peer, Unable>();
    for (const peer of this.peers)
      if (peer.cannotJudge !== null && peer.isThere(mono)) unable.set(peer, peer.cannotJudge);
    if (unable.size === 0) return unable;
    if (this.participants(mono, cannotJudge).some((each) => each.cannotJudge !== 'all'))
      return unable;
    for (const [peer, what] of unable) if (what === 'all') unable.delete(peer);
    return unable;
  }

  /**
   * The servers that share the work, this one among them, sorted by their ids.
   * @param cannotJudge what this server cannot judge
   */
  participants(mono: number, cannotJudge: Unable | null = null): readonly Sharer[] {
    const sharers = new Map<string, Unable | null>([[this.self, cannotJudge]]);
    for (const peer of this.peers)
      if (peer.id !== null && !sharers.has(peer.id) && peer.isCounted(mono))
        sharers.set(peer.id, peer.cannotJudge);
    const { lastSharers } = this;
    const isAsBefore =
      sharers.size === lastSharers.length &&
      lastSharers.every((each) => sharers.get(each.id) === each.cannotJudge);
    // They rarely change, and hundreds take longer to sort than all else of a tick.
    if (!isAsBefore)
      this.lastSharers = [...sharers]
        .map(([id, cannotJudge]) => ({ id, cannotJudge }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.lastSharers;
  }
}
