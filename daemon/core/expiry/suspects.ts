// Suspects: hosts that were due for a ping and have not answered yet, from the first ping to the verdict. The steps:
// attempts, then the opinion of another name server, if there is one, then condemned. A server without an
// opinion is passed over, and the next one in rendezvous order is asked. A suspicion judges one contact: any
// later contact, whichever server had it, clears the suspect at its next step. A suspect is in one queue at a
// time, except that the wait for the next attempt starts with the ping; a step costs what is due in its queue.
import { addressWords, formatAddress } from '../../../shared/protocol/address.ts';
import type { OpinionVerdict } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import type { Version } from '../registry/version.ts';
import { Deadlines } from '../timing/timing.ts';
import type { ExpiryEffect, OpinionRequest, Ping } from './expiry-effects.ts';
import type { ExpiryIntervals } from './expiry-intervals.ts';
import type { PingPatience } from './ping-patience.ts';
import { ownerIndex, type Participant, rank } from './rendezvous.ts';

/**
 * Why this server judges a host. `share`: it owns the host. `left-over`: no other server may know the host.
 * `asked`: another server asked for an opinion, may be unable to judge, and the host does not answer here either.
 */
export type SuspectReason = 'share' | 'left-over' | 'asked';

/** A host under suspicion. Times in ms: `askedAt` monotonic, `lastSeen` since 1970. */
export interface Suspect {
  readonly row: number;
  /**
   * number of the change that made the host live, and the contact that is judged, with its version: a contact at
   * a server whose clock is behind is later by version only
   */
  readonly change: number;
  readonly lastSeen: number;
  readonly version: Version;
  reason: SuspectReason;
  /** failed attempts */
  failed: number;
  /** attempts that this machine could not make */
  unmade: number;
  /** in flight */
  ping: Ping | null;
  opinion: OpinionRequest | null;
  /** when an opinion was first asked for */
  askedAt: number | null;
  /** servers without an opinion in this round of questions: `unknown`, or no answer in time */
  readonly passed: Map<string, 'unknown' | 'silent'>;
  /** another server found the host dead too, or no other one has an opinion */
  isConfirmed: boolean;
}

/** Suspects at once, about 5 MB; further due hosts wait in the registry. */
export const maxSuspects = 20_000;

/** Pings of suspects in flight: 512 sockets with those of the canaries. */
export const maxPinging = 492;

/** Requests for an opinion in flight. */
export const maxAsking = 512;

/** The suspects of one name server; `mono` is monotonic time in ms. */
export class Suspects {
  /** to be deleted in a following pass */
  readonly condemned = new Set<Suspect>();
  /** suspects with at least one failed attempt */
  failing = 0;
  private readonly registry: Registry;
  private readonly self: string;
  private readonly maxAttempts: number;
  private readonly byRow = new Map<number, Suspect>();
  /** due for an attempt, the earliest first */
  private ready = new Set<Suspect>();
  /** all attempts made; the next server is not asked yet */
  private tried = new Set<Suspect>();
  /** in flight, also of suspicions that have ended or started anew */
  private readonly pings = new Map<Ping, Suspect>();
  private readonly opinions = new Map<OpinionRequest, Suspect>();
  private readonly pingEnds: Deadlines<Ping>;
  private readonly opinionEnds: Deadlines<OpinionRequest>;
  private retries: Deadlines<Suspect>;
  /**
   * left alone for a ping cycle: another server had contact and its change is on the way, another server judges
   * the host, or no server can
   */
  private spared: Deadlines<Suspect>;
  private readonly intervals: ExpiryIntervals;
  private readonly patience: PingPatience;
  private participants: readonly Participant[] = [];
  private mayJudge = true;
  private isProved = true;

