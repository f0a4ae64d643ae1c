// Runs the sync engine: feeds it the links that transports bring, time, messages and commits, and performs the
// effects that come out. What is decided is in core/sync/sync-engine.ts.
import { randomBytes } from 'node:crypto';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { Counters } from '../../shared/counters.ts';
import { formatAddress, packAddress } from '../../shared/protocol/address.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import { decodeNews } from '../../shared/protocol/sync-decoder.ts';
import {
  encodeSync,
  type OpinionVerdict,
  type SyncHello,
} from '../../shared/protocol/sync-message.ts';
import { version } from '../../shared/version.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { OpinionRequest } from '../core/expiry/expiry-effects.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { History } from '../core/stats/history.ts';
import { ClockLead } from '../core/sync/clock-lead.ts';
import type { Comparison, ComparisonWish } from '../core/sync/comparisons.ts';
import { InboundSession } from '../core/sync/inbound-session.ts';
import type { Membership, Sharer } from '../core/sync/membership.ts';
import { type Load, membershipTimes } from '../core/sync/peer.ts';
import type {
  PeerSession,
  Renumbering,
  SyncContext,
  SyncEffect,
} from '../core/sync/peer-session.ts';
import type { PeerView } from '../core/sync/peer-view.ts';
import { SyncEngine } from '../core/sync/sync-engine.ts';
import type { Clocks } from '../core/timing/timing.ts';
import type { GroupCommit } from '../group-commit.ts';
import { clocks } from '../machine/clocks.ts';
import type { FleetNews } from './fleet-transport.ts';
import { Mesh, type MeshOptions, type Welcomed } from './mesh.ts';
import { whereReached } from './peer-admission.ts';
import { PeerReporter } from './peer-reporter.ts';
import { SyncLink } from './sync-link.ts';
import type { Link, Transport, TransportOwner } from './transport.ts';

/** How late a heartbeat or a repair may be, and silence be noticed. */
const tickMs = 250;

/** What replication needs of the other parts of a name server. */
export interface ReplicationOptions extends MeshOptions {
  /** Advertise; null is the address listened on */
  advertise: string | null;
  identity: { serverId: string; epoch: string };
  registry: Registry;
  counters: Counters;
  history: History;
  groupCommit: GroupCommit;
  /** the transport of Fleet; null: there is none */
  createFleet: ((owner: TransportOwner, news: (news: FleetNews) => void) => Transport) | null;
  /** what heartbeats say of this server */
  load: () => Load;
  /** Stores a new epoch. @throws when it cannot be stored */
  renumber: () => string;
  /** A message of a peer has come. */
  noteTraffic: () => void;
  /** Finds out whether a host answers that a peer found dead. */
  judge: (address: string) => Promise<OpinionVerdict>;
  /** The answer to `ask`. */
  opinionGiven: (request: OpinionRequest, verdict: OpinionVerdict) => void;
}

/** The settings that apply at once. */
export interface LiveReplication {
  ttlMs: number;
  /** `ip:port` or `name:port` each */
  nameServers: readonly string[];
  /** connections from other name servers at once, at most */
  links: number;
}

/** Replication with the other name servers, from `start` to `close`. */
export class ReplicationService {
  private readonly options: ReplicationOptions;
  private readonly context: SyncContext;
  private readonly syncEngine: SyncEngine;
  private readonly clockLead: ClockLead;
  private readonly mesh: Mesh;
  private readonly transports: readonly Transport[];
  private readonly links = new Map<PeerSession, SyncLink>();
  private readonly comparing = new Map<ComparisonWish, (result: Comparison) => void>();
  private readonly reporter: PeerReporter;
  /** why those that a transport had found are not reached */
  private unreachedFor: string | null = null;
  private ticker: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(options: ReplicationOptions) {
    const { registry, identity, log, history } = options;
    this.options = options;
    this.reporter = new PeerReporter({ log, history, monotonic: () => performance.now() });
    this.context = {
      registry,
      counters: options.counters,
      membership: options.membership,
      id: identity.serverId,
      run: randomBytes(4).toString('hex'),
      version,
      epoch: identity.epoch,
      listen: '',
      load: { backlog: 0, limit: 0, live: 0 },
    };
    this.syncEngine = new SyncEngine({ context: this.context, random: Math.random });
    this.clockLead = new ClockLead(registry, this.membership, clocks());
    const owner = this.transportOwner();
    this.mesh = new Mesh(options, owner);
    const fleet = options.createFleet?.(owner, (news) => this.tellFleet(news));
    this.transports = fleet === undefined ? [this.mesh] : [this.mesh, fleet];
  }

