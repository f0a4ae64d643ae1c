// What a server says to all others at once over a transport that reaches everybody (PROTOCOL.md, "Fleet"): a heartbeat
// each second, and its change log, once. It follows what the others say so. Entries are numbered, so a gap shows, and
// a session with the server whose log it is fills it: `wants` says with whom there must be one. So the cost of a
// change does not grow with the servers, and a session is there only while something is lacking, asked or compared.
//
// Invariants: a change is published only when it is on the disk; what is published and did not go out yet is bounded.
import type { SyncNews, SyncPulse } from '../../../shared/protocol/sync-message.ts';
import type { OpinionRequest } from '../expiry/expiry-effects.ts';
import { maxAsking } from '../expiry/suspects.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';
import { nextBatch, sizeOf } from './change-batch.ts';
import { type CatchingUp, type ComparisonWish, sameMs } from './comparisons.ts';
import type { OutboundSession } from './outbound-session.ts';
import type { Peer } from './peer.ts';
import { mergeFrom, type SyncContext, type SyncEffect } from './peer-session.ts';

/** Published and not gone out yet, as much as may be under way on a link. */
const windowBytes = 262_144;

/** Of the first line of a batch. */
const headBytes = 80;

/**
 * Entries that are published again after an interruption: about a minute of a fleet that is busy, 3 MB. With more, those
 * that lack them ask, at the pace of their own lines.
 */
const maxResent = 20_000;

/** Newcomers are answered at once, but many of them with one heartbeat, ms. */
const leastPulseMs = 250;

/** A session stays this long after it was of use, ms: for the answers that are on their way, and for the next question. */
const lingerMs = 2_000;

/**
 * Between two comparisons with the same server, as over a connection (comparisons.ts), but not more often than with
 * three servers: what one of them lacks spreads from each that has it.
 */
const comparedMs = 30_000;
const comparedWith = comparedMs / sameMs;

/** Servers that one which lacks something, or has just started, has sessions with at a time for that reason. */
const atATime = 8;

/**
 * After an interruption, what was missed waits until those who were there before are there again, ms: the longest pause
 * between two attempts to connect, and some. Whoever came later would have a gap, and each would ask each.
 */
const gatherMs = 3_000;

interface Waiting<T> {
  address: string;
  what: T;
  until: number;
}

/** How everybody is reached. */
export interface Everybody {
  /** bytes of a message, at most */
  maxBytes: number;
  isEncrypted: boolean;
}

export interface PublicationOptions {
  context: SyncContext;
  effects: SyncEffect[];
  /** numbers in [0, 1) */
  random: () => number;
  catchingUp: CatchingUp;
  /** the session with the peer on a link that this server opened; null: there is none */
  sessionWith: (address: string) => OutboundSession | null;
  /** all sessions on connections that this server opened, and those that ride on others */
  sessions: () => readonly OutboundSession[];
}

/** What is said to everybody, and heard so. */
export class Publication {
  private readonly options: PublicationOptions;
  /** bytes of a message, at most; null: nobody is reached */
  private maxBytes: number | null = null;
  private isEncrypted = false;
  /** up to this entry */
  private published: number;
  /** waits for those who were there before */
  private isGathering = false;
  private row = noRow;
  private underWay = 0;
  private reachedAt = 0;
  private pulsedAt = Number.NEGATIVE_INFINITY;
  private nextPulse = 0;
  private nextComparison: number | null = null;
  private asks: Waiting<OpinionRequest>[] = [];
  private wishes: Waiting<ComparisonWish>[] = [];

  constructor(options: PublicationOptions) {
    this.options = options;
    this.published = options.context.registry.committedEntry;
  }

  /** Everybody is reached from now on; null: not any more. */
  reaches(everybody: Everybody | null, now: Clocks): void {
    const { committedEntry } = this.options.context.registry;
    this.maxBytes = everybody?.maxBytes ?? null;
    this.isEncrypted = everybody?.isEncrypted === true;
    this.underWay = 0;
    this.reachedAt = now.mono;
    if (everybody === null) return;
    if (committedEntry - this.published > maxResent) this.published = committedEntry;
    this.isGathering = this.isAwaited(now.mono);
    this.pulse(now);
  }

