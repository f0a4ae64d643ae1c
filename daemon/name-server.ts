// One name server: puts the parts together, starts them in the order in which they can fail, and
// ends them in the opposite one. What it decides is in core/, what it touches is in net/, store/
// and ipc/; here is who talks to whom.
import type { ListenAddress, NetworkInterfaces } from '../shared/config/interface-address.ts';
import type { Configuration } from '../shared/config/load.ts';
import type { Settings } from '../shared/config/settings.ts';
import type { ReloadResult } from '../shared/ipc/contract.ts';
import { printable } from '../shared/output/printable.ts';
import { sourceOfIp } from '../shared/protocol/address-kind.ts';
import type { Refusal } from '../shared/protocol/message.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { Redirecting } from './clients/redirecting.ts';
import { Answering } from './clients/request-handler.ts';
import { ConfEditing } from './console/conf-editing.ts';
import { createConsoleService } from './console/console-service.ts';
import { IpcServer } from './console/ipc-server.ts';
import { LiveSettings } from './console/live-settings.ts';
import type { SocketError } from './console/socket-file.ts';
import type { DescriptorBudget } from './core/admission/descriptors.ts';
import type { ExpirySettings } from './core/expiry/expiry.ts';
import { Responder } from './core/query/responder.ts';
import type { Registry } from './core/registry/registry.ts';
import { tombstoneLifetimeMs } from './core/registry/tombstones.ts';
import { createCounters } from './core/stats/counters.ts';
import { History } from './core/stats/history.ts';
import type { RecentLog } from './core/stats/recent-log.ts';
import { Expiring } from './expiry/expiry-service.ts';
import { limitPings, type pingHost } from './expiry/pinger.ts';
import { createFrontEnd, type FrontEnd } from './front-end.ts';
import { GroupCommit } from './group-commit.ts';
import type { Logger } from './log.ts';
import { clocks } from './machine/clocks.ts';
import { threadsText, usableCores } from './machine/cores.ts';
import { type DescriptorOptions, divideDescriptors } from './machine/descriptor-parts.ts';
import { SecureChannel } from './net/secure-channel.ts';
import { ClockWatching } from './replication/clock-watching.ts';
import { ReplicationService } from './replication/replication-service.ts';
import { Committer, type StorageHealth } from './store/committer.ts';
import { HostStore } from './store/host-store.ts';
import { loadRegistry } from './store/registry-loading.ts';
import { Summary } from './summary.ts';

/** Between two samples, and between two retries of a commit that failed. */
const tickMs = 1_000;

/** Contact is told to peers when it moves `last seen` by this share of the TTL. */
const publishedShare = 1 / 4;

export interface NameServerOptions extends DescriptorOptions {
  /** the address of `settings.interface` */
  bindAddress: string;
  confFile: string;
  /** keeps what `log` writes */
  recentLog: RecentLog;
  /** reads ddns.conf again; what it throws is told to whoever asked for the reload */
  reload: () => Promise<Configuration> | Configuration;
  /** those of the machine; the system's unless a test has its own */
  interfaces?: () => NetworkInterfaces;
  /** the program of a worker process; without it there are none, whatever Threads says */
  workerProgram?: string;
  /** the clock of deadlines, in ms; the monotonic one unless a test has its own */
  monotonic?: () => number;
}

export interface NameServer {
  readonly address: ListenAddress;
  /** Reads ddns.conf again. @throws what `reload` of the options throws */
  reload(): Promise<ReloadResult>;
  /** Stops: what is in flight is answered first. The second time it waits for the first. */
  close(): Promise<{ inFlight: number }>;
}

/**
 * Starts a name server.
 * @throws SocketError, StoreError, ListenError: each with an operator's message
 */
export async function startNameServer(options: NameServerOptions): Promise<NameServer> {
  const { settings, log } = options;
  // The socket first: whoever holds it is the daemon, a second one leaves before it opens anything.
  const budget = divideDescriptors(options);
  const ipc = new IpcServer(settings.socket, budget.consoles);
  await ipc.start();
  let store: HostStore | undefined;
  try {
    store = new HostStore(settings.database);
    const registry = loadRegistry(store, settings.maxHosts, log);
    const server = new RunningServer({ ...options, budget }, ipc, store, registry);
    await server.start();
    return server;
  } catch (error) {
    store?.close();
    await ipc.close();
    throw error;
  }
}

type RunningOptions = NameServerOptions & { budget: DescriptorBudget };

