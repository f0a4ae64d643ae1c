// One run of a simulated name server, from a start to a crash: the real core, wired as name-server.ts,
// replication-service.ts and expiry-service.ts do it. Everything that reaches it waits while its machine sleeps.
import { Expiry } from '../../daemon/core/expiry/expiry.ts';
import type { ExpiryEffect, Ping } from '../../daemon/core/expiry/expiry-effects.ts';
import { expiryIntervals } from '../../daemon/core/expiry/expiry-intervals.ts';
import { Proving } from '../../daemon/core/expiry/proving.ts';
import { participantsOf } from '../../daemon/core/expiry/rendezvous.ts';
import { type Claim, Takeovers } from '../../daemon/core/expiry/takeovers.ts';
import { Registrar } from '../../daemon/core/query/registrar.ts';
import { ReplyMaker } from '../../daemon/core/query/reply-maker.ts';
import { type Origin, served } from '../../daemon/core/query/verdict.ts';
import { Registry } from '../../daemon/core/registry/registry.ts';
import { noRow } from '../../daemon/core/registry/row-list.ts';
import { maxAheadMs } from '../../daemon/core/registry/version.ts';
import { ClockLead } from '../../daemon/core/sync/clock-lead.ts';
import { Membership } from '../../daemon/core/sync/membership.ts';
import type {
  PeerSession,
  Question,
  SyncContext,
  SyncEffect,
} from '../../daemon/core/sync/peer-session.ts';
import { SyncEngine } from '../../daemon/core/sync/sync-engine.ts';
import type { Clocks } from '../../daemon/core/timing/timing.ts';
import { createCounters } from '../../shared/counters.ts';
import type { Reply, Request } from '../../shared/protocol/message.ts';
import type { OpinionVerdict } from '../../shared/protocol/sync-message.ts';
import { packed } from '../fixture/registry.ts';
import { BusClient, type BusProcess } from './bus.ts';
import { pingHost, slowestPingMs } from './host.ts';
import { Dialer } from './links.ts';
import type { Network, Wire } from './network.ts';
import type { Act, Asker, Machine, Surroundings, Verb } from './surroundings.ts';

/** As name-server.ts publishes contacts. */
const publishedShare = 1 / 4;

/** As peers.ts ticks. */
const syncTickMs = 250;

/** Expiry need not tick finer than this to do its work; the daemon does, for the sake of the network. */
const coarseTickMs = 200;

/** A commit that failed is tried again after this long. */
const retryMs = 1_000;

export class SimProcess implements BusProcess {
  readonly index: number;
  readonly network: Network;
  readonly registry: Registry;
  readonly syncEngine: SyncEngine;
  readonly expiry: Expiry;
  private readonly registrar: Registrar;
  private readonly replies: ReplyMaker;
  private readonly proving: Proving;
  private readonly takeovers: Takeovers;
  readonly dialers: Dialer[];
  readonly wires = new Map<PeerSession, Pick<Wire, 'send' | 'close'>>();
  private readonly busClient: BusClient | null;
  readonly counters = createCounters();
  private readonly context: SyncContext;
  private readonly clockLead: ClockLead;
  private readonly server: Machine;
  private readonly fleet: Surroundings;
  /** what is answered when the next commit is done */
  private waiting: (() => void)[] = [];
  private isCommitting = false;
  private wasFrozen: string | null = '';

