// One name server: puts the parts together, starts them in the order in which they can fail, and
// ends them in the opposite one. What it decides is in core/, what it touches is in net/, store/
// and ipc/; here is who talks to whom.
import type { ReloadResult } from '../shared/config/changes.ts';
import type { ListenAddress, NetworkInterfaces } from '../shared/config/interface-address.ts';
import type { Configuration } from '../shared/config/load.ts';
import type { Settings } from '../shared/config/settings.ts';
import { printable } from '../shared/output/printable.ts';
import { sourceOfIp } from '../shared/protocol/address-kind.ts';
import type { Refusal } from '../shared/protocol/message.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { RequestHandler } from './clients/request-handler.ts';
import { ConfEditing } from './console/conf-editing.ts';
import { createConsoleService } from './console/console-service.ts';
import { IpcServer } from './console/ipc-server.ts';
import type { SocketError } from './console/kept-socket.ts';
import { LiveSettings } from './console/live-settings.ts';
import type { DescriptorBudget } from './core/admission/descriptors.ts';
import { Redirector } from './core/admission/redirector.ts';
import type { ExpirySettings } from './core/expiry/expiry.ts';
import { Registrar } from './core/query/registrar.ts';
import { ReplyMaker } from './core/query/reply-maker.ts';
import type { Registry } from './core/registry/registry.ts';
import { tombstoneLifetimeMs } from './core/registry/tombstones.ts';
import { createCounters } from './core/stats/counters.ts';
import { History } from './core/stats/history.ts';
import type { RecentLog } from './core/stats/recent-log.ts';
import { Membership, membershipTimes } from './core/sync/membership.ts';
import { Expiring } from './expiry/expiry-service.ts';
import { limitPings } from './expiry/pinger.ts';
import { createFrontEnd, createOccupancy } from './front-end.ts';
import { GroupCommit } from './group-commit.ts';
import type { Logger } from './log.ts';
import { clocks } from './machine/clocks.ts';
import { type Cores, processesFor, threadsText, usableCores } from './machine/cores.ts';
import { type DescriptorOptions, divideDescriptors } from './machine/descriptors.ts';
import { SecureChannel } from './net/secure-channel.ts';
import { ReplicationService } from './replication/replication-service.ts';
import { Committer, type StorageHealth } from './store/committer.ts';
import { HostStore, loadRegistry } from './store/host-store.ts';
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
    const registry = loadRegistry(store, settings.maxHosts, wallNow(), log);
    const server = new RunningServer(assemble({ ...options, budget, ipc, store, registry }));
    await server.start();
    return server;
  } catch (error) {
    store?.close();
    await ipc.close();
    throw error;
  }
}

interface Opened extends NameServerOptions {
  budget: DescriptorBudget;
  ipc: IpcServer;
  store: HostStore;
  registry: Registry;
}

type Parts = ReturnType<typeof assemble>;

/**
 * Makes the parts of a name server, each from those above it, and connects them; none is started. Two parts that
 * need each other meet in an event (`groupCommit`, `store`) or when they start (`expiring.start(peers)`).
 */