class RunningServer implements NameServer {
  address: ListenAddress;
  private readonly options: RunningOptions;
  private readonly ipc: IpcServer;
  private readonly store: HostStore;
  private readonly registry: Registry;
  private readonly log: Logger;
  private readonly counters = createCounters();
  private readonly history = new History();
  private readonly cores = usableCores();
  private readonly ping: typeof pingHost;
  private readonly frontEnd: FrontEnd;
  private readonly committer: Committer;
  private readonly groupCommit: GroupCommit;
  private readonly responder: Responder;
  private readonly expiring: Expiring;
  private readonly peers: ReplicationService;
  private readonly clockWatching: ClockWatching;
  private readonly redirecting: Redirecting;
  private readonly answering: Answering;
  private readonly live: LiveSettings;
  private readonly summary: Summary;
  private ticker: NodeJS.Timeout | null = null;
  private socketTrouble: string | null = null;
  private closing: Promise<{ inFlight: number }> | null = null;

  constructor(options: RunningOptions, ipc: IpcServer, store: HostStore, registry: Registry) {
    const { settings, log, budget } = options;
    this.ping = limitPings(budget.pings);
    this.options = options;
    this.ipc = ipc;
    this.store = store;
    this.registry = registry;
    this.log = log;
    this.address = { address: options.bindAddress, port: settings.port };
    this.committer = new Committer({
      store,
      registry,
      counters: this.counters,
      clocks,
      changed: (trouble) => this.storageChanged(trouble),
      mended: (text) => this.mended(text),
    });
    this.groupCommit = new GroupCommit({
      persist: () => this.persist(),
      ended: () => {
        this.peers.committed();
        // When all replies of this round are with the kernel, those that workers write, too.
        if (store.isCheckpointDue) setImmediate(() => store.checkpoint());
      },
      arrivals: () => this.frontEnd.arrivals,
      isGathered: () => this.frontEnd.isGathered,
    });
    this.responder = new Responder({
      registry,
      takeovers: { claim: (...claim) => this.expiring.takeovers.claim(...claim) },
      counters: this.counters,
      ...store.identity,
      random: Math.random,
      tellsAll: settings.localHosts === 'everyone',
      isCatchingUp: () => this.peers.isCatchingUp(),
    });
    const channel = settings.secret === null ? null : new SecureChannel(settings.secret);
    this.frontEnd = createFrontEnd({
      settings,
      connections: budget.clients,
      cores: this.cores,
      workerProgram: options.workerProgram ?? null,
      identity: store.identity,
      registry,
      history: this.history,
      log,
      manager: {
        counters: this.counters,
        groupCommit: this.groupCommit,
        now: options.monotonic ?? (() => performance.now()),
        handler: {
          answer: (request, origin) => ({ reply: this.answering.answer(request, origin) }),
          turnAway: (request, origin) => ({ reply: this.answering.turnAway(request, origin) }),
        },
        refused: (source, refusal) => this.refused(source, refusal),
        greeted: (source, line, isEncrypted) => this.peers.greeted(source, line, isEncrypted),
        channel,
        handshakeFailed: (source, reason) => this.handshakeFailed(source, reason),
      },
      decide: (arrived) => this.answering.decide(arrived),
      isCatchingUp: () => this.peers.isCatchingUp(),
      heard: () => this.expiring.heard(),
    });
    this.live = new LiveSettings({ ...options, apply: (changed) => this.apply(changed) });
    this.expiring = new Expiring({
      registry,
      ping: this.ping,
      serverId: store.identity.serverId,
      settings: expirySettings(settings),
      counters: this.counters,
      history: this.history,
      groupCommit: this.groupCommit,
      log,
      participants: () => this.peers.participants(),
      ask: (request, given) => this.peers.ask(request, given),
      from: isWildcard(options.bindAddress) ? undefined : options.bindAddress,
    });
    this.peers = new ReplicationService({
      nameServers: settings.nameServers,
      links: budget.sync,
      channel,
      advertise: settings.advertise,
      identity: store.identity,
      registry,
      counters: this.counters,
      history: this.history,
      groupCommit: this.groupCommit,
      log,
      load: () => ({
        backlog: this.frontEnd.occupancy.backlog,
        limit: this.redirecting.offeredLimit,
        live: registry.live.length,
      }),
      renumber: () => this.renumber(),
      ttlMs: settings.ttlMs,
      heard: () => this.expiring.heard(),
      judge: (address) => this.expiring.judge(address),
      from: isWildcard(options.bindAddress) ? undefined : options.bindAddress,
    });
    const { counters, peers, responder, history } = this;
    const { occupancy } = this.frontEnd;
    this.redirecting = new Redirecting({ occupancy, counters, peers, log });
    this.answering = new Answering({
      responder,
      redirecting: this.redirecting,
      counters,
      history,
      log,
      heard: () => this.expiring.heard(),
    });
    this.clockWatching = new ClockWatching({ registry, peers, history, log });
    this.deriveFromTtl(settings.ttlMs);
    registry.shares.perSource = settings.hostsPerSource;
    this.summary = new Summary(this.counters, log);
  }

