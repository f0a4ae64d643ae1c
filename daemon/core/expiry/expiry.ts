// Decides which hosts are pinged and which are deleted (daemon/DESIGN.md, "Expiry"). The owner of a host pings
// it after a TTL without interaction, and deletes it only when every attempt failed, a second name server
// agrees, and this server has proof that its own network works. Time comes in with each call, effects go out
// of `tick`; the registry is changed here.
//
// Invariants: an address is pinged only while it is in the registry. A deletion judges one contact; any later
// contact of the host prevents it. Attempts that failed while deletions were frozen do not count.
import { addressWords, parseAddress } from '../../../shared/protocol/address.ts';
import type { OpinionVerdict, Unable } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';
import { Ability } from './ability.ts';
import { Canaries, canaryCandidates, maxCanaries, type RecentHost } from './canaries.ts';
import type { ExpiryEffect, OpinionRequest, Ping } from './expiry-effects.ts';
import { type ExpiryIntervals, expiryIntervals } from './expiry-intervals.ts';
import { ExpiryScan } from './expiry-scan.ts';
import { type Deletions, MassDeletion } from './mass-deletion.ts';
import { PingPatience } from './ping-patience.ts';
import { ownerIndex, type Participant, type ShareView } from './rendezvous.ts';
import { type FreezeReason, SelfPreservation } from './self-preservation.ts';
import type { Standings } from './standing.ts';
import { type Suspect, Suspects } from './suspects.ts';

/** A pass deletes at most this share of the registry, so that an operator notices a mistake in time. */
export const maxDeletedShare = 0.15;

/** Deletions per tick: a commit writes that many in a few milliseconds. The rest of a pass follows. */
export const maxDeletesPerTick = 500;

/** The settings that expiry follows. */
export interface ExpirySettings {
  /** TTL, in ms */
  ttlMs: number;
  /** PingAttempts, at least 1 */
  attempts: number;
}

/** What expiry is doing; counts are hosts unless they say otherwise. */
export interface ExpiryStatus {
  /** hosts that this server judges, each counted once (standing.ts) */
  due: number;
  suspects: number;
  condemned: number;
  /** pings in flight */
  pinging: number;
  /** name servers that share the pings, this one among them */
  servers: number;
  /** hosts that this server cannot judge; null: none */
  cannotJudge: Unable | null;
  /** hosts are pinged, and none has ever answered */
  nobodyAnswers: boolean;
  /** more hosts than usual were deleted within a TTL; null: they were not */
  massDeletion: Deletions | null;
  /** last contact of the live host that was silent for longest, ms since 1970; null: not known yet */
  oldestSeen: number | null;
  selfPreservation: {
    /** deletions are frozen */
    active: boolean;
    reason: FreezeReason | null;
    /** ms since 1970 */
    since: number;
    overridden: boolean;
  };
}

/** Expiry of one name server. Times: `mono` in ms of the monotonic clock, `wall` in ms since 1970. */
export class Expiry {
  private readonly registry: Registry;
  private readonly self: string;
  /** numbers in [0, 1) */
  private readonly random: () => number;
  private readonly preservation: SelfPreservation;
  private readonly ability: Ability;
  private readonly patience = new PingPatience();
  private intervals: ExpiryIntervals;
  private suspects: Suspects;
  private scan: ExpiryScan;
  private canaries: Canaries;
  massDeletion: MassDeletion;
  private nextRoundAt: number;
  /** hosts that the current pass has still to delete, in that order */
  private pass: Suspect[] = [];
  private lastMono: number;
  /** another server asked for an opinion, which needs proof of this server's network */
  private isProofWanted = false;
  /** at least one ping since the start was not answered */
  private wasUnanswered = false;
  private participants: readonly Participant[] = [];
  /**
   * The most recent contacts before the wall clock jumped or this process stalled. For a TTL they are canaries
   * even when the new time makes suspects of them: else one host that answers would prove the network.
   */
  private beforeStall: { hosts: readonly RecentHost[]; untilMono: number } = {
    hosts: [],
    untilMono: Number.NEGATIVE_INFINITY,
  };