  constructor(options: {
    registry: Registry;
    /** id of this server */
    self: string;
    intervals: ExpiryIntervals;
    attempts: number;
    patience: PingPatience;
  }) {
    this.registry = options.registry;
    this.self = options.self;
    this.intervals = options.intervals;
    this.patience = options.patience;
    this.maxAttempts = options.attempts;
    this.pingEnds = new Deadlines(options.intervals.pingMs);
    this.opinionEnds = new Deadlines(options.intervals.opinionMs);
    this.retries = new Deadlines(options.intervals.retryMs);
    this.spared = new Deadlines(options.intervals.cycleMs);
  }

  get size(): number {
    return this.byRow.size;
  }

  get pinging(): number {
    return this.pings.size;
  }

  /**
   * Suspects the live host in `row`, if this server owns it (or it is a left-over).
   * @returns false if there is no room
   */
  suspect(row: number, participants: readonly Participant[], isLeftOver = false): boolean {
    this.participants = participants;
    if (!isLeftOver && !this.owns(row)) return true;
    const suspect = this.add(row, isLeftOver ? 'left-over' : 'share');
    if (suspect !== null) this.ready.add(suspect);
    return this.byRow.has(row);
  }

  /**
   * Suspects the live host in `row`, about which another server asked and which did not answer here either: that
   * server may be unable to judge. A healthy owner deletes the host before the next attempt from here.
   */
  adopt(row: number, mono: number): void {
    const suspect = this.add(row, 'asked');
    if (suspect !== null) this.retries.start(suspect, mono);
  }

  /** Null: the host is suspected already, or there is no room. */
  private add(row: number, reason: SuspectReason): Suspect | null {
    const known = this.byRow.get(row);
    if (known !== undefined) {
      if (this.isUnseen(known)) {
        // Left-overs are recognised only once the clock is known to be right.
        if (reason === 'left-over') known.reason = reason;
        return null;
      }
      this.forget(known);
    }
    if (this.byRow.size >= maxSuspects) return null;
    const suspect: Suspect = {
      row,
      change: this.registry.changeOf(row),
      lastSeen: this.registry.lastSeen.at(row),
      version: this.registry.versions.get(row),
      reason,
      failed: 0,
      unmade: 0,
      ping: null,
      opinion: null,
      askedAt: null,
      passed: new Map(),
      isConfirmed: false,
    };
    this.byRow.set(row, suspect);
    return suspect;
  }

  /** The suspicion about the host in `row`; null: there is none. */
  at(row: number): Suspect | null {
    const suspect = this.byRow.get(row);
    return suspect !== undefined && this.isUnseen(suspect) ? suspect : null;
  }

  /**
   * Takes every suspect that is due a step further and pushes pings and requests to `effects`. `mayJudge`:
   * deletions are not frozen. `mayAsk`: other servers may be asked for their opinion, also to take hosts over
   * while this server may not judge. `isProved`: a host answered this server lately.
   */
  advance(
    mono: number,
    participants: readonly Participant[],
    { mayJudge, mayAsk, isProved }: { mayJudge: boolean; mayAsk: boolean; isProved: boolean },
    effects: ExpiryEffect[],
  ): void {
    this.participants = participants;
    this.mayJudge = mayJudge;
    this.isProved = isProved;
    for (const ping of this.pingEnds.takeDue(mono)) this.pingEnded(ping, false);
    for (const request of this.opinionEnds.takeDue(mono)) {
      const suspect = this.opinions.get(request) as Suspect;
      suspect.passed.set(request.server, 'silent');
      this.dropRequest(suspect);
      this.tried.add(suspect);
    }
    for (const suspect of this.retries.takeDue(mono)) this.ready.add(suspect);
    for (const suspect of this.spared.takeDue(mono)) this.forget(suspect);
    for (const suspect of this.tried) {
      if (this.opinions.size >= maxAsking) break;
      if (this.isStill(suspect)) this.consult(suspect, mono, mayAsk, effects);
    }
    for (const suspect of this.ready) {
      if (this.pings.size >= maxPinging) break;
      this.ready.delete(suspect);
      if (this.isStill(suspect)) this.ping(suspect, mono, effects);
    }
  }

