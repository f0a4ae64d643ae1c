// Where clients connect: to this process (Threads=1), or to worker processes, which pass on only the
// connections that they cannot serve. The parts behind the front end see no difference.
import { randomBytes } from 'node:crypto';
import type { ListenAddress } from '../shared/config/interface-address.ts';
import type { Settings } from '../shared/config/settings.ts';
import { counterNames } from '../shared/counters.ts';
import { printable } from '../shared/output/printable.ts';
import { formatAddress, packAddress } from '../shared/protocol/address.ts';
import { usualPort } from '../shared/protocol/address-kind.ts';
import { createCookieKey } from '../shared/protocol/source-cookies.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { Access, type AccessLists } from './clients/access.ts';
import { ConnectionManager, type ConnectionManagerOptions } from './clients/connection-manager.ts';
import type { BacklogConnection, BacklogPart } from './clients/connection-shared.ts';
import type { DnsResponder } from './clients/dns-responder.ts';
import { createResponder, type DnsSetup } from './clients/dns-setup.ts';
import { Ports, type PortsOptions } from './clients/ports.ts';
import { Admission } from './core/admission/admission.ts';
import { cookieSecretBytes } from './core/dns/dns-cookies.ts';
import type { RegistryZone } from './core/dns/registry-zone.ts';
import type { ArrivedRequest, Verdict } from './core/query/verdict.ts';
import type { Registry } from './core/registry/registry.ts';
import type { History } from './core/stats/history.ts';
import type { Logger } from './log.ts';
import { machineMs } from './machine/clocks.ts';
import { addressesBehind } from './machine/own-addresses.ts';
import type { Identity } from './store/host-store.ts';
import { answerQuestion } from './workers/remote-zone.ts';
import { SharedBacklog } from './workers/shared-backlog.ts';
import { type MissingWorker, Workers } from './workers/workers.ts';

/** The main process, among those with connections; workers are numbered from 1. */
const mainProcess = 0;

/** The parts behind the front end. */
export interface FrontEndOptions {
  settings: Settings;
  /** of createOccupancy */
  occupancy: Admission | SharedBacklog;
  workers: WorkerPlan | null;
  identity: Identity;
  registry: Registry;
  history: History;
  log: Logger;
  manager: Omit<ConnectionManagerOptions, 'access' | 'admission' | 'decide' | 'dns'>;
  /** where it listens, and the hosts of its zone */
  bindAddress: string;
  zone: RegistryZone;
  /** The verdict on a request, of a connection of any process. */
  decide: (arrived: ArrivedRequest) => Verdict;
  isCatchingUp: () => boolean;
  /** Something arrived over the network. */
  noteTraffic: () => void;
}

/** The worker processes to start. */
export interface WorkerPlan {
  /** path of ddnsd-worker */
  program: string;
  /** at least 2: with one, the main process serves all connections itself */
  count: number;
}

/** The backlog of all processes. */
export interface BacklogParts {
  /** by the number of the process: 0 is the main process, workers are numbered from 1 */
  parts: Map<number, BacklogPart>;
  /** workers that did not answer in time */
  missing: MissingWorker[];
}

/** Where clients connect. */
export interface FrontEnd {
  /** processes that accept connections now */
  readonly running: number;
  /** Listens; resolves with the address in use. @throws ListenError */
  start(at: ListenAddress): Promise<ListenAddress>;
  /** Closes once all requests in flight are answered; resolves with their number. */
  close(): Promise<number>;
  backlog(): Promise<BacklogParts>;
  /** Closes a connection in the backlog. Null: there is none; `no-answer`: its process did not answer in time. */
  closeConnection(
    processNumber: number,
    serial: number,
  ): Promise<BacklogConnection | null | 'no-answer'>;
  /** Everything in the registry is committed. */
  committed(): void;
  /** The registry's changes are numbered anew: cursors from before get a full list. */
  renumber(epoch: string): void;
  /** Who is served from now on: in each process. */
  serveOnly(lists: AccessLists): void;
  /** The other name servers, `ip:port` each, as the zone has them. */
  nameServersAre(others: readonly string[]): void;
  /** Replaces processes that hang; to be called once a second. */
  look(): void;
}

/** Connections and unanswered requests at once, `limit` and `backlog` at most, of all processes together. */
export function createOccupancy(
  limits: { backlog: number; limit: number },
  workers: WorkerPlan | null,
): Admission | SharedBacklog {
  return workers === null ? new Admission(limits) : new SharedBacklog(limits);
}

/** A front end that does not listen yet. */
export function createFrontEnd(options: FrontEndOptions): FrontEnd {
  const { occupancy, workers } = options;
  if (occupancy instanceof Admission) return new OwnFrontEnd(options, occupancy);
  if (workers === null) throw new TypeError('a shared backlog needs workers');
  return new WorkersFrontEnd(options, occupancy, workers);
}

/** Which ports are served, and how. */
function portsOf({ service, dnsPort, zone }: Settings): PortsOptions {
  return {
    cookieKey: service === 2 ? createCookieKey() : null,
    dnsPort: zone === null ? null : dnsPort,
  };
}

/** What workers are told of the settings. */
function accessLists({ allow, deny, proxies }: AccessLists): AccessLists {
  return { allow, deny, proxies };
}

/** `ip:port` of this server at those IP addresses. */
function ownAt(ips: readonly string[], { port }: Settings): string[] {
  return ips
    .map((ip) => packAddress(ip, port === 0 ? usualPort : port))
    .filter((words) => words !== null)
    .map((words) => formatAddress(words, 0));
}

/** The name servers of the zone, `ip:port` each: this one and the others. */
function zoneServers(
  { settings, bindAddress }: FrontEndOptions,
  others: readonly string[],
): string[] {
  const { advertise } = settings;
  return [...(advertise === null ? ownAt([bindAddress], settings) : [advertise]), ...others];
}