  constructor(options: {
    registry: Registry;
    /** id of this server */
    self: string;
    settings: ExpirySettings;
    random: () => number;
    now: Clocks;
  }) {
    const { registry, settings, now } = options;
    this.registry = registry;
    this.self = options.self;
    this.random = options.random;
    this.intervals = expiryIntervals(settings.ttlMs, settings.attempts);
    this.preservation = new SelfPreservation(this.intervals, now);
    this.ability = new Ability(registry, this.intervals);
    this.suspects = this.createSuspects(settings);
    this.scan = new ExpiryScan(registry, canaryCandidates, now.mono);
    this.canaries = new Canaries(registry);
    this.massDeletion = new MassDeletion(settings.ttlMs);
    this.nextRoundAt = now.mono;
    this.lastMono = now.mono;
  }

  /** How often `tick` should be called. */
  get tickMs(): number {
    return this.intervals.tickMs;
  }

  /** Puts new settings into force: suspects are judged anew by them. */
  configure(settings: ExpirySettings): void {
    this.intervals = expiryIntervals(settings.ttlMs, settings.attempts);
    this.preservation.configure(this.intervals);
    this.ability.configure(this.intervals);
    this.suspects = this.createSuspects(settings);
    this.scan = new ExpiryScan(this.registry, canaryCandidates, this.lastMono);
    this.canaries = new Canaries(this.registry);
    this.massDeletion = new MassDeletion(settings.ttlMs);
    this.pass = [];
  }

  /** `participants`: the live name servers, this one among them, in any order. */
  tick(now: Clocks, participants: readonly Participant[]): ExpiryEffect[] {
    const { mono } = now;
    const { suspects, preservation } = this;
    const effects: ExpiryEffect[] = [];
    this.lastMono = mono;
    this.participants = participants;
    const round = this.canaries.takeResult(mono);
    if (round !== null) {
      const areMostProved = this.provedHosts() * 2 > this.registry.live.length;
      preservation.canaries(round.answered, round.asked, mono, areMostProved);
    }
    const wasFrozen = preservation.reason !== null;
    // A deaf server has no share, and so no suspects; whether it hears hosts again must show all the same.
    const frozen = preservation.tick(now, suspects.size > 0 || this.ability.isDeaf);
    this.ability.tick(mono, {
      isDeaf: frozen === 'canaries' || frozen === 'isolated',
      isUnheard: this.nobodyAnswers(),
      isOverridden: preservation.isOverridden(mono),
    });
    if (frozen === 'stalled') {
      const { hosts, untilMono } = this.beforeStall;
      this.beforeStall = {
        hosts: mono < untilMono ? hosts : this.scan.recent,
        untilMono: mono + this.intervals.ttlMs,
      };
    }
    // Pings that failed before the outage was noticed, or until it ended, prove nothing.
    const isProofBack = wasFrozen && frozen === null && !preservation.isOverridden(mono);
    if (isProofBack) suspects.restart();
    this.scan.shares.among(participants);
    // Left-overs are judged by this server alone, so never by a clock that was just set.
    const isClockSure = frozen !== 'stalled' && frozen !== 'starting';
    const due = (row: number) => {
      const lastSeen = this.registry.lastSeen.at(row);
      const isLeftOver = isClockSure && this.registry.isLeftOver({ lastSeen }, now.wall);
      return suspects.suspect(row, participants, isLeftOver);
    };
    this.scan.advance(now, this.intervals, due, isClockSure);
    // Without proof of its own network this server does not judge, but asks the others.
    const mayAsk = frozen === null || frozen === 'canaries';
    // An operator who overrides the freeze knows that the network works.
    const isProved = preservation.hasProof(mono) || preservation.isOverridden(mono);
    const may = { mayJudge: frozen === null, mayAsk, isProved };
    suspects.advance(mono, participants, may, effects);
    if (frozen !== null) this.pass = [];
    else if (round !== null) this.planPass();
    const deleted = this.delete(now.wall, effects);
    this.massDeletion.tick(mono, deleted, this.registry.live.length);
    // Canaries are pinged from the first failed attempt on, so that an outage between two attempts shows.
    const isNeeded = suspects.failing > 0 || this.isProofWanted || this.ability.isDeaf;
    if (isNeeded && mono >= this.nextRoundAt) this.startRound(mono, effects);
    effects.push(...this.ability.probes(mono));
    return effects;
  }