  /** Reports a ping. `answered` is null when this machine could not send it. */
  pingEnded(ping: Ping, answered: boolean | null): void {
    const suspect = this.pings.get(ping);
    if (suspect === undefined) return;
    this.pings.delete(ping);
    this.pingEnds.stop(ping);
    if (suspect.ping !== ping) return;
    suspect.ping = null;
    if (answered === true) {
      this.forget(suspect);
    } else {
      // Without another server to ask, it is tried until a ping can be sent.
      if (answered === null) suspect.unmade += this.othersFor(suspect).length > 0 ? 1 : 0;
      else if (++suspect.failed === 1) this.failing++;
      if (Math.max(suspect.failed, suspect.unmade) < this.maxAttempts) return;
      this.retries.stop(suspect);
      this.tried.add(suspect);
    }
  }

  /** The step after the last attempt: ask the next server, condemn, or leave alone. */
  private consult(suspect: Suspect, mono: number, mayAsk: boolean, effects: ExpiryEffect[]): void {
    const others = this.othersFor(suspect);
    if (others.length > 0 && !mayAsk) return;
    this.tried.delete(suspect);
    const next = others.find((id) => !suspect.passed.has(id));
    if (next !== undefined) {
      suspect.askedAt ??= mono;
      this.ask(suspect, next, mono, effects);
    } else if (others.length === 0) {
      if (this.wasTried(suspect)) this.condemned.add(suspect);
      else this.spared.start(suspect, mono);
    } else if (this.mustAskAgain(suspect, others, mono)) {
      suspect.passed.clear();
      this.retries.start(suspect, mono);
    } else if (this.mayJudge && this.wasTried(suspect)) {
      suspect.isConfirmed = true;
      this.condemned.add(suspect);
    } else {
      // No server has an opinion: the host stays and is suspected again later.
      this.spared.start(suspect, mono);
    }
  }

  /**
   * No server gave an opinion. One that just started, or is about to prove its network, has one within a ping
   * cycle; one that does not answer will answer, or stop being a participant.
   */
  private mustAskAgain(suspect: Suspect, others: readonly string[], mono: number): boolean {
    if (mono - (suspect.askedAt ?? mono) < this.intervals.cycleMs) return true;
    return this.mayJudge && others.some((id) => suspect.passed.get(id) === 'silent');
  }

  /** Whether all attempts were made: a host that cannot be pinged from here is not judged here. */
  private wasTried({ failed }: Suspect): boolean {
    return failed >= this.maxAttempts;
  }

  /** Reports the opinion of another server. */
  opinionGiven(request: OpinionRequest, verdict: OpinionVerdict, mono: number): void {
    const suspect = this.opinions.get(request);
    if (suspect === undefined) return;
    this.dropRequest(suspect);
    if (!this.isStill(suspect)) return;
    if (verdict === 'unknown') {
      suspect.passed.set(request.server, 'unknown');
      this.tried.add(suspect);
      return;
    }
    const { mayJudge, isProved } = this;
    const mayDelete = verdict === 'dead' && mayJudge && isProved && this.wasTried(suspect);
    suspect.isConfirmed = mayDelete;
    // A server that finds a host dead has proof of its network, and judges the host when this one may not.
    if (mayDelete) this.condemned.add(suspect);
    else this.spared.start(suspect, mono);
  }

  /** Whether the host may be deleted now; if not, moves or forgets the suspect. */
  isCondemned(suspect: Suspect): boolean {
    if (!this.condemned.has(suspect) || !this.isStill(suspect)) return false;
    if (suspect.isConfirmed || this.othersFor(suspect).length === 0) return true;
    // Another server has joined since: it is asked first.
    this.condemned.delete(suspect);
    this.tried.add(suspect);
    return false;
  }