  /** A server was found: it does not know what this one has. */
  found({ mono }: Clocks): void {
    this.nextPulse = Math.min(this.nextPulse, Math.max(mono, this.pulsedAt + leastPulseMs));
  }

  /** So many bytes of what was published have gone out. */
  wentOut(bytes: number): void {
    this.underWay = Math.max(0, this.underWay - bytes);
    this.push();
  }

  /** The server at `address` has said that to everybody. */
  hear(address: string, id: string, news: SyncNews, now: Clocks): void {
    const { context } = this.options;
    const peer = context.membership.at(address);
    // One that is named is connected, and its change log comes from there.
    if (peer === null || peer.isNamed || id === context.id) return;
    if (peer.id !== null && peer.id !== id) peer.forgetNews();
    peer.id = id;
    peer.isHeardEncrypted = this.isEncrypted;
    peer.noteMessage(now);
    if (news.kind === 'pulse') this.takePulse(peer, id, news, now);
    else this.takeChanges(peer, id, news, now);
  }

  committed(): void {
    this.push();
  }

  tick(now: Clocks): void {
    const { membership } = this.options.context;
    const isLate = ({ until }: Waiting<unknown>) => now.mono >= until;
    // No answer: "unknown" would be the word of a server that was reached.
    this.asks = this.asks.filter((each) => !isLate(each));
    for (const { what: wish } of this.wishes.filter(isLate))
      this.emit({ kind: 'compared', wish, result: { end: 'lost', received: 0, sent: 0 } });
    this.wishes = this.wishes.filter((each) => !isLate(each));
    this.isGathering &&= this.isAwaited(now.mono);
    if (this.maxBytes !== null && now.mono >= this.nextPulse) this.pulse(now);
    this.push();
    this.compareNow(now);
    // Whoever is not heard because nobody is, is not reported: that NATS is gone was.
    const wouldHear =
      this.maxBytes !== null && now.mono - this.reachedAt >= membership.times.downMs;
    for (const peer of membership.peers) {
      if (wouldHear && peer.isUp && !peer.isThere(now.mono)) {
        peer.isUp = false;
        this.report('lost', peer, `was silent for ${membership.times.downMs / 1_000} s`);
      }
    }
    for (const session of this.options.sessions()) this.endIfIdle(session, now);
  }

  /** A heartbeat, now. */
  pulse(now: Clocks): void {
    if (this.maxBytes === null) return;
    const { id: _, run, epoch, registry, load, version, membership } = this.options.context;
    const { cannotJudge = null, ...figures } = load;
    this.push();
    this.pulsedAt = now.mono;
    this.nextPulse = now.mono + membership.times.beatMs;
    this.publish({
      kind: 'pulse',
      ...{ epoch, run, version, ...figures, clock: Math.round(now.wall) },
      entry: this.published,
      digest: registry.digest.whole(),
      behind: this.behind(now.mono),
      ...(cannotJudge === null ? {} : { cannotJudge }),
    });
  }

  /** Whether there must be a session with the peer at `address` now. */
  wants(address: string, { mono }: Clocks): boolean {
    const peer = this.options.context.membership.at(address);
    if (peer === null) return false;
    if (!peer.isPulsing(mono)) return peer.hasNoPulse(mono, this.reachedAt);
    // Whether a trouble is over shows when it answers.
    if (peer.excess > 1 || peer.trouble !== null || this.catchesUpWith(peer, mono)) return true;
    const isWithIt = (each: Waiting<unknown>) => each.address === address;
    return this.asks.some(isWithIt) || this.wishes.some(isWithIt);
  }