  constructor(server: Machine, fleet: Surroundings) {
    const { world, ttlMs } = fleet;
    const { id, disk } = server;
    this.server = server;
    this.fleet = fleet;
    this.index = server.index;
    this.network = fleet.network;
    const now = this.clocks();
    const { records, ...known } = disk.contents();
    this.registry = Registry.restore(records, {
      ...known,
      maxHosts: fleet.maxHosts,
      server: id,
      now: now.wall,
    });
    this.registry.publishAfterMs = ttlMs * publishedShare;
    const others = fleet.servers.filter((each) => each !== server);
    const addresses = fleet.bus === null ? others.map(({ address }) => address) : [];
    const membership = new Membership(id, addresses, fleet.membership);
    this.context = {
      registry: this.registry,
      counters: this.counters,
      membership,
      id,
      run: fleet.tag(),
      version: '1.2.3',
      epoch: disk.epoch,
      listen: server.address,
      load: { backlog: 0, limit: 100, live: 0 },
    };
    this.syncEngine = new SyncEngine({ context: this.context, random: world.syncRandom });
    this.expiry = new Expiry({
      registry: this.registry,
      self: id,
      settings: { ttlMs, attempts: fleet.attempts },
      random: world.random,
      now,
    });
    this.proving = new Proving({ registry: this.registry, ttlMs, mono: now.mono });
    this.clockLead = new ClockLead(this.registry, membership, now);
    this.takeovers = new Takeovers({ registry: this.registry, ttlMs });
    this.registrar = new Registrar(this.registry, this.counters, this.takeovers);
    this.replies = new ReplyMaker({
      roster: this.registry,
      serverId: id,
      epoch: disk.epoch,
      random: world.random,
      isCatchingUp: () => this.syncEngine.isCatchingUp(this.clocks().mono),
    });
    this.dialers = fleet.bus === null ? others.map((other) => new Dialer(this, other)) : [];
    this.busClient = fleet.bus && new BusClient(fleet.bus, this);
  }

  start(): void {
    const { stallMs } = expiryIntervals(this.fleet.ttlMs, this.fleet.attempts);
    const tickMs = Math.max(this.expiry.tickMs, Math.min(coarseTickMs, 0.8 * stallMs));
    for (const dialer of this.dialers) dialer.dial();
    this.busClient?.start();
    this.every(syncTickMs, () => this.syncTick());
    this.every(tickMs, () => this.expiryTick());
  }

  get id(): string {
    return this.server.id;
  }

  get address(): string {
    return this.server.address;
  }

  now(): number {
    return this.clocks().mono;
  }

  searching(isSearching: boolean): void {
    this.context.membership.isSearching = isSearching;
  }

  clocks(): Clocks {
    return this.server.clock.now();
  }

  soon(run: () => void): void {
    const { server } = this;
    if (server.process !== this) return;
    if (server.isAsleep) this.fleet.world.at(server.wakesAt, () => this.soon(run));
    else run();
  }

  after(ms: number, run: () => void): void {
    this.fleet.world.after(ms, () => this.soon(run));
  }

  heard(): void {
    this.expiry.traffic(this.clocks().mono);
  }

  /** Ids of the servers that share the pings, as seen from here. */
  participants(): string[] {
    return this.syncEngine.participants(this.clocks().mono).map(({ id }) => id);
  }

  /** A host's request has arrived. */
  ask(verb: Verb, asker: Asker, answered: () => void): void {
    const words = packed(asker.address);
    const origin = { ip: words.subarray(0, 4), dialect: asker.dialect };
    const named = { nodeId: asker.nodeId, port: words[4] as number };
    const request: Request =
      verb === 'query'
        ? { verb, ...named, limit: 10, since: null, hop: 0, have: null }
        : { verb, ...named };
    this.heard();
    const known = this.registry.find(words, 0);
    const wasLive = known !== noRow && this.registry.isLive(known);
    const isClaim =
      wasLive &&
      (!this.registry.nodeIds.equals(known, asker.nodeId) ||
        this.registry.dialectOf(known) !== asker.dialect);
    const reply = this.replyTo(request, origin);
    if (reply.kind === 'error') return;
    // A leave of a host that is unknown here leaves a tombstone, too.
    const isAct = verb === 'leave' || !isClaim;
    const act = isAct ? this.act(verb === 'leave' ? 'leave' : 'contact', asker.address) : null;
    this.fleet.note(() => `${this.server.id}: ${asker.address} says ${verb}`);
    this.whenStored(() => {
      if (act !== null) this.promise(act);
      answered();
    });
  }

  /** A request as a node sends it has arrived; the reply is there when what it did is on the disk. */
  answer(request: Request, origin: Origin, send: (reply: Reply) => void): void {
    this.heard();
    const reply = this.replyTo(request, origin);
    this.whenStored(() => send(reply));
  }