  /** Whether there was no later contact and this server is still to judge; if not, forgets the suspect. */
  private isStill(suspect: Suspect): boolean {
    if (this.isUnseen(suspect) && (suspect.reason !== 'share' || this.owns(suspect.row)))
      return true;
    this.forget(suspect);
    return false;
  }

  forget(suspect: Suspect): void {
    if (this.byRow.get(suspect.row) !== suspect) return;
    this.byRow.delete(suspect.row);
    if (suspect.failed > 0) this.failing--;
    this.ready.delete(suspect);
    this.tried.delete(suspect);
    this.condemned.delete(suspect);
    this.retries.stop(suspect);
    this.spared.stop(suspect);
    suspect.ping = null;
    this.dropRequest(suspect);
  }

  /** Pings at most `most` suspects once more whose attempts all failed. */
  askAgain(most: number): void {
    let left = most;
    for (const place of [this.tried, this.condemned])
      for (const suspect of place) {
        if (left-- === 0) return;
        place.delete(suspect);
        this.ready.add(suspect);
      }
  }

  /** Forgets all suspects with a later contact. */
  sweep(): void {
    for (const suspect of this.byRow.values()) if (!this.isUnseen(suspect)) this.forget(suspect);
  }

  /** Discards all results: every suspect starts again with its first attempt. */
  restart(): void {
    this.tried.clear();
    this.condemned.clear();
    this.retries = new Deadlines(this.intervals.retryMs);
    this.spared = new Deadlines(this.intervals.cycleMs);
    this.ready = new Set(this.byRow.values());
    this.failing = 0;
    for (const suspect of this.ready) {
      suspect.failed = 0;
      suspect.unmade = 0;
      suspect.ping = null;
      suspect.askedAt = null;
      suspect.passed.clear();
      suspect.isConfirmed = false;
      this.dropRequest(suspect);
    }
  }

  private isUnseen({ row, change, lastSeen, version }: Suspect): boolean {
    const { registry } = this;
    return (
      registry.isLive(row) &&
      registry.changeOf(row) === change &&
      registry.lastSeen.at(row) === lastSeen &&
      registry.versions.compare(row, version) === 0
    );
  }

  private owns(row: number): boolean {
    const { participants } = this;
    const owner = ownerIndex(this.registry.addresses, row * addressWords, participants);
    return participants[owner]?.id === this.self;
  }

  /** The servers to ask for an opinion, in order; none for a left-over, which they may not know. */
  private othersFor({ row, reason }: Suspect): string[] {
    if (reason === 'left-over') return [];
    const order = rank(this.registry.addresses, row * addressWords, this.participants);
    return order.filter((id) => id !== this.self);
  }

  private ping(suspect: Suspect, mono: number, effects: ExpiryEffect[]): void {
    const { address, nodeId, dialect } = this.registry.record(suspect.row);
    const attempt = Math.max(suspect.failed, suspect.unmade);
    const timeoutMs = this.patience.limitMs(attempt, this.maxAttempts, this.intervals);
    const ping: Ping = { kind: 'ping', address, nodeId, dialect, timeoutMs };
    suspect.ping = ping;
    this.pings.set(ping, suspect);
    this.pingEnds.start(ping, mono);
    this.retries.start(suspect, mono);
    effects.push(ping);
  }

  private ask(suspect: Suspect, server: string, mono: number, effects: ExpiryEffect[]): void {
    const address = formatAddress(this.registry.addresses, suspect.row * addressWords);
    const timeoutMs = this.intervals.opinionMs;
    const request: OpinionRequest = { kind: 'opinion', server, address, timeoutMs };
    suspect.opinion = request;
    this.opinions.set(request, suspect);
    this.opinionEnds.start(request, mono);
    effects.push(request);
  }

  private dropRequest(suspect: Suspect): void {
    if (suspect.opinion === null) return;
    this.opinions.delete(suspect.opinion);
    this.opinionEnds.stop(suspect.opinion);
    suspect.opinion = null;
  }
}
