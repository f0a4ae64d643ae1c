// The hosts that were due and have not answered yet, from their first ping to the verdict: attempts,
// then the opinion of another server when there is one, then condemned. A server that cannot tell is
// passed over, and the next one in rendezvous order is asked. Everything proved or said
// about a suspect is about the contact that was judged: any later contact, by whichever way, clears
// it at the next step. A suspect is in one place at a time, except that the wait for its next attempt
// begins with the ping. Each place is a queue, so that a step costs what is due in it.
import { addressWords, formatAddress } from '../../../shared/protocol/address.ts';
import type { Verdict } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import type { Version } from '../registry/version.ts';
import { Deadlines } from '../timing/timing.ts';
import type { ExpiryEffect, OpinionRequest, Ping } from './expiry-effects.ts';
import type { ExpiryIntervals } from './expiry-intervals.ts';
import { ownerIndex, type Participant, rank } from './rendezvous.ts';

/**
 * Why this server judges a host: it is its share; a left-over, of which no other server may know; or
 * another server asked for an opinion of a host that does not answer here either, and may be unable to judge it.
 */
export type SuspectReason = 'share' | 'left-over' | 'asked';

export interface Suspect {
  readonly row: number;
  /** number of the change that made it live, and the contact that is judged, with its version:
   * where the clock of the server that had it is behind, only that is later */
  readonly change: number;
  readonly lastSeen: number;
  readonly version: Version;
  reason: SuspectReason;
  /** attempts that failed */
  failed: number;
  /** attempts that could not be made, for a reason that lies here */
  unmade: number;
  /** what is asked about it now */
  ping: Ping | null;
  opinion: OpinionRequest | null;
  /** when another server was first asked for its opinion */
  askedAt: number | null;
  /** the servers that gave none in this series of questions: they cannot tell, or did not answer */
  readonly passed: Map<string, 'unknown' | 'silent'>;
  /** another server found it dead too, or no other one can tell */
  isConfirmed: boolean;
}

/** About 5 MB of suspects; further hosts that are due wait in the registry. */
export const maxSuspects = 20_000;

/** Pings in flight at once for suspects: with those of the canaries 512 sockets. */
export const maxPinging = 492;

/** Opinions asked for at once. */
export const maxAsking = 512;

export class Suspects {
  readonly condemned = new Set<Suspect>();
  /** suspects with at least one failed attempt */
  failing = 0;
  private readonly registry: Registry;
  private readonly self: string;
  private readonly maxAttempts: number;
  private readonly byRow = new Map<number, Suspect>();
  /** due for an attempt, in the order in which they became so */
  private ready = new Set<Suspect>();
  /** every attempt failed or could not be made; the next other server is not asked yet */
  private tried = new Set<Suspect>();
  /** in flight, also those whose suspicion has ended or begun anew */
  private readonly pings = new Map<Ping, Suspect>();
  private readonly opinions = new Map<OpinionRequest, Suspect>();
  private readonly pingEnds: Deadlines<Ping>;
  private readonly opinionEnds: Deadlines<OpinionRequest>;
  private retries: Deadlines<Suspect>;
  /** left alone for a cycle: another server had contact, and its message about that is on the way; or
   * another server judges it; or nobody can */
  private spared: Deadlines<Suspect>;
  private readonly intervals: ExpiryIntervals;
  private participants: readonly Participant[] = [];
  private mayJudge = true;
  private isProved = true;

