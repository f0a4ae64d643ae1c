// Where clients come in: in this process (Threads=1), or in acceptor processes, which leave to this one
// only what they cannot serve. Whatever is behind the entrance sees no difference.
import type { Settings } from '../shared/config/settings.ts';
import type { Backlog } from '../shared/ipc/backlog-contract.ts';
import type { Counters } from '../shared/ipc/contract.ts';
import { printable } from '../shared/printable.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { Acceptors, type AcceptorsOptions } from './acceptors/acceptors.ts';
import { reportedCounters } from './acceptors/frames.ts';
import { Admission, type Occupancy } from './core/admission.ts';
import { type Asking, joinBacklog, mainProcess } from './core/backlog.ts';
import type { History } from './core/history.ts';
import type { Registry } from './core/registry.ts';
import { type Cores, processesFor } from './cores.ts';
import type { Logger } from './log.ts';
import { Doorway, type DoorwayOptions } from './net/doorway.ts';
import { type ListenAddress, Listener } from './net/listener.ts';
import type { Identity } from './store/host-store.ts';

export interface EntranceOptions {
  settings: Settings;
  /** most clients at once */
  connections: number;
  cores: Cores;
  /** the program of an acceptor process; null: there are none, whatever Threads says */
  acceptorProgram: string | null;
  identity: Identity;
  registry: Registry;
  history: History;
  log: Logger;
  doorway: Omit<DoorwayOptions, 'admission'>;
  /** What becomes of an acceptor's request. */
  decide: AcceptorsOptions['decide'];
  isCatchingUp: () => boolean;
  /** Something arrived over the network. */
  heard: () => void;
}

export interface Entrance {
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
  renumber(incarnation: string): void;
}

export function createEntrance(options: EntranceOptions): Entrance {
  const { settings, acceptorProgram } = options;
  const count = processesFor(settings.threads, options.cores);
  if (count === 1 || acceptorProgram === null) return new OwnEntrance(options);
  return new AcceptorsEntrance(options, acceptorProgram, count);
}

class OwnEntrance implements Entrance {
  readonly occupancy: Admission;
  readonly running = 1;
  readonly isGathered = false;
  private readonly doorway: Doorway;
  private readonly listener: Listener;
  private readonly counters: Counters;

  constructor(options: EntranceOptions) {
    this.counters = options.doorway.counters;
    this.occupancy = new Admission({
      backlog: options.settings.backlog,
      limit: options.connections,
    });
    this.doorway = new Doorway({ ...options.doorway, admission: this.occupancy });
    this.listener = new Listener(this.doorway);
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
    return joinBacklog(new Map([[mainProcess, this.doorway.backlog()]]), [], wallNow());
  }

  async closeAsking(processNumber: number, serial: number): Promise<Asking | null> {
    return processNumber === mainProcess ? this.doorway.closeAsking(serial) : null;
  }

  committed(): void {}

  renumber(): void {}
}

class AcceptorsEntrance implements Entrance {
  readonly occupancy: Acceptors;
  readonly isGathered = true;
  arrivals = 0;
  /** of the connections that acceptors pass on */
  private readonly doorway: Doorway;

  constructor(options: EntranceOptions, program: string, count: number) {
    const { settings, identity, registry, history, log } = options;
    const { turn, counters, refused, channel } = options.doorway;
    this.occupancy = new Acceptors({
      program,
      count,
      backlog: settings.backlog,
      connections: options.connections,
      registry,
      setup: {
        serverId: identity.serverId,
        incarnation: identity.incarnation,
        passesTls: channel !== null,
        tellsAll: settings.localHosts === 'everyone',
      },
      commit: () => turn.end(),
      decide: options.decide,
      decided: (acceptor, requests) => {
        this.arrivals++;
        turn.add(acceptor, requests);
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
        this.doorway.enter(socket);
      },
      said: (pid, line) => log.error({ pid }, `acceptor process: ${printable(line)}`),
      lost: (how, connections) => {
        counters.lost += connections;
        const text = `an acceptor process ${how}; connections lost with it: ${connections}`;
        history.add(wallNow(), 'acceptor', null, text);
        log.error({ connections }, `${text}; it is replaced`);
      },
    });
    this.doorway = new Doorway({ ...options.doorway, admission: this.occupancy.admission });
  }

  get running(): number {
    return this.occupancy.running;
  }

  async start(at: ListenAddress): Promise<ListenAddress> {
    const bound = await this.occupancy.start(at);
    this.doorway.start();
    return bound;
  }

  async close(): Promise<number> {
    const [inFlight] = await Promise.all([this.occupancy.close(), this.doorway.close()]);
    return inFlight;
  }

  setBacklog(limit: number): void {
    this.occupancy.backlogLimit = limit;
  }

  async backlog(): Promise<Backlog> {
    const { parts, missing } = await this.occupancy.backlogParts();
    parts.set(mainProcess, this.doorway.backlog());
    return joinBacklog(parts, missing, wallNow());
  }

  async closeAsking(processNumber: number, serial: number): Promise<Asking | null | 'no-answer'> {
    return processNumber === mainProcess
      ? this.doorway.closeAsking(serial)
      : this.occupancy.closeAsking(processNumber, serial);
  }

  committed(): void {
    this.occupancy.rowsChanged();
  }

  renumber(incarnation: string): void {
    this.occupancy.renumber(incarnation);
  }
}
