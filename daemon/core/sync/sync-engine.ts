// Name servers together (PROTOCOL.md, "Sync"): the sessions with all peers, whichever side dialled. A state
// machine: connections, messages, time and confirmations come in, effects go out of `take`. Whoever runs it
// performs them in order before the next input; daemon/DESIGN.md shows the loop.
import type { Refusal } from '../../../shared/protocol/message.ts';
import {
  type OpinionVerdict,
  type SyncHello,
  type SyncMessage,
  syncProtocol,
} from '../../../shared/protocol/sync-message.ts';
import type { OpinionRequest } from '../expiry/expiry-effects.ts';
import type { Clocks } from '../timing/timing.ts';
import { CatchingUp, type ComparisonWish } from './comparisons.ts';
import { InboundSession } from './inbound-session.ts';
import type { Sharer } from './membership.ts';
import { OutboundSession } from './outbound-session.ts';
import type { Peer } from './peer.ts';
import { newsOf } from './peer-news.ts';
import type {
  PeerEvent,
  PeerSession,
  Question,
  Renumbering,
  SyncContext,
  SyncEffect,
} from './peer-session.ts';
import { type PeerView, viewOf } from './peer-view.ts';
import { Publication } from './publication.ts';

/** All sessions of this server. No input throws; what a peer does wrong becomes an `event` and a `close`. */
export class SyncEngine {
  /** what is said to everybody, where a transport reaches all at once */
  readonly publication: Publication;
  private readonly context: SyncContext;
  private readonly random: () => number;
  private readonly sessions = new Set<PeerSession>();
  /** by the session whose connection they use, or used last */
  private readonly riders = new Map<PeerSession, PeerSession>();
  private readonly catchingUp: CatchingUp;
  /** ids of peers that are not named any more, until they are forgotten */
  private readonly former = new Set<string>();
  private readonly effects: SyncEffect[] = [];

  /** `random` gives numbers in [0, 1). */
  constructor(options: { context: SyncContext; random: () => number }) {
    this.context = options.context;
    this.catchingUp = new CatchingUp(options.context.membership);
    this.random = options.random;
    this.publication = new Publication({
      ...options,
      effects: this.effects,
      catchingUp: this.catchingUp,
      sessionWith: (address) => this.sessionTo(address, false),
      sessions: () => this.outbound(),
    });
  }

  /** What the inputs since the last call lead to, in order. */
  take(): readonly SyncEffect[] {
    return this.effects.length === 0 ? nothing : this.effects.splice(0);
  }

  /** NameServers has changed: nothing is sent any more to servers that it does not name. */
  configure(nameServers: readonly string[]): void {
    const removed = this.context.membership.configure(nameServers);
    for (const session of this.outbound()) if (removed.includes(session.peer)) session.end();
    for (const { id } of removed) if (id !== null) this.former.add(id);
    this.forgetFormer();
  }

  /** The server that dialled is not one of the name servers any more, and is told why. */
  dismiss(session: InboundSession, refusal: Refusal): void {
    session.end({ kind: 'error', ...refusal });
  }

  /** A transport has found a server. @returns whether that is a peer from now on, which it was not before */
  found(address: string, id: string, now: Clocks): boolean {
    const { membership } = this.context;
    const isNew = membership.find(address, id, now.mono);
    if (membership.at(address)?.isPulsing(now.mono) === false) this.publication.found(now);
    return isNew;
  }

  /** The connection to the peer at `address` is open. @returns null when it is no peer (any more) */
  dialled(address: string, now: Clocks): OutboundSession | null {
    const { context, effects, random } = this;
    const peer = context.membership.at(address);
    if (peer === null) return null;
    return this.begin(new OutboundSession({ context, effects, peer, random, now }), now);
  }