  /** Asks that peer when there is a session with it. @returns false: it is not reached so */
  ask(peer: Peer, request: OpinionRequest, { mono }: Clocks): boolean {
    const isReached = !peer.isNamed && peer.isPulsing(mono);
    if (!isReached || this.asks.length >= maxAsking) return false;
    this.wait(this.asks, peer.address, request, mono);
    return true;
  }

  /** Compares with that peer when there is a session with it. @returns false: it is not reached so */
  compare(wish: ComparisonWish, { mono }: Clocks): boolean {
    const peer = this.options.context.membership.at(wish.address);
    if (peer === null || peer.isNamed || !peer.isPulsing(mono)) return false;
    this.wait(this.wishes, wish.address, wish, mono);
    return true;
  }

  /** There is a session with a peer now, on a link that this server opened: what waited for it is asked. */
  opened(session: OutboundSession, now: Clocks): void {
    const isForIt = ({ address }: Waiting<unknown>) => address === session.peer.address;
    session.wantedAt = now.mono;
    for (const { what } of this.asks.filter(isForIt)) session.ask(what, now);
    for (const { what } of this.wishes.filter(isForIt)) session.compare(what, now);
    this.asks = this.asks.filter((each) => !isForIt(each));
    this.wishes = this.wishes.filter((each) => !isForIt(each));
  }

  /**
   * With a few at a time: what the first ones bring to one that has just started is nearly always what the others have,
   * too, which their digests then say; and when each lacks something of each, all at once would be the square of the
   * servers. Each begins with another one, or all would ask the same first.
   */
  private catchesUpWith(peer: Peer, mono: number): boolean {
    if (!this.isSource(peer, mono)) return false;
    let before = 0;
    for (const each of this.options.context.membership.peers)
      if (this.isBefore(each, peer) && this.isSource(each, mono) && ++before === atATime)
        return false;
    return true;
  }

  /** It has what this server lacks, or may have it. */
  private isSource(peer: Peer, mono: number): boolean {
    if (peer.isNamed || peer.trouble !== null || !peer.isPulsing(mono)) return false;
    if (this.isBehind(peer)) return true;
    return !this.options.catchingUp.isOver && !(peer.isCompared && peer.isLogHere);
  }

  /** In the order of ids, which begins anew behind this server's. */
  private isBefore({ id: a }: Peer, { id: b }: Peer): boolean {
    const { id } = this.options.context;
    if (a === null || b === null || a === b) return false;
    return a > id === b > id ? a < b : a > id;
  }

  /** After an interruption: somebody who was there before it is not there again yet. */
  private isAwaited(mono: number): boolean {
    if (mono - this.reachedAt >= gatherMs) return false;
    const { peers } = this.options.context.membership;
    return peers.some((peer) => peer.isUp && !peer.isNamed && !peer.hasPulsedSince(this.reachedAt));
  }

  private wait<T>(list: Waiting<T>[], address: string, what: T, mono: number): void {
    list.push({ address, what, until: mono + this.options.context.membership.times.suspectMs });
    this.emit({ kind: 'wake', address });
  }

  private takePulse(peer: Peer, id: string, pulse: SyncPulse, now: Clocks): void {
    const { registry } = this.options.context;
    const { run, version, backlog, limit, live } = pulse;
    peer.notePulse(pulse, now);
    peer.noteRun(run, now.mono);
    peer.version = version;
    peer.load = { backlog, limit, live };
    peer.loadAt = now.mono;
    peer.cannotJudge = pulse.cannotJudge ?? null;
    if (!peer.isUp) this.report('up', peer, `announces itself (id ${id})`);
    peer.isUp = true;
    peer.excess = registry.applied.entryOf(id, pulse.epoch) > pulse.entry ? peer.excess + 1 : 0;
    if (this.isBehind(peer)) this.emit({ kind: 'wake', address: peer.address });
    else peer.isLogHere = true;
    peer.noteDigest(pulse.digest, registry, now.mono);
  }