function assemble(options: Opened) {
  const { settings, log, budget, ipc, store, registry } = options;
  const { identity } = store;
  const counters = createCounters();
  const history = new History();
  const cores = usableCores();
  const ping = limitPings(budget.pings);
  const from = isWildcard(options.bindAddress) ? undefined : options.bindAddress;
  const channel = settings.secret === null ? null : new SecureChannel(settings.secret);
  const workers = planWorkers(options, cores);
  const news = new OperatorNews(history, log);

  const committer = new Committer({
    store,
    registry,
    counters,
    clocks,
    changed: (trouble) => news.storageChanged(trouble),
    mended: (text) => news.mended(text),
  });
  const groupCommit = new GroupCommit({
    persist: () => committer.commit(),
    arrivals: () => counters.connections,
    isGathered: workers !== null,
  });
  const expiring = new Expiring({
    ...{ registry, ping, from, counters, history, groupCommit, log },
    serverId: identity.serverId,
    settings: expirySettings(settings),
  });
  const noteTraffic = () => expiring.noteTraffic();

  const occupancy = createOccupancy({ backlog: settings.backlog, limit: budget.clients }, workers);
  const membership = new Membership(
    identity.serverId,
    settings.nameServers,
    membershipTimes(settings.ttlMs),
  );
  const redirector = new Redirector({
    membership,
    load: () => ({ backlog: occupancy.backlog, limit: occupancy.backlogLimit }),
    random: Math.random,
    wall: wallNow(),
  });
  const peers = new ReplicationService({
    ...{
      registry,
      membership,
      channel,
      identity,
      from,
      counters,
      history,
      groupCommit,
      log,
      noteTraffic,
    },
    nameServers: settings.nameServers,
    links: budget.sync,
    advertise: settings.advertise,
    load: () => ({
      backlog: occupancy.backlog,
      limit: redirector.offeredLimit,
      live: registry.live.length,
    }),
    renumber: () => store.renumber().epoch,
    judge: (address) => expiring.judge(address),
    opinionGiven: (request, verdict) => expiring.opinionGiven(request, verdict),
  });
  const isCatchingUp = () => peers.isCatchingUp();
  const requestHandler = new RequestHandler({
    ...{ redirector, peers, occupancy, counters, history, log, noteTraffic },
    registrar: new Registrar(registry, counters, expiring.takeovers),
  });
  const replies = new ReplyMaker({
    ...{ ...identity, roster: registry, isCatchingUp },
    random: Math.random,
    listsAll: settings.localHosts === 'everyone',
  });
  const frontEnd = createFrontEnd({
    ...{
      settings,
      occupancy,
      workers,
      identity,
      registry,
      history,
      log,
      isCatchingUp,
      noteTraffic,
    },
    manager: {
      ...{ counters, groupCommit, channel, replies },
      now: options.monotonic ?? (() => performance.now()),
      refused: (source, refusal) => news.refused(source, refusal),
      greeted: (source, line, isEncrypted) => peers.greeted(source, line, isEncrypted),
      handshakeFailed: (source, reason) => {
        if (!peers.handshakeFailed(source, reason))
          news.refused(source, { code: 'malformed', text: reason });
      },
    },
    decide: (arrived) => requestHandler.decide(arrived),
  });

  groupCommit.on('stored', () => frontEnd.committed());
  groupCommit.on('released', () => {
    peers.committed();
    // When all replies of this round are with the kernel, those that workers write, too.
    if (store.isCheckpointDue) setImmediate(() => store.checkpoint());
  });
  store.on('renumbered', (epoch) => {
    replies.renumber(epoch);
    frontEnd.renumber(epoch);
  });

  const inForce = (changed: Settings) => {
    registry.publishAfterMs = changed.ttlMs * publishedShare;
    registry.tombstoneMs = tombstoneLifetimeMs(changed.ttlMs);
    registry.shares.perSource = changed.hostsPerSource;
  };
  inForce(settings);
  const live = new LiveSettings({
    ...options,
    apply: (changed) => {
      inForce(changed);
      occupancy.backlogLimit = changed.backlog;
      log.level = changed.logLevel;
      expiring.configure(expirySettings(changed));
      peers.configure(changed.ttlMs);
      history.add(wallNow(), 'reloaded', null, 'ddns.conf was read again');
    },
  });
  const summary = new Summary(counters, log);
  return {
    ...{ options, ipc, store, registry, log, counters, history, cores, ping, news, committer },
    ...{ groupCommit, expiring, occupancy, peers, requestHandler, frontEnd, live },
    summary,
  };
}

class RunningServer implements NameServer {
  address: ListenAddress;
  private readonly parts: Parts;
  private ticker: NodeJS.Timeout | null = null;
  private closing: Promise<{ inFlight: number }> | null = null;

  constructor(parts: Parts) {
    this.parts = parts;
    this.address = { address: parts.options.bindAddress, port: parts.options.settings.port };
  }