  /**
   * A name server that dialled this one greets.
   * @param saysWhere false: it listens on every address, and `hello.listen` has the one that it came from,
   *   which may be its router's
   * @returns why there is no session, to be sent before the connection is closed
   */
  accepted(hello: SyncHello, now: Clocks, saysWhere: boolean = true): InboundSession | Refusal {
    const { context, effects } = this;
    if (hello.protocol !== syncProtocol)
      return {
        code: 'sync-version',
        text: `sync ${hello.protocol} is not spoken here, only ${syncProtocol}; update the older of the two name servers`,
      };
    // A server that dialled itself learns so from the welcome.
    if (hello.id === context.id && hello.run !== context.run)
      return {
        code: 'same-id',
        text: `this name server has the id ${hello.id} too: one database is used by two; start one of them with an empty Database`,
      };
    // Its older connection is dead, and this server has not noticed yet.
    for (const session of this.inbound()) if (isSameServer(session.hello, hello)) session.end();
    return this.begin(new InboundSession({ context, effects, hello, saysWhere, now }), now);
  }

  receive(session: PeerSession, message: SyncMessage, now: Clocks): void {
    if (session.isEnding) return;
    if (message.kind === 'hello' && session instanceof OutboundSession) {
      this.letRide(session, message, now);
      return;
    }
    const rider = this.riders.get(session);
    const isForRider = rider !== undefined && takenByRider(rider).includes(message.kind);
    // What the peer answered before it knew that the ride is over; a repair is good for the connection, too.
    if (isForRider && rider.isEnding && message.kind !== 'repair') return;
    (isForRider && !rider.isEnding ? rider : session).receive(message, now);
    // The echo has made room on a connection that is the rider's too.
    if (message.kind === 'echo') this.riderOf(session)?.tick(now);
    if (message.kind !== 'welcome' || !(session instanceof OutboundSession) || !session.isOpen)
      return;
    for (const each of this.outbound()) if (each.isRider && each.peer === session.peer) each.end();
    this.publication.opened(session, now);
  }

  /** Something of the peer has arrived, if only a part of a message: it is there. */
  heard(session: PeerSession, now: Clocks): void {
    if (session.isEnding) return;
    session.heard(now);
    this.riderOf(session)?.heard(now);
  }

  /** The peer sent an invalid message, or does not read; `text` says so to operators. */
  refuse(session: PeerSession, text: string): void {
    if (!session.isEnding) session.refuse(text);
  }

  /** The connection is closed, by either side. */
  closed(session: PeerSession): void {
    if (!this.sessions.delete(session)) return;
    const rider = this.riders.get(session);
    if (rider !== undefined) this.closed(rider);
    this.riders.delete(session);
    session.closed();
    if (session instanceof InboundSession) this.forgetLoad(session.hello);
  }

  /** Everything that was pending in the registry is on the disk. */
  committed(now: Clocks): void {
    for (const session of this.sessions) if (!session.isEnding) session.committed(now);
    this.publication.committed();
  }

  /** A new epoch is stored; null: it could not be, and the next greeting of that peer will ask again. */
  renumbered({ session, applied }: Renumbering, epoch: string | null): void {
    const { context } = this;
    if (epoch === null) {
      session.end();
      return;
    }
    context.epoch = epoch;
    const text = `has entry ${applied} of this server, which knows ${context.registry.committedEntry}: its database was restored, so all is sent anew`;
    this.report({ kind: 'renumbered', address: session.address, text });
    for (const each of this.outbound()) each.renumbered();
  }

  /** The load in the context has changed so much that peers must know before the next heartbeat. */
  announceLoad(now: Clocks): void {
    for (const session of this.outbound()) session.announceLoad(now);
    this.publication.pulse(now);
  }

