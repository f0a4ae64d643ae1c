// Which hosts are pinged and which are deleted, as "Name servers together" describes it: a host
// without interaction for a TTL is pinged by its owner, and deleted only when every attempt failed,
// a second server agrees, and this server has proof that its own network works. All time comes in
// with the calls, all that must be done goes out of `tick`; the registry is changed here.
//
// Invariants: an address is pinged only while it is in the registry; a delete judges one contact, and
// any later contact of that host prevents it; attempts that failed while deletes were frozen count
// for nothing.
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { parseAddress } from '../../../shared/protocol/address.ts';
import type { Verdict } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';
import { Canaries, canaryCandidates, maxCanaries } from './canaries.ts';
import type { ExpiryEffect, OpinionRequest, Ping } from './expiry-effects.ts';
import { type ExpiryIntervals, expiryIntervals } from './expiry-intervals.ts';
import { ExpiryScan } from './expiry-scan.ts';
import type { RecentHost } from './recent-hosts.ts';
import type { Participant } from './rendezvous.ts';
import { SelfPreservation } from './self-preservation.ts';
import type { ShareView } from './share-count.ts';
import { type Suspect, Suspects } from './suspects.ts';

/** A pass deletes at most this share of the registry, so that a mistake is seen before it is total. */
export const maxDeletedShare = 0.15;

/** Deletes in one tick: what a commit takes in a few milliseconds. The rest of a pass follows. */
export const maxDeletesPerTick = 500;

export interface ExpirySettings {
  ttlMs: number;
  /** PingAttempts */
  attempts: number;
}

export type ExpiryStatus = Status['expiry'] & Pick<Status, 'selfPreservation'>;