  /**
   * Reports a ping. `answered` is null when this machine could not send it.
   * @param roundTripMs how long the answer took; null: it was not measured
   */
  pingEnded(
    ping: Ping,
    answered: boolean | null,
    now: Clocks,
    roundTripMs: number | null = null,
  ): void {
    if (answered === true) {
      if (roundTripMs !== null) this.patience.note(roundTripMs);
      this.preservation.answered(now.mono);
      const row = this.registry.find(parseAddress(ping.address) as Uint32Array, 0);
      // Even a late answer is an interaction.
      if (row !== noRow && this.registry.isLive(row)) this.registry.prove(row, now.wall);
    }
    if (answered === false) this.wasUnanswered = true;
    this.ability.pingEnded(ping, answered !== null, now.mono);
    this.canaries.pingEnded(ping, answered);
    this.suspects.pingEnded(ping, answered);
  }

  /**
   * Reports the opinion of another server. `alive` is hearsay and changes nothing here: that server had the
   * contact and replicates it itself.
   */
  opinionGiven(request: OpinionRequest, verdict: OpinionVerdict, now: Clocks): void {
    this.suspects.opinionGiven(request, verdict, now.mono);
  }

  /**
   * Another server found the host dead and asks for an opinion.
   * @returns the verdict, or a ping whose result decides it (`opinionOf`)
   */
  opinionAsked(address: string): Ping | OpinionVerdict {
    const words = parseAddress(address);
    const row = words === null ? noRow : this.registry.find(words, 0);
    // The asker's change has not arrived yet, or the registry is full.
    if (row === noRow) return 'unknown';
    // The tombstone has not reached the asker yet.
    if (!this.registry.isLive(row)) return 'dead';
    const { nodeId, dialect } = this.registry.record(row);
    return { kind: 'ping', address, nodeId, dialect, timeoutMs: this.intervals.pingMs };
  }

  /**
   * The verdict by the result of that ping, which `pingEnded` has got before. An answer always counts. Silence
   * counts only with proof of this server's network. A server that gets no answer suspects the host itself, in
   * case the asker is unable to judge.
   */
  opinionOf({ address }: Ping, answered: boolean | null, mono: number): OpinionVerdict {
    if (answered === true) return 'alive';
    if (answered === null || this.preservation.reason !== null) return 'unknown';
    const row = this.registry.find(parseAddress(address) as Uint32Array, 0);
    if (row !== noRow && this.registry.isLive(row)) this.suspects.adopt(row, mono);
    if (this.preservation.hasProof(mono)) return 'dead';
    this.isProofWanted = true;
    return 'unknown';
  }

  /** Traffic arrived over the network. */
  traffic(mono: number): void {
    this.preservation.traffic(mono);
  }

  /** An operator overrides self-preservation for two ping cycles. */
  override(mono: number): void {
    this.preservation.override(mono);
  }

  /** Why deletions are frozen; null when they are not. */
  get frozenFor(): FreezeReason | null {
    return this.preservation.reason;
  }

  /** Hosts that this server cannot judge; null: none. */
  get cannotJudge(): Unable | null {
    return this.ability.cannotJudge;
  }