  /** Time has passed; called a few times for each heartbeat. */
  tick(now: Clocks): void {
    const { membership, load } = this.context;
    for (const session of this.sessions) if (!session.isEnding) session.tick(now);
    for (const session of this.sessions)
      if (session.isEnding && session.isRider) this.closed(session);
    this.rideBack(now);
    this.publication.tick(now);
    const twins = membership.twins(now.mono);
    const unable = membership.unable(now.mono, load.cannotJudge);
    for (const peer of membership.peers)
      for (const event of newsOf(peer, twins.get(peer) ?? null, unable.get(peer) ?? null))
        this.report(event);
    this.isCatchingUp(now.mono);
    this.forgetFormer();
    for (const { address, id } of membership.forgetSilent(now.mono)) {
      const text = `was not heard of for a day and is forgotten (id ${id ?? 'unknown'})`;
      this.report({ kind: 'lost', address, text });
    }
  }

  /**
   * Asks another server for its opinion. Nothing comes of it without a connection: a server that is cut off has not
   * said that it has none.
   */
  ask(request: OpinionRequest, now: Clocks): void {
    const peer = this.context.membership.peers.find(({ id }) => id === request.server);
    const own = peer === undefined ? null : this.sessionTo(peer.address, false);
    const isWaiting =
      peer !== undefined && own === null && this.publication.ask(peer, request, now);
    const session = own ?? (peer === undefined ? null : this.sessionTo(peer.address));
    if (!isWaiting && session === null) return;
    this.context.counters.opinionsAsked++;
    if (!isWaiting) session?.ask(request, now);
  }

  /** What was found out for a `judge` effect; nothing when its connection is closed by now. */
  judged(question: Question, verdict: OpinionVerdict): void {
    for (const session of this.inbound())
      if (session === question.session) session.judged(question, verdict);
  }

  /** Compares with a peer now. @returns whether there is a connection to it; else nothing follows */
  compare(wish: ComparisonWish, now: Clocks): boolean {
    const session = this.sessionTo(wish.address, false) ?? this.sessionTo(wish.address);
    session?.compare(wish, now);
    return session !== null || this.publication.compare(wish, now);
  }

  /** This server has started and may lack what its peers know: no list of it is complete. */
  isCatchingUp(mono: number): boolean {
    if (this.catchingUp.isOver) return false;
    const isReceiving = this.inbound().some((session) => session.isReceiving);
    return this.catchingUp.isUnderWay(mono, isReceiving);
  }

  /** Whether hosts are missing that a peer may still bring: without any peer this server is as good as it gets. */
  awaitsHosts(mono: number): boolean {
    return this.isCatchingUp(mono) && this.catchingUp.hasSource(mono);
  }

  /** The servers that share the work, this one among them, sorted by their ids. */
  participants(mono: number): readonly Sharer[] {
    return this.context.membership.participants(mono, this.context.load.cannotJudge);
  }

  view(now: Clocks): PeerView[] {
    const { membership, load } = this.context;
    const twins = membership.twins(now.mono);
    const unable = membership.unable(now.mono, load.cannotJudge);
    const moved = membership.moved(now.mono);
    const formerOf = (peer: Peer) =>
      [...moved]
        .filter(([{ isNamed }, at]) => isNamed && at === peer)
        .map(([{ address }]) => address);
    return membership.peers
      .filter((peer) => !moved.has(peer))
      .map((peer) =>
        viewOf(peer, this.sessionTo(peer.address), now, {
          twin: twins.get(peer) ?? null,
          unable: unable.get(peer) ?? null,
          former: formerOf(peer),
        }),
      );
  }

  /**
   * A peer that was not dialled for a heartbeat, though its own connection is open, cannot be reached at its
   * address: that connection then carries both directions.
   */
  private rideBack(now: Clocks): void {
    const { context, effects, random } = this;
    const linked = new Set<Peer>();
    for (const each of this.outbound()) if (each.isOpen || each.isRider) linked.add(each.peer);
    for (const carrier of this.inbound()) {
      const { peer } = carrier;
      if (carrier.isRider || carrier.hello.isTwoWay !== true || peer === null) continue;
      if (linked.has(peer)) {
        peer.isLinkedAt = now.mono;
        continue;
      }
      peer.isLinkedAt ??= now.mono;
      // One that says everything to everybody opens a connection when something is lacking, which may be said at once.
      const isLacking = !peer.isNamed && peer.isPulsing(now.mono);
      if (!isLacking && now.mono - peer.isLinkedAt < context.membership.times.beatMs) continue;
      linked.add(peer);
      this.begin(new OutboundSession({ context, effects, peer, random, now, carrier }), now);
    }
  }

