// Runs the policies of expiry, proving and takeovers (core/expiry): calls their ticks, sends the pings that they
// ask for, and reports deletions to the log and to consoles.
import { setMaxListeners } from 'node:events';
import type { Counters } from '../../shared/counters.ts';
import {
  familyName,
  type OpinionVerdict,
  type Unable,
} from '../../shared/protocol/sync-message.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { Expiry, type ExpirySettings, type ExpiryStatus } from '../core/expiry/expiry.ts';
import type { Expired, ExpiryEffect, OpinionRequest, Ping } from '../core/expiry/expiry-effects.ts';
import { massDeletionText } from '../core/expiry/mass-deletion.ts';
import { Proving } from '../core/expiry/proving.ts';
import type { ShareView } from '../core/expiry/rendezvous.ts';
import { participantsOf } from '../core/expiry/rendezvous.ts';
import type { Standings } from '../core/expiry/standing.ts';
import { type Claim, type Contest, Takeovers } from '../core/expiry/takeovers.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { History } from '../core/stats/history.ts';
import type { Sharer } from '../core/sync/membership.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Logger } from '../log.ts';
import { clocks } from '../machine/clocks.ts';
import type { PingOutcome } from './ping-outcome.ts';
import { isOwnTrouble, type pingHost } from './pinger.ts';

/** Contested addresses in a status: enough to see the problem. */
const mostContested = 8;

export interface ExpiryServiceOptions {
  registry: Registry;
  serverId: string;
  settings: ExpirySettings;
  counters: Counters;
  history: History;
  groupCommit: GroupCommit;
  log: Logger;
  /** the local address of pings; undefined: the system chooses */
  from: string | undefined;
  ping: typeof pingHost;
}

/** What expiry needs of replication. */
export interface ExpiryPeers {
  /** the name servers that share the pings, this one among them */
  participants(): readonly Sharer[];
  /** Asks another server for its opinion; `ExpiryService.opinionGiven` is called with its answer, if one comes. */
  ask(request: OpinionRequest): void;
}

export class ExpiryService {
  readonly takeovers: Takeovers;
  private readonly options: ExpiryServiceOptions;
  private readonly expiry: Expiry;
  private readonly proving: Proving;
  private settings: ExpirySettings;
  private readonly ended = new AbortController();
  private ticker: NodeJS.Timeout | null = null;
  private peers: ExpiryPeers | null = null;
  private wasActive = true;
  private didNobodyAnswer = false;
  private wasMass = false;
  private wasUnable: Unable | null = null;

  constructor(options: ExpiryServiceOptions) {
    this.options = options;
    // One listener per ping in flight; the policies bound their number.
    setMaxListeners(0, this.ended.signal);
    this.settings = options.settings;
    this.expiry = new Expiry({
      registry: options.registry,
      self: options.serverId,
      settings: options.settings,
      random: Math.random,
      now: clocks(),
    });
    const { registry, settings } = options;
    this.takeovers = new Takeovers({ registry, ttlMs: settings.ttlMs });
    this.proving = new Proving({ registry, ttlMs: settings.ttlMs, mono: performance.now() });
  }

  /** Begins to ping, shared with `peers`. */
  start(peers: ExpiryPeers): void {
    this.peers = peers;
    this.ticker = setInterval(() => this.tick(peers), this.expiry.tickMs);
  }

  /** Puts changed settings into force: suspects are judged anew by them. */
  configure(settings: ExpirySettings): void {
    const { ttlMs, attempts } = this.settings;
    if (settings.ttlMs === ttlMs && settings.attempts === attempts) return;
    this.settings = settings;
    this.expiry.configure(settings);
    this.proving.configure(settings.ttlMs);
    this.takeovers.configure(settings.ttlMs);
    if (this.ticker === null || this.peers === null) return;
    clearInterval(this.ticker);
    this.start(this.peers);
  }

  /** Stops; pings in flight are aborted. */
  close(): void {
    if (this.ticker !== null) clearInterval(this.ticker);
    this.ticker = null;
    this.ended.abort();
  }

  /** Traffic arrived over the network. */
  noteTraffic(): void {
    this.expiry.traffic(performance.now());
  }

  /** An operator overrides self-preservation for two ping cycles. */
  override(): void {
    this.expiry.override(performance.now());
    this.options.log.warn(
      'self-preservation overridden by an operator for two ping cycles: hosts that do not answer will be deleted',
    );
  }

  /** The opinion of the server that was asked. */
  opinionGiven(request: OpinionRequest, verdict: OpinionVerdict): void {
    this.expiry.opinionGiven(request, verdict, clocks());
  }

  /** The opinion that a peer asks for, about a host that it found dead. */
  async judge(address: string): Promise<OpinionVerdict> {
    const asked = this.expiry.opinionAsked(address);
    if (typeof asked === 'string') return asked;
    const answered = await this.ping(asked);
    return this.expiry.opinionOf(asked, answered, performance.now());
  }

  status(): ExpiryStatus & { contested: Contest[] } {
    const contested = this.takeovers.contests(performance.now()).slice(0, mostContested);
    return { ...this.expiry.status(), contested };
  }

  /** Hosts that this server cannot judge, which peers are told; null: none. */
  get cannotJudge(): Unable | null {
    return this.expiry.cannotJudge;
  }

  /** How the live hosts stand now. */
  standings(): Standings {
    return this.expiry.standings(wallNow());
  }

  shares(): ShareView {
    return this.expiry.shares();
  }