  async start(): Promise<void> {
    const { options, ipc, store, registry, log, cores, expiring, peers, frontEnd } = this.parts;
    const { settings } = options;
    this.address = await frontEnd.start(this.address);
    ipc.serve(this.consoleService());
    this.ticker = setInterval(() => this.tick(), tickMs);
    expiring.start(peers);
    peers.start(this.address);
    const { address, port } = this.address;
    log.info(
      {
        id: store.identity.serverId,
        listen: `${address.includes(':') ? `[${address}]` : address}:${port}`,
        hosts: registry.live.length,
        backlog: settings.backlog,
        threads: threadsText(settings.threads, frontEnd.running, cores),
        socket: settings.socket,
      },
      'name server is ready',
    );
  }

  reload(): Promise<ReloadResult> {
    return this.parts.live.reload();
  }

  close(): Promise<{ inFlight: number }> {
    this.closing ??= this.stop();
    return this.closing;
  }

  private async stop(): Promise<{ inFlight: number }> {
    const { expiring, requestHandler, peers, frontEnd, groupCommit, committer, ipc, store } =
      this.parts;
    expiring.close();
    await requestHandler.handOver();
    peers.close();
    const inFlight = await frontEnd.close();
    if (this.ticker !== null) clearInterval(this.ticker);
    groupCommit.end();
    committer.look();
    await ipc.close();
    store.close();
    return { inFlight };
  }

  private tick(): void {
    const { registry, counters, history, occupancy, committer, groupCommit, ipc, news } =
      this.parts;
    const now = clocks();
    history.sample(now.wall, registry.live.length, occupancy.takePeak(), counters);
    this.parts.peers.watchClock(now);
    registry.views.tick();
    committer.look();
    this.parts.live.look();
    this.parts.frontEnd.look();
    void news.lookAtSocket(ipc);
    // Also what a failed commit left behind, when nothing else comes in.
    if (registry.hasPending) groupCommit.end();
    this.parts.summary.tick(now.mono);
  }

  private consoleService() {
    const { options, store, cores, live, log } = this.parts;
    return createConsoleService({
      ...this.parts,
      serverId: store.identity.serverId,
      recentLog: options.recentLog,
      storeFile: store.file,
      startedAt: wallNow(),
      threads: options.settings.threads,
      cores: cores.text,
      listen: this.address,
      editing: new ConfEditing({ live, log }),
    });
  }
}

/** What happens to a name server and concerns its operator: in the log, and in the activity that consoles show. */
class OperatorNews {
  private readonly history: History;
  private readonly log: Logger;
  private socketTrouble: string | null = null;

  constructor(history: History, log: Logger) {
    this.history = history;
    this.log = log;
  }

  refused(source: string, refusal: Refusal): void {
    const text = printable(`${refusal.code}: ${refusal.text}`);
    this.history.addOf(sourceOfIp(source), clocks(), 'refused', source, text);
    this.log.debug({ source, code: refusal.code }, text);
  }

  storageChanged(trouble: StorageHealth['trouble']): void {
    if (trouble === null) this.log.info('the registry is written again');
    else this.log.error({ reason: trouble.reason }, 'the registry cannot be written');
    const text = trouble?.reason ?? 'the registry is written again';
    this.history.add(wallNow(), 'storage', null, printable(text, 300));
  }

  /** Files were taken from under the daemon, and are there again. */
  mended(text: string): void {
    this.log.error(printable(text, 1_000));
    this.history.add(wallNow(), 'storage', null, printable(text, 300));
  }

  /** What keeps consoles out is told once, until it is something else. */
  async lookAtSocket(ipc: IpcServer): Promise<void> {
    try {
      const mended = await ipc.look();
      if (mended === null) return;
      this.mended(mended);
      this.socketTrouble = null;
    } catch (error) {
      const { message } = error as SocketError;
      if (message !== this.socketTrouble) this.log.error(message);
      this.socketTrouble = message;
    }
  }
}

/** Null: this process accepts all connections itself. */
function planWorkers({ settings, workerProgram }: NameServerOptions, cores: Cores) {
  const count = processesFor(settings.threads, cores);
  return workerProgram === undefined || count === 1 ? null : { program: workerProgram, count };
}

function expirySettings({ ttlMs, pingAttempts }: Settings): ExpirySettings {
  return { ttlMs, attempts: pingAttempts };
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