  constructor(options: {
    registry: Registry;
    /** id of this server */
    self: string;
    intervals: ExpiryIntervals;
    attempts: number;
  }) {
    this.registry = options.registry;
    this.self = options.self;
    this.intervals = options.intervals;
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

  /** Suspects the live host in `row`, if it is for this server to ping and there is room. */
  suspect(row: number, participants: readonly Participant[], isLeftOver = false): void {
    this.participants = participants;
    if (!isLeftOver && !this.owns(row)) return;
    const suspect = this.add(row, isLeftOver ? 'left-over' : 'share');
    if (suspect !== null) this.ready.add(suspect);
  }

  /**
   * Another server asked about the live host in `row`, which did not answer here either. Whoever asks
   * may be unable to judge, so this server does, unless the host is gone by the time of a next attempt.
   */
  adopt(row: number, mono: number): void {
    const suspect = this.add(row, 'asked');
    if (suspect !== null) this.retries.start(suspect, mono);
  }

  /** Null: it is suspected already, or there is no room. */
  private add(row: number, reason: SuspectReason): Suspect | null {
    const known = this.byRow.get(row);
    if (known !== undefined) {
      if (this.isUnseen(known)) {
        // Which it is shows only when the clock is known to be right.
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

  isSuspect(row: number): boolean {
    const suspect = this.byRow.get(row);
    return suspect !== undefined && this.isUnseen(suspect);
  }

  /**
   * Moves on what is due at `mono`; what must be asked is added to `effects`. `mayJudge`: deletes are
   * not frozen. `mayAsk`: another server is asked about those who did not answer, for its opinion, or
   * to take them over while this one may not judge. `isProved`: some host answered this one lately.
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

  /** `answered` is null when the host could not be asked, for a reason that lies here. */
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
      // Where there is nobody else to ask, it is tried again until it can be asked.
      if (answered === null) suspect.unmade += this.othersFor(suspect).length > 0 ? 1 : 0;
      else if (++suspect.failed === 1) this.failing++;
      if (Math.max(suspect.failed, suspect.unmade) < this.maxAttempts) return;
      this.retries.stop(suspect);
      this.tried.add(suspect);
    }
  }

  /** The next step for a host that did not answer, or that this server cannot ping. */
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
      // Nobody can tell: it stays, and is looked at again.
      this.spared.start(suspect, mono);
    }
  }

  /**
   * Nobody gave an opinion. A server that just started, or proves its network only now, can tell before
   * a cycle is over; and one that does not answer will, or will not count for much longer.
   */
  private mustAskAgain(suspect: Suspect, others: readonly string[], mono: number): boolean {
    if (mono - (suspect.askedAt ?? mono) < this.intervals.cycleMs) return true;
    return this.mayJudge && others.some((id) => suspect.passed.get(id) === 'silent');
  }

  /** Whether its attempts were made: a host that cannot be pinged from here is not judged here. */
  private wasTried({ failed }: Suspect): boolean {
    return failed >= this.maxAttempts;
  }

  opinionGiven(request: OpinionRequest, verdict: Verdict, mono: number): void {
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
    // A server that found it dead has proof of its network: it judges, when this one may not or has none.
    if (mayDelete) this.condemned.add(suspect);
    else this.spared.start(suspect, mono);
  }

  /** Whether the host may be deleted now; moves or forgets it when not. */
  isCondemned(suspect: Suspect): boolean {
    if (!this.condemned.has(suspect) || !this.isStill(suspect)) return false;
    if (suspect.isConfirmed || this.othersFor(suspect).length === 0) return true;
    // A second server has come since.
    this.condemned.delete(suspect);
    this.tried.add(suspect);
    return false;
  }

  /** Whether the suspicion still stands and is this server's to judge; forgets it when not. */
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

  /** At most that many of those who failed every attempt are pinged once more; others the next time. */
  askAgain(most: number): void {
    let left = most;
    for (const place of [this.tried, this.condemned])
      for (const suspect of place) {
        if (left-- === 0) return;
        place.delete(suspect);
        this.ready.add(suspect);
      }
  }

  /** Forgets every suspect that was in contact since. */
  sweep(): void {
    for (const suspect of this.byRow.values()) if (!this.isUnseen(suspect)) this.forget(suspect);
  }

  /** What was tried until now proves nothing: every suspect begins again with its first attempt. */
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

  /** The servers to ask for their opinion, in order; of a left-over nobody else need have heard. */
  private othersFor({ row, reason }: Suspect): string[] {
    if (reason === 'left-over') return [];
    const order = rank(this.registry.addresses, row * addressWords, this.participants);
    return order.filter((id) => id !== this.self);
  }

  private ping(suspect: Suspect, mono: number, effects: ExpiryEffect[]): void {
    const { address, nodeId, dialect } = this.registry.record(suspect.row);
    const timeoutMs = this.intervals.pingMs;
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