  /** As the daemon's request handler decides without redirects; what the request did is not on disk yet. */
  replyTo(request: Request, origin: Origin): Reply {
    const effect =
      request.verb === 'ping'
        ? 'unchanged'
        : this.registrar.carryOut(request, origin, this.clocks().wall);
    return this.replies.replyTo(request, typeof effect === 'string' ? served : effect, origin);
  }

  private act(what: Act['what'], address: string): Act {
    const { registry } = this;
    const row = registry.find(packed(address), 0);
    const act: Act = {
      what,
      address,
      server: this.index,
      at: this.fleet.world.now,
      nodeId: registry.nodeIds.get(row),
      version: registry.versions.get(row),
      lastSeen: registry.lastSeen.at(row),
      isClockWrong: Math.abs(this.server.clock.offsetMs) > maxAheadMs,
      isAnswered: false,
      isForgotten: false,
    };
    this.fleet.witness.acted(act);
    return act;
  }

  private promise(act: Act): void {
    act.isAnswered = true;
    this.server.promised.push(act);
    this.fleet.witness.answered(act);
  }

  private every(ms: number, run: () => void): void {
    this.after(ms, () => {
      run();
      this.every(ms, run);
    });
  }

  private syncTick(): void {
    this.drive((now) => this.syncEngine.tick(now));
    for (const report of this.clockLead.tick(this.clocks()))
      this.fleet.note(() => `${this.server.id}: ${report}`);
    if (this.registry.hasPending) this.commitSoon();
  }

  private expiryTick(): void {
    const now = this.clocks();
    const participants = participantsOf(this.syncEngine.participants(now.mono));
    for (const effect of this.expiry.tick(now, participants)) this.perform(effect);
    for (const ping of this.proving.tick(now.mono, this.expiry.cannotJudge)) this.ping(ping);
    for (const claim of this.takeovers.take()) this.check(claim);
    this.noteSelfPreservation();
    if (this.registry.hasPending) this.commitSoon();
  }

  private check(claim: Claim): void {
    const { fleet, server } = this;
    const { address } = claim;
    this.after(slowestPingMs, () => {
      const host = fleet.host(address);
      const isAccepted = host.isAlive && fleet.reach.pings(server.index, address);
      const answeredBy = isAccepted && host.dialect === 'native' ? host.nodeId : null;
      const { isTakenOver } = this.takeovers.ended(
        claim,
        { isAccepted, answeredBy },
        this.clocks(),
      );
      const row = this.registry.find(packed(address), 0);
      const isBelieved = () =>
        this.registry.nodeIds.equals(row, claim.nodeId) &&
        this.registry.dialectOf(row) === claim.dialect;
      const isContact =
        row !== noRow &&
        this.registry.isLive(row) &&
        (answeredBy === this.registry.nodeIds.get(row) || isBelieved());
      fleet.note(() => `${server.id}: ${address} is ${isTakenOver ? '' : 'not '}taken over`);
      if (!isContact) return;
      const act = this.act('contact', address);
      this.whenStored(() => this.promise(act));
    });
  }

  private perform(effect: ExpiryEffect): void {
    switch (effect.kind) {
      case 'ping':
        this.ping(effect);
        return;
      case 'opinion':
        this.fleet.note(
          () => `${this.server.id}: asks ${effect.server} for its opinion of ${effect.address}`,
        );
        this.drive((now) => this.syncEngine.ask(effect, now));
        return;
      case 'expired': {
        const row = this.registry.find(packed(effect.address), 0);
        const { address, lastSeen, nodeId } = effect;
        this.counters.expired++;
        this.fleet.note(() => `${this.server.id}: ${address} did not answer; deleted`);
        const version = this.registry.versions.get(row);
        this.fleet.witness.expired(this.index, {
          ...{ address, lastSeen, nodeId, version },
          dialect: this.registry.dialectOf(row),
        });
      }
    }
  }

