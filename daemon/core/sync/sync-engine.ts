// Name servers together: the sessions with all peers, whichever side dialled. Whoever runs it opens
// and closes the connections, and calls in with time, messages and commits.

import type { PeerStatus } from '../../../shared/ipc/status-contract.ts';
import type { Refusal } from '../../../shared/protocol/message.ts';
import {
  type SyncHello,
  syncProtocol,
  type Verdict,
} from '../../../shared/protocol/sync-message.ts';
import type { Clocks } from '../timing/timing.ts';
import { CatchingUp } from './catching-up.ts';
import type { Comparison } from './comparisons.ts';
import { InboundSession } from './inbound-session.ts';
import { OutboundSession } from './outbound-session.ts';
import { clockTrouble, watchClock } from './peer-clocks.ts';
import type { Link, Session, SyncContext } from './peer-session.ts';
import { twinOf, twinTrouble, watchTwins } from './twins.ts';

export class SyncEngine {
  private readonly context: SyncContext;
  private readonly random: () => number;
  private readonly sessions = new Set<Session>();
  private readonly catchingUp: CatchingUp;

  constructor(options: { context: SyncContext; random: () => number }) {
    this.context = options.context;
    this.catchingUp = new CatchingUp(options.context.membership);
    this.random = options.random;
  }

  /** The connection to the peer at `address` is open; null when it is no peer (any more). */
  dialled(address: string, link: Link, now: Clocks): OutboundSession | null {
    const { context, random } = this;
    const peer = context.membership.at(address);
    if (peer === null) return null;
    const session = new OutboundSession({ context, peer, link, random, now });
    this.sessions.add(session);
    return session;
  }

  /**
   * Somebody who may be a peer greets: a session, or why there is none. `saysWhere` is false when it listens on
   * every address and `listen` has the one it came from, which may be its router's.
   */
  accepted(
    hello: SyncHello,
    link: Link,
    now: Clocks,
    saysWhere: boolean = true,
  ): InboundSession | Refusal {
    const { context } = this;
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
    // A newer connection of the same server: the old one is dead and does not know it yet.
    for (const session of this.sessions)
      if (session instanceof InboundSession && isOfSameServer(session.hello, hello)) session.end();
    const session = new InboundSession({ context, hello, link, now, saysWhere });
    this.sessions.add(session);
    return session;
  }

  closed(session: Session): void {
    this.sessions.delete(session);
    session.closed();
    if (session instanceof InboundSession) this.forgetLoad(session.hello);
  }

  /** Everything that was pending is on the disk: changes go out, and acknowledgements. */
  committed(now: Clocks): void {
    for (const session of this.sessions) session.committed(now);
  }

  /** This server's load has changed so much that its peers must know before the next heartbeat. */
  announceLoad(now: Clocks): void {
    for (const session of this.sessions)
      if (session instanceof OutboundSession) session.announceLoad(now);
  }

  tick(now: Clocks): void {
    for (const session of this.sessions) session.tick(now);
    const { membership, event } = this.context;
    for (const peer of membership.peers) watchClock(peer, event);
    watchTwins(membership, now.mono, event);
    this.isCatchingUp(now.mono);
  }

  /** This server has started and may lack what the others know. */
  isCatchingUp(mono: number): boolean {
    if (this.catchingUp.isOver) return false;
    const isReceiving = [...this.sessions].some(
      (session) => session instanceof InboundSession && session.isReceiving,
    );
    return this.catchingUp.isUnderWay(mono, isReceiving);
  }

  /** Ids of the servers that share the work, this one among them. */
  participants(mono: number): string[] {
    return this.context.membership.participants(mono);
  }

  /** Asks the server with that id for its opinion; nobody answers when there is no connection to it. */
  ask(server: string, address: string, given: (verdict: Verdict) => void): void {
    for (const session of this.sessions)
      if (session instanceof OutboundSession && session.isOpen && session.peer.id === server) {
        this.context.counters.opinionsAsked++;
        session.ask(address, given);
        return;
      }
  }

  /** Compares with the peer at `address` now. @returns whether there is a connection to it */
  compare(address: string, now: Clocks, ended: (comparison: Comparison) => void): boolean {
    const session = this.sessionTo(address);
    session?.compare(now, ended);
    return session !== null;
  }

  view(mono: number): PeerStatus[] {
    return this.context.membership.peers.map((peer) => {
      const session = this.sessionTo(peer.address);
      const lag = session?.lag(mono) ?? null;
      const { address, id, version, roundTripMs, clockMs, load } = peer;
      const twin = twinOf(peer, this.context.membership, mono);
      const trouble =
        peer.trouble ?? (twin === null ? clockTrouble(clockMs) : twinTrouble(peer, twin));
      const state = peer.state(mono);
      return {
        ...{ address, id, version, state, roundTripMs, clockMs, load, trouble },
        sharesWork: peer.isCounted(mono),
        encrypted: session?.isEncrypted ?? null,
        lag: lag?.entries ?? null,
        lagMs: lag === null ? null : Math.round(lag.ms),
      };
    });
  }

  /** Nothing is heard of its load any more: nodes that are sent there may find nobody. */
  private forgetLoad({ id, listen }: SyncHello): void {
    for (const session of this.sessions)
      if (session instanceof InboundSession && session.hello.id === id) return;
    const peer = this.context.membership.identify(id, listen);
    if (peer === null) return;
    peer.loadAt = null;
    peer.isSendingLog = false;
  }

  private sessionTo(address: string): OutboundSession | null {
    for (const session of this.sessions)
      if (session instanceof OutboundSession && session.isOpen && session.peer.address === address)
        return session;
    return null;
  }
}

/** Two servers with copies of one database have one id, and are two all the same. */
function isOfSameServer(before: SyncHello, now: SyncHello): boolean {
  return before.id === now.id && (before.run === now.run || before.listen === now.listen);
}