  /** A peer that this server dialled pushes its own changes on the same connection. */
  private letRide(carrier: OutboundSession, hello: SyncHello, now: Clocks): void {
    const { context, effects } = this;
    const isKnown = hello.id === carrier.peer.id && hello.protocol === syncProtocol;
    if (!carrier.isOpen || !isKnown) return;
    for (const session of this.inbound()) if (isSameServer(session.hello, hello)) session.end();
    const saysWhere = !/^(0\.0\.0\.0|\[::\]):/.test(hello.listen);
    const listen = saysWhere ? hello.listen : carrier.address;
    this.begin(
      new InboundSession({
        ...{ context, effects, saysWhere, now, carrier },
        hello: { ...hello, listen },
      }),
      now,
    );
  }

  /** The session that uses the connection of this one. */
  private riderOf(carrier: PeerSession): PeerSession | null {
    const rider = this.riders.get(carrier);
    return rider === undefined || rider.isEnding ? null : rider;
  }

  /**
   * Up to where the log of a former peer is applied here. One that is named by another address now is no former
   * peer, which shows when the ids of all are known.
   */
  private forgetFormer(): void {
    const { membership, registry } = this.context;
    const ids = membership.peers.map(({ id }) => id);
    for (const id of this.former) {
      if (!ids.includes(id) && ids.includes(null)) continue;
      this.former.delete(id);
      if (ids.includes(id)) continue;
      registry.applied.forget(id);
      this.effects.push({ kind: 'commit' });
    }
  }

  private begin<T extends PeerSession>(session: T, now: Clocks): T {
    this.sessions.add(session);
    if (session.isRider) this.riders.set(session.carrier, session);
    session.greet(now);
    return session;
  }

  private report(event: PeerEvent): void {
    this.effects.push({ kind: 'event', event });
  }

  /** The load of that server is unknown from now on: a node that is redirected there might find no server. */
  private forgetLoad({ id, listen }: SyncHello): void {
    if (this.inbound().some(({ hello }) => hello.id === id)) return;
    const peer = this.context.membership.identify(id, listen);
    if (peer === null) return;
    peer.isSendingLog = false;
    if (peer.isNamed || !peer.isUp) peer.loadAt = null;
  }

  /** @param mayRide it may use a connection that the peer opened */
  private sessionTo(address: string, mayRide: boolean = true): OutboundSession | null {
    for (const each of this.sessions) {
      if (!(each instanceof OutboundSession) || each.isEnding) continue;
      if (each.isOpen && each.peer.address === address && (mayRide || !each.isRider)) return each;
    }
    return null;
  }

  private inbound(): InboundSession[] {
    return [...this.sessions].filter(
      (session) => session instanceof InboundSession && !session.isEnding,
    ) as InboundSession[];
  }

  private outbound(): OutboundSession[] {
    return [...this.sessions].filter(
      (session) => session instanceof OutboundSession && !session.isEnding,
    ) as OutboundSession[];
  }
}

/** What the other side says to a session that rides; everything else is for its carrier. */
function takenByRider(rider: PeerSession): readonly SyncMessage['kind'][] {
  return rider instanceof InboundSession
    ? ['changes', 'beat', 'digest', 'leaves', 'want', 'ask']
    : ['welcome', 'ack', 'differ', 'rows', 'repair', 'opinion'];
}

/** Most ticks lead to nothing. */
const nothing: readonly SyncEffect[] = [];

/** Two servers with copies of one database have one id and are two all the same. */
function isSameServer(before: SyncHello, now: SyncHello): boolean {
  return before.id === now.id && (before.run === now.run || before.listen === now.listen);
}
