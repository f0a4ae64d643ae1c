import type { Configuration } from '../shared/config/load.ts';
import type { Settings } from '../shared/config/settings.ts';
import { type Counters, createCounters } from '../shared/counters.ts';
import { HostNames, type Lookup } from '../shared/host-names.ts';
import type { NetworkInterfaces } from '../shared/own-interfaces.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { RequestHandler } from './clients/request-handler.ts';
import type { IpcServer } from './console/ipc-server.ts';
import { LiveSettings } from './console/live-settings.ts';
import type { DescriptorBudget } from './core/admission/descriptors.ts';
import { Redirector } from './core/admission/redirector.ts';
import { RegistryZone } from './core/dns/registry-zone.ts';
import type { ExpirySettings } from './core/expiry/expiry.ts';
import { Registrar } from './core/query/registrar.ts';
import { ReplyMaker } from './core/query/reply-maker.ts';
import type { Registry } from './core/registry/registry.ts';
import { tombstoneLifetimeMs } from './core/registry/tombstones.ts';
import { History } from './core/stats/history.ts';
import type { RecentLog } from './core/stats/recent-log.ts';
import { Membership } from './core/sync/membership.ts';
import { membershipTimes } from './core/sync/peer.ts';
import { ExpiryService } from './expiry/expiry-service.ts';
import { limitPings } from './expiry/pinger.ts';
import { createFrontEnd, createOccupancy } from './front-end.ts';
import { GroupCommit } from './group-commit.ts';
import { clocks } from './machine/clocks.ts';
import { type Cores, processesFor, usableCores } from './machine/cores.ts';
import { type DescriptorOptions, linksFor } from './machine/descriptors.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { FleetSeal } from './net/fleet-seal.ts';
import { SecureChannel } from './net/secure-channel.ts';
import { OperatorNews, Summary } from './operator-news.ts';
import { FleetTransport } from './replication/fleet-transport.ts';
import { type ReplicationOptions, ReplicationService } from './replication/replication-service.ts';
import { Committer } from './store/committer.ts';
import type { HostStore } from './store/host-store.ts';

/** A contact is replicated to peers when it moves `last seen` by this share of the TTL. */
const publishedShare = 1 / 4;

export interface NameServerOptions extends DescriptorOptions {
  /** the address to listen on, found for `settings.interface` */
  bindAddress: string;
  confFile: string;
  /** keeps the lines that `log` writes */
  recentLog: RecentLog;
  /** reads ddns.conf; its errors go to the caller of the reload */
  reload: () => Promise<Configuration> | Configuration;
  /** instead of the machine's interfaces, for tests */
  interfaces?: () => NetworkInterfaces;
  /** instead of the system's resolver, for tests */
  lookup?: Lookup;
  /** path of ddnsd-worker; without it there are no worker processes, whatever Threads says */
  workerProgram?: string;
  /** instead of the monotonic clock of request deadlines, in ms, for tests */
  monotonic?: () => number;
}

/** What is open before the parts are made. */
export interface Opened extends NameServerOptions {
  budget: DescriptorBudget;
  ipc: IpcServer;
  store: HostStore;
  registry: Registry;
}

export type Parts = ReturnType<typeof assemble>;

/**
 * Makes the parts of a name server, each from those above it, and connects them; none is started. Two parts that
 * need each other meet in an event (`groupCommit`, `store`) or when they start (`expiryService.start(peers)`).
 */