  private tick(peers: ExpiryPeers): void {
    const participants = participantsOf(peers.participants());
    for (const effect of this.expiry.tick(clocks(), participants)) this.run(effect, peers);
    const { cannotJudge } = this.expiry;
    for (const ping of this.proving.tick(performance.now(), cannotJudge)) void this.ping(ping);
    for (const claim of this.takeovers.take()) void this.check(claim);
    this.reportSelfPreservation();
    this.reportReachability();
    this.reportFamily();
    this.reportMassDeletion(participants.length);
    if (this.options.registry.hasPending) this.options.groupCommit.end();
  }

  private run(effect: ExpiryEffect, peers: ExpiryPeers): void {
    switch (effect.kind) {
      case 'ping':
        void this.ping(effect);
        break;
      case 'opinion':
        peers.ask(effect);
        break;
      case 'expired':
        this.reportExpired(effect);
    }
  }

  /** Checks the claim of a node to the address of another: the pong says whose it is. */
  private async check(claim: Claim): Promise<void> {
    const { takeovers } = this;
    const { counters, groupCommit } = this.options;
    const outcomes: PingOutcome[] = [];
    for (const transport of claim.transports) {
      counters.pingsSent++;
      const outcome = await this.options.ping(claim.address, transport, {
        from: this.fromFor(claim.address),
        signal: this.ended.signal,
      });
      if (this.ended.signal.aborted) return;
      outcomes.push(outcome);
      if (!outcome.answered) continue;
      counters.pingsAnswered++;
      break;
    }
    const said = outcomes.filter((each) => !isOwnTrouble(each));
    const found = said.find(({ answeredBy }) => answeredBy !== null) ?? said[0] ?? null;
    const { isTakenOver, contest } = takeovers.ended(claim, found, clocks());
    if (isTakenOver === true) counters.takeovers++;
    if (isTakenOver === false) counters.takeoversRefused++;
    if (contest !== null) this.reportContest(contest);
    groupCommit.end();
  }

  private fromFor(address: string): string | undefined {
    const { from } = this.options;
    return from !== undefined && address.startsWith('[') === from.includes(':') ? from : undefined;
  }

  /** Whether the host answered; null when this machine could not send the ping. */
  private async ping(ping: Ping): Promise<boolean | null> {
    const { counters } = this.options;
    counters.pingsSent++;
    const outcome = await this.options.ping(ping.address, ping.dialect, {
      nodeId: ping.nodeId,
      from: this.fromFor(ping.address),
      timeoutMs: ping.timeoutMs,
      signal: this.ended.signal,
    });
    this.proving.ended(ping);
    if (this.ended.signal.aborted) return null;
    if (outcome.answered) counters.pingsAnswered++;
    const result = isOwnTrouble(outcome) ? null : outcome.answered;
    this.expiry.pingEnded(ping, result, clocks(), outcome.roundTripMs);
    return result;
  }

  private reportContest({ address, nodeIds }: Contest): void {
    this.options.log.warn(
      { address, nodeIds },
      'two nodes register the same address, and only one of them can be reached there; give each node its own port, forwarded by the NAT or proxy',
    );
  }

  private reportExpired({ address, nodeId, lastSeen }: Expired): void {
    const { counters, history, log } = this.options;
    counters.expired++;
    history.add(wallNow(), 'expired', address, 'no answer to pings');
    log.debug({ address, nodeId, lastSeen }, 'host expired');
  }

  /** No host may be reachable by design (all behind NAT), or a firewall may stop the pings. */
  private reportReachability(): void {
    const { nobodyAnswers = false } = this.expiry.status();
    if (nobodyAnswers === this.didNobodyAnswer) return;
    this.didNobodyAnswer = nobodyAnswers;
    const { log, registry } = this.options;
    if (nobodyAnswers)
      log.warn(
        { hosts: registry.live.length },
        'no host has ever answered a ping of this name server, so every host is deleted after one TTL without contact; allow connections from here to the ports of the nodes, or ignore this if all nodes are behind NAT',
      );
    else log.info('hosts answer pings of this name server');
  }

  /** An address family whose hosts cannot be pinged from here; other troubles are reported as what they are. */
  private reportFamily(): void {
    const { cannotJudge } = this.expiry;
    if (cannotJudge === this.wasUnable) return;
    const { log } = this.options;
    if (cannotJudge !== null && cannotJudge !== 'all')
      log.warn(
        `${familyName(cannotJudge)} hosts cannot be pinged from here, no ping to any of them could be sent lately: the other name servers judge them; give this machine an ${familyName(cannotJudge)} address and a route`,
      );
    else if (cannotJudge === null && this.wasUnable !== 'all')
      log.info('hosts of both address families can be pinged again');
    this.wasUnable = cannotJudge;
  }

  /** Once: each host by itself is logged at level debug. */
  private reportMassDeletion(servers: number): void {
    const mass = this.expiry.massDeletion.current;
    if ((mass !== null) === this.wasMass) return;
    this.wasMass = mass !== null;
    if (mass === null) return;
    const { history, log } = this.options;
    const { ttlMs, attempts } = this.settings;
    const text = massDeletionText(mass, { ttlMs, attempts, servers });
    log.warn({ ...mass }, text);
    history.add(wallNow(), 'expired', null, text);
  }

  private reportSelfPreservation(): void {
    const reason = this.expiry.frozenFor;
    const active = reason !== null;
    if (active === this.wasActive) return;
    this.wasActive = active;
    if (active) this.options.log.warn({ reason }, 'self-preservation: deletions are held back');
    else
      this.options.log.info('self-preservation ended: hosts that do not answer are deleted again');
  }
}