  start({ address, port }: ListenAddress): void {
    const listen = packAddress(address, port);
    this.context.listen =
      this.options.advertise ?? (listen === null ? '' : formatAddress(listen, 0));
    for (const transport of this.transports) transport.start(this.context.listen);
    this.tick();
  }

  /** Puts changed settings into force. */
  configure({ ttlMs, nameServers, links }: LiveReplication): void {
    this.membership.times = membershipTimes(ttlMs);
    this.drive(() => this.syncEngine.configure(nameServers));
    this.mesh.links = links;
    for (const transport of this.transports) transport.configured();
    for (const [session, { link }] of this.links) session.isEncrypted = link.encrypted === true;
    this.tick();
  }

  /** Begins to tick once there is somebody to talk to. */
  private tick(): void {
    if (this.ticker !== null || !this.transports.some(({ isUsed }) => isUsed)) return;
    this.ticker = setInterval(() => this.drive((now) => this.syncEngine.tick(now)), tickMs);
  }

  /** Everything that was pending is on the disk. */
  committed(): void {
    this.drive((now) => this.syncEngine.committed(now));
  }

  /** `Mesh.greeted` */
  greeted(source: string, line: string, isEncrypted: boolean): Welcomed | Refusal {
    return this.mesh.greeted(source, line, isEncrypted);
  }

  /** The load has changed so much that peers must know now. */
  announceLoad(): void {
    this.drive((now) => this.syncEngine.announceLoad(now));
  }

  get membership(): Membership {
    return this.context.membership;
  }

  /** The address of the server with that id, which may be this one. */
  addressOf(id: string): string | null {
    if (id === this.context.id) return this.context.listen;
    return this.membership.peers.find((peer) => peer.id === id)?.address ?? null;
  }

  participants(): readonly Sharer[] {
    return this.syncEngine.participants(performance.now());
  }

  isCatchingUp(): boolean {
    return this.syncEngine.isCatchingUp(performance.now());
  }

  /** Whether hosts are missing that a peer may still bring. */
  awaitsHosts(): boolean {
    return this.syncEngine.awaitsHosts(performance.now());
  }

  /** Asks another server for its opinion; `opinionGiven` follows, if an answer comes. */
  ask(request: OpinionRequest): void {
    this.drive((now) => this.syncEngine.ask(request, now));
  }

  /** Compares with the peer at `address` now. @returns null when there is no connection to it */
  compare(address: string): Promise<Comparison> | null {
    const wish = { address };
    const result = new Promise<Comparison>((resolve) => this.comparing.set(wish, resolve));
    if (this.drive((now) => this.syncEngine.compare(wish, now))) return result;
    this.comparing.delete(wish);
    return null;
  }

  /** Watches the clock of this machine, and lets tombstones age by it; what changes is pending. */
  watchClock(now: Clocks): void {
    for (const report of this.clockLead.tick(now)) {
      this.options.log.warn(report);
      this.options.history.add(wallNow(), 'clock', null, report);
    }
  }

  view(): PeerView[] {
    return this.syncEngine.view(clocks());
  }

  close(): void {
    this.isClosed = true;
    if (this.ticker !== null) clearInterval(this.ticker);
    for (const transport of this.transports) transport.close();
    for (const link of this.links.values()) link.close();
  }

  /** `Mesh.handshakeFailed` */
  handshakeFailed(source: string, reason: string): boolean {
    return this.mesh.handshakeFailed(source, reason);
  }

  private transportOwner(): TransportOwner {
    const { options } = this;
    return {
      dialled: (address, link, former = null) =>
        this.drive((now) => {
          for (const [session, carried] of this.links) if (carried.link === former) session.end();
          const session = this.syncEngine.dialled(address, now);
          if (session !== null) this.carry(session, link);
          return session;
        }),
      accepted: (hello, link, source) => this.accept(hello, link, source),
      dismissed: (link, refusal) => {
        for (const [session, carried] of this.links)
          if (carried.link === link && session instanceof InboundSession)
            this.drive(() => this.syncEngine.dismiss(session, refusal));
      },
      refused: (address, reason) => this.refused(address, reason),
      found: (address, id) => {
        if (this.drive((now) => this.syncEngine.found(address, id, now))) this.options.moved();
      },
      wants: (address) => this.syncEngine.publication.wants(address, clocks()),
      reaches: (everybody) => {
        if (everybody !== null) this.forgetUnreached();
        this.drive((now) => this.syncEngine.publication.reaches(everybody, now));
      },
      heard: (address, id, bytes) => {
        const news = decodeNews(bytes);
        if (news === null) {
          options.counters.malformed++;
          return;
        }
        options.noteTraffic();
        this.drive((now) => this.syncEngine.publication.hear(address, id, news, now));
      },
      searching: (isSearching) => {
        this.membership.isSearching = isSearching;
      },
      unreached: (addresses, reason) => {
        for (const address of addresses) {
          const peer = this.membership.at(address);
          if (peer !== null) peer.trouble = reason;
        }
        this.unreachedFor = reason;
      },
    };
  }