export function assemble(options: Opened) {
  const { settings, log, budget, ipc, store, registry } = options;
  const { identity } = store;
  const counters = createCounters();
  const history = new History();
  const cores = usableCores();
  const ping = limitPings(budget.pings);
  const from = isWildcard(options.bindAddress) ? undefined : options.bindAddress;
  const channel = new SecureChannel(settings.secret);
  const seal = settings.fleet === null ? null : new FleetSeal(settings.secret);
  const workers = planWorkers(options, cores);
  const news = new OperatorNews(history, log);
  const monitoring = new Monitoring(log);

  const committer = new Committer({
    store,
    registry,
    counters,
    clocks,
    changed: (trouble) => news.storageChanged(trouble),
    took: (ms) => monitoring.committed(ms),
  });
  const groupCommit = new GroupCommit({
    persist: () => committer.commit(),
    arrivals: () => counters.connections,
    isGathered: workers !== null,
  });
  const expiryService = new ExpiryService({
    ...{ registry, ping, from, counters, history, groupCommit, log },
    serverId: identity.serverId,
    settings: expirySettings(settings),
  });
  const noteTraffic = () => expiryService.noteTraffic();

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
    links: budget.sync,
    names: new HostNames(options.lookup),
    moved: () => zoneChanged(),
    advertise: settings.advertise,
    createFleet: fleetOf(settings, seal, identity.serverId, counters, membership),
    load: () => ({
      backlog: occupancy.backlog,
      limit: redirector.offeredLimit,
      live: registry.live.length,
      cannotJudge: expiryService.cannotJudge,
    }),
    renumber: () => store.renumber().epoch,
    judge: (address) => expiryService.judge(address),
    opinionGiven: (request, verdict) => expiryService.opinionGiven(request, verdict),
  });
  const isCatchingUp = () => peers.isCatchingUp();
  const registrar = new Registrar(registry, counters, expiryService.takeovers);
  const requestHandler = new RequestHandler({
    ...{ redirector, peers, occupancy, counters, history, log, noteTraffic },
    registrar,
  });
  const replies = new ReplyMaker({
    ...{ ...identity, roster: registry, isCatchingUp },
    random: Math.random,
    listsAll: settings.localHosts === 'everyone',
  });
  const zone = new RegistryZone(
    registry,
    settings,
    () => {
      const { oldestSeen } = expiryService.status();
      const there = peers.view().filter(({ state }) => state === 'alive' || state === 'suspect');
      return { wall: wallNow(), oldestSeen, servers: 1 + there.length };
    },
    Math.random,
  );
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
      zone,
    },
    bindAddress: options.bindAddress,
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

  const zoneChanged = () =>
    frontEnd.nameServersAre(membership.peers.flatMap(({ addresses }) => addresses));
  groupCommit.on('stored', () => frontEnd.committed());
  groupCommit.on('released', () => {
    peers.committed();
    // Once all replies of this round are with the kernel, those of workers included.
    if (store.isCheckpointDue) setImmediate(() => store.checkpoint());
  });
  store.on('held', (text) => news.held(text));
  store.on('mended', (text) => news.mended(text));
  store.on('renumbered', (epoch) => {
    replies.renumber(epoch);
    frontEnd.renumber(epoch);
  });

  const summary = new Summary(counters, log);
  // Every part exists by now: settings are applied here, at the start and after each reload.
  const inForce = (changed: Settings) => {
    registry.publishAfterMs = changed.ttlMs * publishedShare;
    registry.tombstoneMs = tombstoneLifetimeMs(changed.ttlMs);
    registry.shares.perSource = changed.hostsPerSource;
    zone.settings = changed;
    registrar.configure(changed);
    frontEnd.serveOnly(changed);
  };
  inForce(settings);
  const live = new LiveSettings({
    ...options,
    apply: (changed) => {
      inForce(changed);
      occupancy.backlogLimit = changed.backlog;
      log.level = changed.logLevel;
      expiryService.configure(expirySettings(changed));
      for (const each of [channel, seal]) each?.configure(changed.secret);
      peers.configure({ ...changed, links: linksFor(options, changed.nameServers.length) });
      zoneChanged();
      const drainedTo = redirector.peersChanged();
      if (drainedTo !== null) log.warn(drainMoved(drainedTo));
      void monitoring.configure(changed.metrics);
      history.add(wallNow(), 'reloaded', null, 'ddns.conf reloaded');
    },
  });
  return {
    ...{ options, ipc, store, registry, log, counters, history, cores, ping, news, committer },
    ...{ groupCommit, expiryService, occupancy, peers, requestHandler, frontEnd, live },
    ...{ summary, zone, redirector, monitoring },
  };
}

/** The worker processes for Threads; null: this process accepts all connections itself. */
function planWorkers({ settings, workerProgram }: NameServerOptions, cores: Cores) {
  const count = processesFor(settings.threads, cores);
  return workerProgram === undefined || count === 1 ? null : { program: workerProgram, count };
}

function drainMoved(address: string): string {
  return `${address} is no name server any more: the drain to it continues to the least loaded one`;
}

/** The transport over NATS, which is loaded when it is needed; null: Fleet is none. */
function fleetOf(
  { fleet, natsCredentials }: Settings,
  seal: FleetSeal | null,
  id: string,
  counters: Counters,
  membership: Membership,
): ReplicationOptions['createFleet'] {
  if (fleet === null || seal === null) return null;
  const login = { credentials: natsCredentials, name: `ddnsd ${id}` };
  return (owner, news) =>
    new FleetTransport(
      {
        ...{ fleet, seal, id, counters, news },
        connect: async (events) => {
          const { connectNats } = await import('./replication/nats-bus.ts');
          return connectNats(fleet, login, events);
        },
        // Those in NameServers are dialled directly.
        isLeftOut: (address) => membership.at(address)?.isNamed !== false,
      },
      owner,
    );
}

function expirySettings({ ttlMs, pingAttempts }: Settings): ExpirySettings {
  return { ttlMs, attempts: pingAttempts };
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
