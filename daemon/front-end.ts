// Where clients come in: in this process (Threads=1), or in worker processes, which leave to this one
// only what they cannot serve. Whatever is behind the front end sees no difference.

import type { ListenAddress } from '../shared/config/interface-address.ts';
import type { Settings } from '../shared/config/settings.ts';
import type { Backlog } from '../shared/ipc/backlog-contract.ts';
import { printable } from '../shared/output/printable.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { ConnectionManager, type ConnectionManagerOptions } from './clients/connection-manager.ts';
import { Listener } from './clients/listener.ts';
import { Admission, type Occupancy } from './core/admission/admission.ts';
import { type Asking, joinBacklog, mainProcess } from './core/admission/backlog.ts';
import type { Registry } from './core/registry/registry.ts';
import type { Counters } from './core/stats/counters.ts';
import type { History } from './core/stats/history.ts';
import type { Logger } from './log.ts';
import { type Cores, processesFor } from './machine/cores.ts';
import type { Identity } from './store/host-store.ts';
import { reportedCounters } from './workers/frames.ts';
import { Workers, type WorkersOptions } from './workers/workers.ts';

export interface FrontEndOptions {
  settings: Settings;
  /** most clients at once */
  connections: number;
  cores: Cores;
  /** the program of a worker process; null: there are none, whatever Threads says */
  workerProgram: string | null;
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

export interface FrontEnd {
  readonly occupancy: Occupancy;
  /** how many processes accept connections now */
  readonly running: number;
  /** whether requests come in groups that were waited for already */
  readonly isGathered: boolean;
  /** grows with whatever makes it likely that more is about to come */
  readonly arrivals: number;
  /** Opens. @throws ListenError */
  start(at: ListenAddress): Promise<ListenAddress>;
  /** Closes, when what was asked is answered; resolves with how much that was. */
  close(): Promise<number>;
  setBacklog(limit: number): void;
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

export function createFrontEnd(options: FrontEndOptions): FrontEnd {
  const { settings, workerProgram } = options;
  const count = processesFor(settings.threads, options.cores);
  if (count === 1 || workerProgram === null) return new OwnFrontEnd(options);
  return new WorkersFrontEnd(options, workerProgram, count);
}

class OwnFrontEnd implements FrontEnd {
  readonly occupancy: Admission;
  readonly running = 1;
  readonly isGathered = false;
  private readonly manager: ConnectionManager;
  private readonly listener: Listener;
  private readonly counters: Counters;

  constructor(options: FrontEndOptions) {
    this.counters = options.manager.counters;
    this.occupancy = new Admission({
      backlog: options.settings.backlog,
      limit: options.connections,
    });
    this.manager = new ConnectionManager({ ...options.manager, admission: this.occupancy });
    this.listener = new Listener(this.manager);
  }

  get arrivals(): number {
    return this.counters.connections;
  }

  start(at: ListenAddress): Promise<ListenAddress> {
    return this.listener.start(at);
  }

  close(): Promise<number> {
    return this.listener.close();
  }

  setBacklog(limit: number): void {
    this.occupancy.backlogLimit = limit;
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
  readonly occupancy: Workers;
  readonly isGathered = true;
  arrivals = 0;
  /** of the connections that workers pass on */
  private readonly manager: ConnectionManager;

  constructor(options: FrontEndOptions, program: string, count: number) {
    const { settings, identity, registry, history, log } = options;
    const { groupCommit, counters, refused, channel } = options.manager;
    this.occupancy = new Workers({
      program,
      count,
      backlog: settings.backlog,
      connections: options.connections,
      registry,
      setup: {
        serverId: identity.serverId,
        epoch: identity.epoch,
        passesTls: channel !== null,
        tellsAll: settings.localHosts === 'everyone',
      },
      commit: () => groupCommit.end(),
      decide: options.decide,
      decided: (worker, requests) => {
        this.arrivals++;
        groupCommit.add(worker, requests);
      },
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
        this.manager.enter(socket);
      },
      said: (pid, line) => log.error({ pid }, `worker process: ${printable(line)}`),
      lost: (how, connections) => {
        counters.lost += connections;
        const text = `a worker process ${how}; connections lost with it: ${connections}`;
        history.add(wallNow(), 'worker', null, text);
        log.error({ connections }, `${text}; it is replaced`);
      },
    });
    this.manager = new ConnectionManager({
      ...options.manager,
      admission: this.occupancy.admission,
    });
  }

  get running(): number {
    return this.occupancy.running;
  }

  async start(at: ListenAddress): Promise<ListenAddress> {
    const bound = await this.occupancy.start(at);
    this.manager.start();
    return bound;
  }

  async close(): Promise<number> {
    const [inFlight] = await Promise.all([this.occupancy.close(), this.manager.close()]);
    return inFlight;
  }

  setBacklog(limit: number): void {
    this.occupancy.backlogLimit = limit;
  }

  async backlog(): Promise<Backlog> {
    const { parts, missing } = await this.occupancy.backlogParts();
    parts.set(mainProcess, this.manager.backlog());
    return joinBacklog(parts, missing, wallNow());
  }

  async closeAsking(processNumber: number, serial: number): Promise<Asking | null | 'no-answer'> {
    return processNumber === mainProcess
      ? this.manager.closeAsking(serial)
      : this.occupancy.closeAsking(processNumber, serial);
  }

  committed(): void {
    this.occupancy.rowsChanged();
  }

  renumber(epoch: string): void {
    this.occupancy.renumber(epoch);
  }

  look(): void {
    this.occupancy.look();
  }
}