  private forgetUnreached(): void {
    for (const peer of this.membership.peers)
      if (peer.trouble === this.unreachedFor) peer.trouble = null;
    this.unreachedFor = null;
  }

  private accept(hello: SyncHello, incoming: Link, source: string): void {
    const { hello: known, saysWhere } = whereReached(hello, source);
    const accepted = this.drive((now) => {
      const result = this.syncEngine.accepted(known, now, saysWhere);
      if (!('code' in result)) this.carry(result, incoming);
      return result;
    });
    if ('code' in accepted) {
      this.options.counters.peersRefused++;
      this.reporter.report({ kind: 'refused', address: source, text: accepted.text });
      const link = new SyncLink(incoming, deaf);
      link.finish({ kind: 'error', ...accepted });
      return;
    }
    const peer = this.membership.identify(known.id, known.listen);
    if (peer !== null) for (const transport of this.transports) transport.wake(peer.address);
  }

  private tellFleet({ kind, text }: FleetNews): void {
    this.options.log[kind === 'reached' ? 'info' : 'warn'](text);
    this.options.history.add(wallNow(), 'peer', null, text);
  }

  /** Of a peer reported once, until there is another reason or none. */
  private refused(address: string, reason: string): void {
    const peer = this.membership.at(address);
    if (peer?.trouble === reason) return;
    if (peer !== null) peer.trouble = reason;
    this.reporter.report({ kind: 'refused', address, text: reason });
  }

  /** The link carries the messages of the session from now on. */
  private carry(session: PeerSession, stream: Link): void {
    const { options, syncEngine } = this;
    const link = new SyncLink(stream, {
      heard: () => syncEngine.heard(session, clocks()),
      message: (message) => {
        options.noteTraffic();
        this.drive((now) => syncEngine.receive(session, message, now));
      },
      refused: (text, reason) => {
        if (reason === 'malformed') options.counters.malformed++;
        this.drive(() => syncEngine.refuse(session, text));
      },
      closed: () => {
        this.links.delete(session);
        if (!this.isClosed) this.drive(() => syncEngine.closed(session));
      },
    });
    session.isEncrypted = stream.encrypted === true;
    this.links.set(session, link);
  }

  /** Every input to the engine goes through here: the effects that it leads to are performed at once. */
  private drive<T>(input: (now: Clocks) => T): T {
    this.context.load = this.options.load();
    const result = input(clocks());
    for (const effect of this.syncEngine.take()) this.perform(effect);
    return result;
  }

  private perform(effect: SyncEffect): void {
    switch (effect.kind) {
      case 'send':
        this.links.get(effect.session)?.send(effect.message);
        return;
      case 'publish': {
        const bytes = Buffer.from(encodeSync(effect.news), 'latin1');
        const left = () => this.drive(() => this.syncEngine.publication.wentOut(effect.bytes));
        for (const { publish } of this.transports) publish?.(bytes, left);
        return;
      }
      case 'wake':
        for (const transport of this.transports) transport.wake(effect.address);
        return;
      case 'close': {
        const link = this.links.get(effect.session);
        if (effect.last === undefined) link?.close();
        else link?.finish(effect.last);
        return;
      }
      case 'commit':
        this.options.groupCommit.add(unawaited);
        return;
      case 'renumber':
        this.renumber(effect);
        return;
      case 'judge':
        void this.options
          .judge(effect.address)
          .then((verdict) => this.drive(() => this.syncEngine.judged(effect, verdict)));
        return;
      case 'opinion':
        this.options.opinionGiven(effect.request, effect.verdict);
        return;
      case 'compared':
        this.comparing.get(effect.wish)?.(effect.result);
        this.comparing.delete(effect.wish);
        return;
      case 'event':
        this.reporter.report(effect.event);
    }
  }

  private renumber(renumbering: Renumbering): void {
    let epoch: string | null = null;
    try {
      epoch = this.options.renumber();
    } catch (error) {
      this.options.log.error({ err: error }, 'a new epoch could not be stored');
    }
    this.drive(() => this.syncEngine.renumbered(renumbering, epoch));
  }
}

/** A commit without a reply to send. */
const unawaited = { release: () => {} };

/** A connection that is refused: nothing that it sends matters. */
const deaf = { heard: () => {}, message: () => {}, refused: () => {}, closed: () => {} };