  status(): ExpiryStatus {
    const { suspects, preservation } = this;
    return {
      due: suspects.size - suspects.failing + this.scan.waiting,
      suspects: suspects.failing - suspects.condemned.size,
      condemned: suspects.condemned.size,
      pinging: suspects.pinging + this.canaries.pinging,
      servers: Math.max(1, this.participants.length),
      cannotJudge: this.cannotJudge,
      nobodyAnswers: this.nobodyAnswers(),
      massDeletion: this.massDeletion.current,
      oldestSeen: this.scan.oldestSeen,
      selfPreservation: {
        active: preservation.reason !== null,
        reason: preservation.reason,
        since: preservation.since,
        overridden: preservation.isOverridden(this.lastMono),
      },
    };
  }

  /** How the live hosts stand at `wall`. */
  standings(wall: number): Standings {
    const { registry, suspects, scan, intervals, participants, self } = this;
    return {
      of: (row) => {
        const suspect = suspects.at(row);
        if (suspect === null) return scan.isDue(row, wall, intervals) ? 'due' : 'live';
        if (suspects.condemned.has(suspect)) return 'condemned';
        return suspect.failed > 0 ? 'suspect' : 'due';
      },
      judgeOf: (row) => {
        const owner = ownerIndex(registry.addresses, row * addressWords, participants);
        return {
          owner: participants[owner]?.id ?? self,
          failedPings: suspects.at(row)?.failed ?? 0,
        };
      },
    };
  }

  /** How many live hosts each name server owns. */
  shares(): ShareView {
    return this.scan.shares.view();
  }

  /** Whether hosts are pinged and no live host has ever answered. */
  private nobodyAnswers(): boolean {
    const isStarting = this.preservation.reason === 'starting';
    const { length } = this.registry.live;
    return !isStarting && this.wasUnanswered && length > 0 && this.provedHosts() === 0;
  }

  private provedHosts(): number {
    return this.registry.live.length - this.registry.unprovedRows.count();
  }

  private createSuspects({ attempts }: ExpirySettings): Suspects {
    const { registry, self, intervals, patience } = this;
    return new Suspects({ registry, self, intervals, attempts, patience });
  }

  private startRound(mono: number, effects: ExpiryEffect[]): void {
    if (this.canaries.isRunning || this.pass.length > 0) return;
    this.nextRoundAt = mono + this.intervals.passMs;
    this.isProofWanted = false;
    this.suspects.sweep();
    const { hosts: earlier, untilMono } = this.beforeStall;
    const known = mono < untilMono ? earlier : [];
    const others = this.scan.recent.filter(
      ({ row }) => this.suspects.at(row) === null && !known.some((host) => host.row === row),
    );
    const { leastPingMs, pingMs, passMs } = this.intervals;
    // Not before the next round is due.
    const limits = { leastPingMs, pingMs: Math.min(pingMs, passMs) };
    const limitMs = this.patience.limitMs(1, Number.POSITIVE_INFINITY, limits);
    this.canaries.start([...known, ...others], mono, limitMs, effects);
    // After a long outage every host may be suspected, and none left to be a canary.
    if (this.preservation.reason !== null) this.suspects.askAgain(maxCanaries);
  }

  /** Picks the hosts that a pass deletes from the condemned, at random. */
  private planPass(): void {
    const condemned = [...this.suspects.condemned];
    const most = Math.max(1, Math.floor(this.registry.live.length * maxDeletedShare));
    const picked = Math.min(most, condemned.length);
    for (let i = 0; i < picked; i++) {
      const j = i + Math.floor(this.random() * (condemned.length - i));
      [condemned[i], condemned[j]] = [condemned[j] as Suspect, condemned[i] as Suspect];
    }
    this.pass = condemned.slice(0, picked);
  }

  private delete(wall: number, effects: ExpiryEffect[]): number {
    let deleted = 0;
    for (const suspect of this.pass.splice(0, maxDeletesPerTick)) {
      if (!this.suspects.isCondemned(suspect)) continue;
      const { address, nodeId, lastSeen } = this.registry.record(suspect.row);
      this.registry.expire(suspect.row, wall);
      this.suspects.forget(suspect);
      effects.push({ kind: 'expired', address, nodeId, lastSeen });
      deleted++;
    }
    return deleted;
  }
}
