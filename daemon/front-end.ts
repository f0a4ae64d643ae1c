// Where clients connect: to this process (Threads=1), or to worker processes, which pass on only the
// connections that they cannot serve. The parts behind the front end see no difference.
import type { ListenAddress } from '../shared/config/interface-address.ts';
import type { Settings } from '../shared/config/settings.ts';
import type { Backlog } from '../shared/ipc/contract.ts';
import { printable } from '../shared/output/printable.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { ConnectionManager, type ConnectionManagerOptions } from './clients/connection-manager.ts';
import { Listener } from './clients/listener.ts';
import { Admission } from './core/admission/admission.ts';
import { type Asking, joinBacklog, mainProcess } from './core/admission/backlog.ts';
import type { Registry } from './core/registry/registry.ts';
import type { History } from './core/stats/history.ts';
import type { Logger } from './log.ts';
import type { Identity } from './store/host-store.ts';
import { reportedCounters } from './workers/frames.ts';
import { SharedBacklog } from './workers/shared-backlog.ts';
import { Workers, type WorkersOptions } from './workers/workers.ts';

export interface FrontEndOptions {
  settings: Settings;
  /** of createOccupancy */
  occupancy: Admission | SharedBacklog;
  workers: WorkerPlan | null;
  identity: Identity;
  registry: Registry;
  history: History;
  log: Logger;
  manager: Omit<ConnectionManagerOptions, 'admission'>;
  /** What becomes of a worker's request. */
  decide: WorkersOptions['decide'];
  isCatchingUp: () => boolean;
  /** Something arrived over the network. */
  heard: () => void;
}

/** The worker processes to start. */
export interface WorkerPlan {
  /** path of ddnsd-worker */
  program: string;
  /** at least 2: with one, the main process serves all connections itself */
  count: number;
}

export interface FrontEnd {
  /** how many processes accept connections now */
  readonly running: number;
  /** Opens. @throws ListenError */
  start(at: ListenAddress): Promise<ListenAddress>;
  /** Closes, when what was asked is answered; resolves with how much that was. */
  close(): Promise<number>;
  /** Who is in the backlog. */
  backlog(): Promise<Backlog>;
  /**
   * Closes the connection `serial` of a process if it is in the backlog: what it was, null when there is
   * none, or the process did not say in time what became of it.
   */
  closeAsking(processNumber: number, serial: number): Promise<Asking | null | 'no-answer'>;
  /** Everything in the registry is on the disk. */
  committed(): void;
  /** Cursors made before are unknown from now on. */
  renumber(epoch: string): void;
  /** Replaces what hangs: to be called once a second. */
  look(): void;
}

/** Connections and unanswered requests at once, `limit` and `backlog` at most, of all processes together. */
export function createOccupancy(
  limits: { backlog: number; limit: number },
  workers: WorkerPlan | null,
): Admission | SharedBacklog {
  return workers === null ? new Admission(limits) : new SharedBacklog(limits);
}

export function createFrontEnd(options: FrontEndOptions): FrontEnd {
  const { occupancy, workers } = options;
  if (occupancy instanceof Admission) return new OwnFrontEnd(options, occupancy);
  if (workers === null) throw new TypeError('a shared backlog needs workers');
  return new WorkersFrontEnd(options, occupancy, workers);
}

class OwnFrontEnd implements FrontEnd {
  readonly running = 1;
  private readonly manager: ConnectionManager;
  private readonly listener: Listener;

  constructor(options: FrontEndOptions, admission: Admission) {
    this.manager = new ConnectionManager({ ...options.manager, admission });
    this.listener = new Listener(this.manager);
  }

  start(at: ListenAddress): Promise<ListenAddress> {
    return this.listener.start(at);
  }

  close(): Promise<number> {
    return this.listener.close();
  }

  async backlog(): Promise<Backlog> {
    return joinBacklog(new Map([[mainProcess, this.manager.backlog()]]), [], wallNow());
  }

  async closeAsking(processNumber: number, serial: number): Promise<Asking | null> {
    return processNumber === mainProcess ? this.manager.closeAsking(serial) : null;
  }

  committed(): void {}

  renumber(): void {}

  look(): void {}
}

class WorkersFrontEnd implements FrontEnd {
  private readonly workers: Workers;
  /** of the connections that workers pass on */
  private readonly manager: ConnectionManager;

  constructor(options: FrontEndOptions, shared: SharedBacklog, plan: WorkerPlan) {
    const { settings, identity, registry, history, log } = options;
    const { groupCommit, counters, refused, channel } = options.manager;
    const manager = new ConnectionManager({ ...options.manager, admission: shared.admission });
    this.manager = manager;
    this.workers = new Workers({
      ...plan,
      shared,
      registry,
      setup: {
        serverId: identity.serverId,
        epoch: identity.epoch,
        passesTls: channel !== null,
        tellsAll: settings.localHosts === 'everyone',
      },
      commit: () => groupCommit.end(),
      decide: options.decide,
      decided: (worker, requests) => groupCommit.add(worker, requests),
      isCatchingUp: options.isCatchingUp,
      reported: (_, counted) => {
        const pings = counters.pings;
        for (const [index, name] of reportedCounters.entries())
          counters[name] += counted[index] as number;
        if (counters.pings > pings) options.heard();
      },
      refused: ({ source, code, text }) => refused(source, { code, text }),
      received: (socket, first) => {
        // A client may end its half before the reply is made.
        socket.allowHalfOpen = true;
        socket.unshift(first);
        manager.enter(socket);
      },
      said: (pid, line) => log.error({ pid }, `worker process: ${printable(line)}`),
      lost: (how, connections) => {
        counters.lost += connections;
        const text = `a worker process ${how}; connections lost with it: ${connections}`;
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

  async backlog(): Promise<Backlog> {
    const { parts, missing } = await this.workers.backlogParts();
    parts.set(mainProcess, this.manager.backlog());
    return joinBacklog(parts, missing, wallNow());
  }

  async closeAsking(processNumber: number, serial: number): Promise<Asking | null | 'no-answer'> {
    return processNumber === mainProcess
      ? this.manager.closeAsking(serial)
      : this.workers.closeAsking(processNumber, serial);
  }

  committed(): void {
    this.workers.rowsChanged();
  }

  renumber(epoch: string): void {
    this.workers.renumber(epoch);
  }

  look(): void {
    this.workers.look();
  }
}