  /** Every input to the sync engine, and what it leads to, as daemon/replication/replication-service.ts does it. */
  drive<T>(input: (now: Clocks) => T): T {
    this.context.load.live = this.registry.live.length;
    this.context.load.cannotJudge = this.expiry.cannotJudge;
    const result = input(this.clocks());
    for (const effect of this.syncEngine.take()) this.performSync(effect);
    return result;
  }

  private performSync(effect: SyncEffect): void {
    const { server, fleet } = this;
    switch (effect.kind) {
      case 'send':
        this.wires.get(effect.session)?.send(effect.message);
        return;
      case 'publish':
        this.busClient?.publish(effect.news, () =>
          this.drive(() => this.syncEngine.publication.wentOut(effect.bytes)),
        );
        return;
      case 'wake':
        this.busClient?.wake(effect.address);
        return;
      case 'close':
        this.wires.get(effect.session)?.close();
        return;
      case 'commit':
        this.commitSoon();
        return;
      case 'renumber':
        server.disk.epoch = fleet.tag();
        this.replies.renumber(server.disk.epoch);
        this.drive(() => this.syncEngine.renumbered(effect, server.disk.epoch));
        return;
      case 'judge':
        this.judge(effect);
        return;
      case 'opinion':
        this.expiry.opinionGiven(effect.request, effect.verdict, this.clocks());
        return;
      case 'compared':
        return;
      case 'event': {
        const { event } = effect;
        server.events.push(event);
        fleet.note(() => `${server.id}: ${event.address} ${event.text}`);
      }
    }
  }

  private judge(question: Question): void {
    const { address } = question;
    const asked = this.expiry.opinionAsked(address);
    const tell = (verdict: OpinionVerdict) => {
      this.fleet.note(() => `${this.server.id}: finds ${address} ${verdict}, when asked`);
      this.drive(() => this.syncEngine.judged(question, verdict));
    };
    if (typeof asked === 'string') tell(asked);
    else
      this.ping(asked, (answered) =>
        tell(this.expiry.opinionOf(asked, answered, this.clocks().mono)),
      );
  }

  private ping(ping: Ping, then: (answered: boolean | null) => void = () => {}): void {
    this.counters.pingsSent++;
    const { fleet, index: server } = this;
    const after = (ms: number, run: () => void) => this.after(ms, run);
    pingHost({ fleet, server, after }, ping, (answered) => {
      this.pingEnded(ping, answered);
      then(answered);
    });
  }

  private pingEnded(ping: Ping, answered: boolean | null): void {
    const { registry } = this;
    this.fleet.note(() => {
      const result = answered === null ? 'could not ping' : answered ? 'heard' : 'did not hear';
      return `${this.server.id}: ${result} ${ping.address}`;
    });
    const row = registry.find(packed(ping.address), 0);
    const isContact = answered === true && row !== noRow && registry.isLive(row);
    this.proving.ended(ping);
    this.expiry.pingEnded(ping, answered, this.clocks());
    if (!isContact) return;
    this.counters.pingsAnswered++;
    const act = this.act('contact', ping.address);
    this.whenStored(() => this.promise(act));
  }

  private whenStored(run: () => void): void {
    this.waiting.push(run);
    this.commitSoon();
  }

  private commitSoon(): void {
    if (this.isCommitting) return;
    this.isCommitting = true;
    this.after(1 + this.fleet.world.random() * 4, () => {
      this.isCommitting = false;
      this.commit();
    });
  }

  private commit(): void {
    const waiting = this.waiting.splice(0);
    if (this.server.disk.commit(this.registry)) {
      for (const answered of waiting) answered();
      this.drive((now) => this.syncEngine.committed(now));
    } else {
      this.isCommitting = true;
      this.after(retryMs, () => {
        this.isCommitting = false;
        this.commit();
      });
    }
  }

  private noteSelfPreservation(): void {
    const reason = this.expiry.frozenFor;
    if (reason === this.wasFrozen) return;
    this.wasFrozen = reason;
    this.fleet.note(() => {
      const may = reason === null ? 'may delete' : `freezes deletes: ${reason}`;
      return `${this.server.id}: ${may}`;
    });
  }
}