export class Expiry {
  private readonly registry: Registry;
  private readonly self: string;
  /** numbers in [0, 1) */
  private readonly random: () => number;
  private readonly preservation: SelfPreservation;
  private intervals: ExpiryIntervals;
  private suspects: Suspects;
  private scan: ExpiryScan;
  private canaries: Canaries;
  private nextRoundAt: number;
  /** what is left of the pass that is under way, in the order in which it goes */
  private pass: Suspect[] = [];
  private lastMono: number;
  /** another server wants an opinion, and this one's network is not proved */
  private isProofWanted = false;
  /** a ping was not answered since the start */
  private wasUnanswered = false;
  private servers = 1;
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
    this.suspects = this.createSuspects(settings);
    this.scan = new ExpiryScan(registry, canaryCandidates, now.mono);
    this.canaries = new Canaries(registry);
    this.nextRoundAt = now.mono;
    this.lastMono = now.mono;
  }

  /** How often `tick` should be called. */
  get tickMs(): number {
    return this.intervals.tickMs;
  }

  /** New settings: what is suspected is judged anew by them. */
  configure(settings: ExpirySettings): void {
    this.intervals = expiryIntervals(settings.ttlMs, settings.attempts);
    this.preservation.configure(this.intervals);
    this.suspects = this.createSuspects(settings);
    this.scan = new ExpiryScan(this.registry, canaryCandidates, this.lastMono);
    this.canaries = new Canaries(this.registry);
    this.pass = [];
  }

  /** `participants`: the live name servers, this one among them, in any order. */
  tick(now: Clocks, participants: readonly Participant[]): ExpiryEffect[] {
    const { mono } = now;
    const { suspects, preservation } = this;
    const effects: ExpiryEffect[] = [];
    this.lastMono = mono;
    this.servers = participants.length;
    const round = this.canaries.takeResult(mono);
    if (round !== null) {
      const areMostProved = this.provedHosts() * 2 > this.registry.live.length;
      preservation.canaries(round.answered, round.asked, mono, areMostProved);
    }
    const wasFrozen = preservation.reason !== null;
    const frozen = preservation.tick(now, suspects.size > 0);
    if (frozen === 'stalled') {
      const { hosts, untilMono } = this.beforeStall;
      this.beforeStall = {
        hosts: mono < untilMono ? hosts : this.scan.recent,
        untilMono: mono + this.intervals.ttlMs,
      };
    }
    // Pings that failed while the network was gone prove nothing, neither those before it was
    // noticed nor those after it was back.
    const isProofBack = wasFrozen && frozen === null && !preservation.isOverridden(mono);
    if (isProofBack) suspects.restart();
    this.scan.shares.among(participants);
    // Who is a left-over is judged alone: not by a clock that was just set.
    const isClockSure = frozen !== 'stalled' && frozen !== 'starting';
    const due = (row: number) => {
      const lastSeen = this.registry.lastSeen.at(row);
      const isLeftOver = isClockSure && this.registry.isLeftOver({ lastSeen }, now.wall);
      suspects.suspect(row, participants, isLeftOver);
    };
    this.scan.advance(now, this.intervals, due, isClockSure);
    // Without proof of its network this server does not judge: it asks the others to.
    const mayAsk = frozen === null || frozen === 'canaries';
    // An operator who overrides it knows that it works.
    const isProved = preservation.hasProof(mono) || preservation.isOverridden(mono);
    const may = { mayJudge: frozen === null, mayAsk, isProved };
    suspects.advance(mono, participants, may, effects);
    if (frozen !== null) this.pass = [];
    else if (round !== null) this.planPass();
    this.delete(now.wall, effects);
    // From the first failure on, so that an outage between two attempts shows too.
    const isNeeded = suspects.failing > 0 || this.isProofWanted;
    if (isNeeded && mono >= this.nextRoundAt) this.startRound(mono, effects);
    return effects;
  }

  /** `answered` is null when the host could not be asked, for a reason that lies here. */
  pingEnded(ping: Ping, answered: boolean | null, now: Clocks): void {
    if (answered === true) {
      this.preservation.answered(now.mono);
      const row = this.registry.find(parseAddress(ping.address) as Uint32Array, 0);
      // However late the answer: it is an interaction.
      if (row !== noRow && this.registry.isLive(row)) this.registry.prove(row, now.wall);
    }
    if (answered === false) this.wasUnanswered = true;
    this.canaries.pingEnded(ping, answered);
    this.suspects.pingEnded(ping, answered);
  }

  /**
   * Another server's opinion. That it found the host alive is hearsay and
   * moves nothing here: that server had the contact and makes it known itself.
   */
  opinionGiven(request: OpinionRequest, verdict: Verdict, now: Clocks): void {
    this.suspects.opinionGiven(request, verdict, now.mono);
  }

  /**
   * Another server, which found the host dead, asks for this one's opinion: it is the result of the
   * ping that is returned, or can be told at once.
   */
  opinionAsked(address: string): Ping | Verdict {
    const words = parseAddress(address);
    const row = words === null ? noRow : this.registry.find(words, 0);
    // It is on its way here from the asker, or there is no room for it.
    if (row === noRow) return 'unknown';
    // A tombstone is on its way to the asker.
    if (!this.registry.isLive(row)) return 'dead';
    const { nodeId, dialect } = this.registry.record(row);
    return { kind: 'ping', address, nodeId, dialect, timeoutMs: this.intervals.pingMs };
  }

  /**
   * What the end of that ping says; `pingEnded` has been told of it. An answer
   * is one whatever this server may do; silence says something only where the
   * network is proved. Whoever did not hear the host judges it too, with
   * attempts of its own, in case the asker cannot.
   */
  opinionOf({ address }: Ping, answered: boolean | null, mono: number): Verdict {
    if (answered === true) return 'alive';
    if (answered === null || this.preservation.reason !== null) return 'unknown';
    const row = this.registry.find(parseAddress(address) as Uint32Array, 0);
    if (row !== noRow && this.registry.isLive(row)) this.suspects.adopt(row, mono);
    if (this.preservation.hasProof(mono)) return 'dead';
    this.isProofWanted = true;
    return 'unknown';
  }

  /** Something arrived over the network. */
  traffic(mono: number): void {
    this.preservation.traffic(mono);
  }

  /** An operator knows better than the proofs, for two cycles. */
  override(mono: number): void {
    this.preservation.override(mono);
  }

  status(): ExpiryStatus {
    const { suspects, preservation } = this;
    return {
      due: suspects.size - suspects.failing,
      suspects: suspects.failing,
      condemned: suspects.condemned.size,
      pinging: suspects.pinging + this.canaries.pinging,
      servers: this.servers,
      nobodyAnswers: this.nobodyAnswers(),
      oldestSeen: this.scan.oldestSeen,
      selfPreservation: {
        active: preservation.reason !== null,
        reason: preservation.reason,
        since: preservation.since,
        overridden: preservation.isOverridden(this.lastMono),
      },
    };
  }

  /** Whose the live hosts are. */
  shares(): ShareView {
    return this.scan.shares.view();
  }

  /** Hosts are pinged, and none of those that live by their own word ever answered. */
  private nobodyAnswers(): boolean {
    const isStarting = this.preservation.reason === 'starting';
    const { length } = this.registry.live;
    return !isStarting && this.wasUnanswered && length > 0 && this.provedHosts() === 0;
  }

  private provedHosts(): number {
    return this.registry.live.length - this.registry.unprovedRows.count();
  }

  private createSuspects({ attempts }: ExpirySettings): Suspects {
    const { registry, self, intervals } = this;
    return new Suspects({ registry, self, intervals, attempts });
  }

  private startRound(mono: number, effects: ExpiryEffect[]): void {
    if (this.canaries.isRunning || this.pass.length > 0) return;
    this.nextRoundAt = mono + this.intervals.passMs;
    this.isProofWanted = false;
    this.suspects.sweep();
    const { hosts: earlier, untilMono } = this.beforeStall;
    const known = mono < untilMono ? earlier : [];
    const others = this.scan.recent.filter(
      ({ row }) => !this.suspects.isSuspect(row) && !known.some((host) => host.row === row),
    );
    this.canaries.start([...known, ...others], mono, this.intervals.pingMs, effects);
    // After a long outage everybody may be suspected, and nobody left to be a canary.
    if (this.preservation.reason !== null) this.suspects.askAgain(maxCanaries);
  }

  /** Picks at random from the condemned, as many as a pass may delete. */
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

  private delete(wall: number, effects: ExpiryEffect[]): void {
    for (const suspect of this.pass.splice(0, maxDeletesPerTick)) {
      if (!this.suspects.isCondemned(suspect)) continue;
      const { address, nodeId, lastSeen } = this.registry.record(suspect.row);
      this.registry.expire(suspect.row, wall);
      this.suspects.forget(suspect);
      effects.push({ kind: 'expired', address, nodeId, lastSeen });
    }
  }
}