  private takeChanges(
    peer: Peer,
    id: string,
    { epoch, after, entry, changes }: Extract<SyncNews, { kind: 'news' }>,
    now: Clocks,
  ): void {
    const { context } = this.options;
    const { event } = mergeFrom(context, changes, now.wall, peer.address);
    context.counters.changesReceived += changes.length;
    if (event !== null) this.emit({ kind: 'event', event });
    // The order in which records are merged does not matter, so they wait for nothing; only what is complete does.
    const { ahead } = peer;
    if (after <= context.registry.applied.entryOf(id, epoch))
      peer.noteApplied(context.registry, { id, epoch }, entry);
    else if (ahead?.epoch === epoch && ahead.entry === after) ahead.entry = entry;
    else peer.ahead = { epoch, after, entry };
    if (peer.ahead !== null) this.emit({ kind: 'wake', address: peer.address });
    this.emit({ kind: 'commit' });
  }

  /** It has published what is not here. */
  private isBehind(peer: Peer): boolean {
    return this.lacking(peer) > 0;
  }

  private lacking({ id, pulse, ahead }: Peer): number {
    if (id === null || pulse === null) return 0;
    const known = ahead?.epoch === pulse.epoch ? Math.max(ahead.entry, pulse.entry) : pulse.entry;
    const { applied } = this.options.context.registry;
    return Math.max(0, known - applied.entryOf(id, pulse.epoch));
  }

  private behind(mono: number): number {
    let entries = 0;
    for (const peer of this.options.context.membership.peers)
      if (!peer.isNamed && peer.isPulsing(mono)) entries += this.lacking(peer);
    return entries;
  }

  private push(): void {
    const { maxBytes } = this;
    const { registry, epoch, counters } = this.options.context;
    if (maxBytes === null || this.isGathering) return;
    // A new numbering begins, or the database was restored.
    if (this.published > registry.committedEntry) this.published = registry.committedEntry;
    while (
      this.published < registry.committedEntry &&
      this.underWay < windowBytes &&
      !registry.hasPending
    ) {
      const after = this.published;
      const { entry, changes, row } = nextBatch(registry, after, this.row, maxBytes - headBytes);
      this.published = entry;
      this.row = row;
      counters.changesSent += changes.length;
      this.publish({ kind: 'news', epoch, after, entry, changes });
    }
  }

  private publish(news: SyncNews): void {
    const bytes = sizeOf(news);
    this.underWay += bytes;
    this.emit({ kind: 'publish', news, bytes });
  }

  /** With one server after the other, at random, as long as its records are not the same. */
  private compareNow(now: Clocks): void {
    const { context, random } = this.options;
    const { mono } = now;
    if (this.nextComparison !== null && mono < this.nextComparison) return;
    const others = context.membership.peers.filter((each) => !each.isNamed && each.isPulsing(mono));
    const pauseMs = comparedMs / Math.max(1, Math.min(comparedWith, others.length));
    this.nextComparison ??= mono + pauseMs;
    if (mono < this.nextComparison) return;
    this.nextComparison = mono + pauseMs * (1 - random() / 3);
    // While hosts come, the digest of a pulse is of a moment ago: those whose records differ are the same in none.
    const differing = others.filter(({ sameAt }) => mono - sameAt >= sameMs);
    const peer = differing[Math.floor(random() * differing.length)];
    if (peer === undefined) return;
    const wish = { address: peer.address };
    const session = this.options.sessionWith(peer.address);
    if (session === null) this.compare(wish, now);
    else session.compare(wish, now);
  }

  private endIfIdle(session: OutboundSession, now: Clocks): void {
    const { peer } = session;
    if (!session.isOpen || session.isRider || peer.isNamed || !peer.isPulsing(now.mono)) return;
    if (session.isBusy(now) || this.wants(peer.address, now)) session.wantedAt = now.mono;
    else if (now.mono - session.wantedAt >= lingerMs) session.end();
  }

  private report(kind: 'up' | 'lost', { address }: Peer, text: string): void {
    this.emit({ kind: 'event', event: { kind, address, text } });
  }

  private emit(effect: SyncEffect): void {
    this.options.effects.push(effect);
  }
}