/** How this server's processes answer DNS; null: it has no zone. */
function dnsSetup(options: FrontEndOptions): DnsSetup | null {
  const { settings, bindAddress, workers } = options;
  const { zone, nameServers, localHosts } = settings;
  if (zone === null) return null;
  return {
    zone,
    servers: zoneServers(options, nameServers),
    own: ownAt(addressesBehind(bindAddress), settings),
    cookieSecret: [...randomBytes(cookieSecretBytes)],
    listsAll: localHosts === 'everyone',
    processes: workers?.count ?? 1,
  };
}

/** Of the process that has the registry. */
function ownResponder(
  { zone, manager }: FrontEndOptions,
  setup: DnsSetup | null,
): DnsResponder | null {
  if (setup === null) return null;
  const { counters } = manager;
  return createResponder(setup, zone, { counters, random: Math.random, now: machineMs });
}

class OwnFrontEnd implements FrontEnd {
  readonly running = 1;
  private readonly options: FrontEndOptions;
  private readonly manager: ConnectionManager;
  private readonly ports: Ports;

  constructor(options: FrontEndOptions, admission: Admission) {
    this.options = options;
    const { settings, manager, decide } = options;
    const dns = ownResponder(options, dnsSetup(options));
    const access = new Access(settings);
    this.manager = new ConnectionManager({ ...manager, access, decide, admission, dns });
    this.ports = new Ports(this.manager, portsOf(settings));
  }

  start(at: ListenAddress): Promise<ListenAddress> {
    return this.ports.start(at);
  }

  close(): Promise<number> {
    return this.ports.close();
  }

  async backlog(): Promise<BacklogParts> {
    return { parts: new Map([[mainProcess, this.manager.backlog()]]), missing: [] };
  }

  async closeConnection(processNumber: number, serial: number): Promise<BacklogConnection | null> {
    return processNumber === mainProcess ? this.manager.closeConnection(serial) : null;
  }

  committed(): void {}

  renumber(): void {}

  serveOnly(lists: AccessLists): void {
    this.manager.access.configure(lists);
  }

  nameServersAre(others: readonly string[]): void {
    this.manager.dns?.serveFrom(zoneServers(this.options, others));
  }

  look(): void {}
}

class WorkersFrontEnd implements FrontEnd {
  private readonly options: FrontEndOptions;
  private readonly workers: Workers;
  /** for the connections that workers pass on */
  private readonly manager: ConnectionManager;

  constructor(options: FrontEndOptions, shared: SharedBacklog, plan: WorkerPlan) {
    this.options = options;
    const { settings, identity, registry, history, log, decide } = options;
    const { groupCommit, counters, refused } = options.manager;
    const dns = dnsSetup(options);
    const manager = new ConnectionManager({
      ...{ ...options.manager, decide, dns: ownResponder(options, dns) },
      access: new Access(settings),
      admission: shared.admission,
    });
    this.manager = manager;
    this.workers = new Workers({
      ...plan,
      shared,
      registry,
      setup: {
        serverId: identity.serverId,
        epoch: identity.epoch,
        listsAll: settings.localHosts === 'everyone',
        ...portsOf(settings),
        dns,
        access: accessLists(settings),
      },
      commit: () => groupCommit.end(),
      decide,
      decided: (worker, requests) => groupCommit.add(worker, requests),
      isCatchingUp: options.isCatchingUp,
      askZone: (question) => answerQuestion(options.zone, question, machineMs()),
      reported: (_, counted) => {
        const pings = counters.pings;
        for (const [index, name] of counterNames.entries())
          counters[name] += counted[index] as number;
        if (counters.pings > pings) options.noteTraffic();
      },
      refused: ({ source, code, text }) => refused(source, { code, text }),
      received: (socket, first) => {
        // The client may end its side before its reply is made.
        socket.allowHalfOpen = true;
        socket.unshift(first);
        manager.enter(socket);
      },
      stderr: (pid, line) => log.error({ pid }, `worker process: ${printable(line)}`),
      lost: (how, connections) => {
        counters.lost += connections;
        const text = `a worker process ${how}; connections lost: ${connections}`;
        history.add(wallNow(), 'worker', null, text);
        log.error({ connections }, `${text}; it is replaced`);
      },
    });
  }

  get running(): number {
    return this.workers.running;
  }

  async start(at: ListenAddress): Promise<ListenAddress> {
    const bound = await this.workers.start(at);
    this.manager.start();
    return bound;
  }

  async close(): Promise<number> {
    const [inFlight] = await Promise.all([this.workers.close(), this.manager.close()]);
    return inFlight;
  }

  async backlog(): Promise<BacklogParts> {
    const { parts, missing } = await this.workers.backlogParts();
    parts.set(mainProcess, this.manager.backlog());
    return { parts, missing };
  }

  async closeConnection(
    processNumber: number,
    serial: number,
  ): Promise<BacklogConnection | null | 'no-answer'> {
    return processNumber === mainProcess
      ? this.manager.closeConnection(serial)
      : this.workers.closeConnection(processNumber, serial);
  }

  committed(): void {
    this.workers.rowsChanged();
  }

  renumber(epoch: string): void {
    this.workers.renumber(epoch);
  }

  serveOnly(lists: AccessLists): void {
    this.manager.access.configure(lists);
    this.workers.serveOnly(accessLists(lists));
  }

  nameServersAre(others: readonly string[]): void {
    const servers = zoneServers(this.options, others);
    this.manager.dns?.serveFrom(servers);
    this.workers.serveZoneFrom(servers);
  }

  look(): void {
    this.workers.look();
  }
}