  async start(): Promise<void> {
    const { settings } = this.options;
    this.address = await this.frontEnd.start(this.address);
    this.ipc.serve(this.consoleService());
    this.ticker = setInterval(() => this.tick(), tickMs);
    this.expiring.start();
    this.peers.start(this.address);
    const { address, port } = this.address;
    this.log.info(
      {
        id: this.store.identity.serverId,
        listen: `${address.includes(':') ? `[${address}]` : address}:${port}`,
        hosts: this.registry.live.length,
        backlog: settings.backlog,
        threads: threadsText(settings.threads, this.frontEnd.running, this.cores),
        socket: settings.socket,
      },
      'name server is ready',
    );
  }

  reload(): Promise<ReloadResult> {
    return this.live.reload();
  }

  close(): Promise<{ inFlight: number }> {
    this.closing ??= this.stop();
    return this.closing;
  }

  private async stop(): Promise<{ inFlight: number }> {
    this.expiring.close();
    await this.redirecting.handOver();
    this.peers.close();
    const inFlight = await this.frontEnd.close();
    if (this.ticker !== null) clearInterval(this.ticker);
    this.groupCommit.end();
    this.committer.look();
    await this.ipc.close();
    this.store.close();
    return { inFlight };
  }

  private persist(): Refusal | null {
    const failure = this.committer.commit();
    if (failure === null) this.frontEnd.committed();
    return failure;
  }

  private tick(): void {
    const now = clocks();
    const { registry, counters } = this;
    const peak = this.frontEnd.occupancy.takePeak();
    this.history.sample(now.wall, registry.live.length, peak, counters);
    this.clockWatching.tick(now);
    this.registry.views.tick();
    this.committer.look();
    this.live.look();
    this.frontEnd.look();
    void this.lookAtSocket();
    // Also what a failed commit left behind, when nothing else comes in.
    if (this.registry.hasPending) this.groupCommit.end();
    this.summary.tick(now.mono);
  }

  /** The numbers in this database mean other changes to those who have seen them. */
  private renumber(): string {
    const { epoch } = this.store.renumber();
    this.responder.renumber(epoch);
    this.frontEnd.renumber(epoch);
    return epoch;
  }

  private refused(source: string, refusal: Refusal): void {
    const text = printable(`${refusal.code}: ${refusal.text}`);
    this.history.addOf(sourceOfIp(source), clocks(), 'refused', source, text);
    this.log.debug({ source, code: refusal.code }, text);
  }

  private handshakeFailed(source: string, reason: string): void {
    if (!this.peers.handshakeFailed(source, reason))
      this.refused(source, { code: 'malformed', text: reason });
  }

  private storageChanged(trouble: StorageHealth['trouble']): void {
    if (trouble === null) this.log.info('the registry is written again');
    else this.log.error({ reason: trouble.reason }, 'the registry cannot be written');
    const text = trouble?.reason ?? 'the registry is written again';
    this.history.add(wallNow(), 'storage', null, printable(text, 300));
  }

  /** What keeps consoles out is told once, until it is something else. */
  private async lookAtSocket(): Promise<void> {
    try {
      const mended = await this.ipc.look();
      if (mended === null) return;
      this.mended(mended);
      this.socketTrouble = null;
    } catch (error) {
      const { message } = error as SocketError;
      if (message !== this.socketTrouble) this.log.error(message);
      this.socketTrouble = message;
    }
  }

  /** Files were taken from under the daemon, and are there again. */
  private mended(text: string): void {
    this.log.error(printable(text, 1_000));
    this.history.add(wallNow(), 'storage', null, printable(text, 300));
  }

  private apply(settings: Settings): void {
    this.frontEnd.setBacklog(settings.backlog);
    this.log.level = settings.logLevel;
    this.expiring.configure(expirySettings(settings));
    this.peers.configure(settings.ttlMs);
    this.deriveFromTtl(settings.ttlMs);
    this.registry.shares.perSource = settings.hostsPerSource;
    this.history.add(wallNow(), 'reloaded', null, 'ddns.conf was read again');
  }

  private deriveFromTtl(ttlMs: number): void {
    this.registry.publishAfterMs = ttlMs * publishedShare;
    this.registry.tombstoneMs = tombstoneLifetimeMs(ttlMs);
  }

  private consoleService() {
    return createConsoleService({
      serverId: this.store.identity.serverId,
      registry: this.registry,
      frontEnd: this.frontEnd,
      history: this.history,
      committer: this.committer,
      groupCommit: this.groupCommit,
      counters: this.counters,
      log: this.log,
      recentLog: this.options.recentLog,
      storeFile: this.store.file,
      startedAt: wallNow(),
      threads: this.options.settings.threads,
      cores: this.cores.text,
      listen: this.address,
      live: this.live,
      expiring: this.expiring,
      peers: this.peers,
      redirecting: this.redirecting,
      ping: this.ping,
      editing: new ConfEditing({ live: this.live, log: this.log }),
    });
  }
}

function expirySettings({ ttlMs, pingAttempts }: Settings): ExpirySettings {
  return { ttlMs, attempts: pingAttempts };
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
