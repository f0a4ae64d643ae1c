// All worker processes of a server: starts them, replaces those that end or hang, and sends them every change of the
// roster once it is committed. Connections that a worker cannot serve, those of peers and those that begin with TLS,
// come to this process.

import type { ListenAddress } from '../../shared/config/interface-address.ts';
import { addressWords } from '../../shared/protocol/address.ts';
import type { AccessLists } from '../clients/access.ts';
import type { BacklogConnection, BacklogPart } from '../clients/connection-shared.ts';
import type { ListenError } from '../clients/listen-error.ts';
import { maxConnectionsPerSource } from '../core/admission/admission.ts';
import type { Registry } from '../core/registry/registry.ts';
import { RosterFeed } from '../core/registry/roster-feed.ts';
import { backoffMs } from '../core/timing/timing.ts';
import type { decodePermits, Setup } from './messages.ts';
import type { SharedBacklog } from './shared-backlog.ts';
import { type WorkerOwner, WorkerProcess } from './worker-process.ts';

/** A worker that ends within this time may not be able to run at all: the next starts after a pause, ms. */
const youngMs = 10_000;

/** The time in which workers answer their requests in flight, and a second to report that, ms. */
const finishTimeoutMs = 6_000;

/** The number of workers, their program, and who receives their reports. */
export interface WorkersOptions
  extends Pick<
    WorkerOwner,
    'decide' | 'decided' | 'isCatchingUp' | 'askZone' | 'refused' | 'received' | 'reported'
  > {
  /** the program of a worker, ddnsd-worker */
  program: string;
  count: number;
  shared: SharedBacklog;
  registry: Registry;
  setup: Omit<Setup, 'rows' | 'connections' | 'perSource'>;
  /** Commits all pending changes. */
  commit: () => void;
  /** A worker ended unexpectedly: how, and with how many connections. */
  lost: (how: string, connections: number) => void;
  /** A line that a worker process wrote to standard error. */
  stderr: (pid: number, line: string) => void;
}

/** A worker that did not answer in time, with what it reported last. */
export interface MissingWorker {
  number: number;
  pid: number;
  /** unanswered requests */
  backlog: number;
  /** open connections */
  open: number;
}

/** The worker processes of a name server. */
export class Workers {
  private readonly options: WorkersOptions;
  private readonly shared: SharedBacklog;
  private readonly feed: RosterFeed;
  private readonly processes = new Set<WorkerProcess>();
  private readonly restarts = new Set<NodeJS.Timeout>();
  private setup: Setup;
  private lastNumber = 0;
  private youngDeaths = 0;
  private isStopping = false;
  private listenAt: ListenAddress = { address: '', port: 0 };
  /** Called as each worker listens, or cannot, while the server starts. */
  private started: ((outcome: ListenAddress | Error) => void) | null = null;
  /** Called when a worker has answered its requests in flight, or ended, while the server stops. */
  private finished: (worker: WorkerProcess) => void = () => {};

  constructor(options: WorkersOptions) {
    const { registry, count, shared } = options;
    this.options = options;
    this.shared = shared;
    this.feed = new RosterFeed(registry);
    this.setup = {
      ...options.setup,
      rows: registry.addresses.length / addressWords,
      connections: Math.ceil(shared.limit / count),
      perSource: Math.ceil(maxConnectionsPerSource / count),
    };
  }

  /** Workers that accept connections now. */
  get running(): number {
    return [...this.processes].filter(({ isListening }) => isListening).length;
  }

  /**
   * Starts all workers; resolves with the address they listen at. @throws ListenError, and an Error when one ends
   * before it listens
   */
  async start(at: ListenAddress): Promise<ListenAddress> {
    this.listenAt = at;
    const { count } = this.options;
    const outcome = new Promise<ListenAddress>((resolve, reject) => {
      let listening = 0;
      this.started = (each) => {
        if (each instanceof Error) reject(each);
        else if (++listening === count) resolve(each);
      };
    });
    for (let i = 0; i < count; i++) this.startOne();
    this.rowsChanged();
    try {
      return await outcome;
    } catch (error) {
      await this.endAll();
      throw error;
    } finally {
      this.started = null;
    }
  }

  /** Nothing is pending in the registry: its changes go to the workers, before any verdict does. */
  rowsChanged(): void {
    const rows = this.feed.takeChanges();
    for (const each of this.processes) {
      if (rows !== null) each.sendRows(rows);
      each.sendSlices();
    }
  }

  /** Replaces workers that hang; to be called once a second. */
  look(): void {
    for (const each of this.processes) each.look();
  }

  serveOnly(access: AccessLists): void {
    this.setup = { ...this.setup, access };
    for (const each of this.processes) each.sendAccess(access);
  }

  /** The name servers of the zone, `ip:port` each. */
  serveZoneFrom(servers: readonly string[]): void {
    const { dns } = this.setup;
    if (dns === null) return;
    this.setup = { ...this.setup, dns: { ...dns, servers } };
    for (const each of this.processes) each.sendZoneServers(servers);
  }

  renumber(epoch: string): void {
    this.setup = { ...this.setup, epoch };
    for (const each of this.processes) each.sendEpoch(epoch);
  }

  /** Each worker's part of the backlog, by its number; `missing` did not answer in time. */
  async backlogParts(): Promise<{ parts: Map<number, BacklogPart>; missing: MissingWorker[] }> {
    const asked = [...this.processes].filter(({ isListening }) => isListening);
    const answers = await Promise.all(
      asked.map(async (each) => ({ each, answer: await each.questions.ask({ about: 'backlog' }) })),
    );
    const parts = new Map<number, BacklogPart>();
    const missing: MissingWorker[] = [];
    for (const { each, answer } of answers) {
      const { number, pid, backlog, open } = each;
      if (answer !== null) parts.set(number, answer.part);
      // The connections of one that ended are gone.
      else if (this.processes.has(each)) missing.push({ number, pid, backlog, open });
    }
    return { parts, missing };
  }

  /** Has a worker close a connection in the backlog; null: there is none. */
  async closeConnection(
    processNumber: number,
    serial: number,
  ): Promise<BacklogConnection | null | 'no-answer'> {
    const worker = [...this.processes].find(({ number }) => number === processNumber);
    if (worker === undefined) return null;
    const answer = await worker.questions.ask({ about: 'close', serial });
    if (answer !== null) return answer.closed;
    return this.processes.has(worker) ? 'no-answer' : null;
  }

  /** Lets the workers answer the requests in flight, then ends them; resolves with the number of requests. */
  async close(): Promise<number> {
    this.isStopping = true;
    for (const restart of this.restarts) clearTimeout(restart);
    const inFlight = this.shared.backlog;
    const left = new Set([...this.processes].filter(({ isListening }) => isListening));
    const allFinished = new Promise<void>((resolve) => {
      this.finished = (worker) => {
        left.delete(worker);
        if (left.size === 0) resolve();
      };
      if (left.size === 0) resolve();
      setTimeout(resolve, finishTimeoutMs).unref();
    });
    for (const each of left) each.finish();
    await allFinished;
    await this.endAll();
    return inFlight;
  }

  private startOne(): void {
    try {
      const worker = WorkerProcess.start({
        number: ++this.lastNumber,
        program: this.options.program,
        setup: this.setup,
        slices: this.feed.slices(),
        listenAt: this.listenAt,
        owner: this.owner(),
      });
      this.processes.add(worker);
      this.shared.join(worker);
    } catch (error) {
      this.replace(`was not started (${(error as Error).message})`, 0, true);
    }
  }

  private owner(): WorkerOwner {
    const { options } = this;
    const { decide, decided, isCatchingUp, askZone, refused, received } = options;
    return {
      decide,
      decided,
      isCatchingUp,
      askZone,
      refused,
      received,
      canTakeMore: () => this.sendMore(),
      reported: (each, counted) => {
        this.shared.notePeak();
        options.reported(each, counted);
      },
      permits: (each, message) => this.takePermits(each, message),
      listening: (_, at) => this.started?.(at),
      cannotListen: (each, error) => this.cannotListen(each, error),
      finished: (each) => this.finished(each),
      stderr: ({ pid }, line) => options.stderr(pid, line),
      ended: (each, how) => this.ended(each, how),
    };
  }

  private sendMore(): void {
    if (this.options.registry.hasPending) this.options.commit();
    else this.rowsChanged();
  }

  private takePermits(
    from: WorkerProcess,
    { message, count, incomplete }: ReturnType<typeof decodePermits>,
  ): void {
    if (message === 'want' || message === 'wantComplete')
      this.shared.pool.want(from, count, message === 'wantComplete');
    else this.shared.pool.giveBack(from, count, message === 'returned', incomplete);
  }

  private cannotListen(worker: WorkerProcess, error: ListenError): void {
    this.started?.(error);
    worker.trouble = error.message;
    worker.kill();
  }

  private ended(worker: WorkerProcess, how: string): void {
    this.processes.delete(worker);
    this.shared.leave(worker);
    if (this.isStopping) {
      this.finished(worker);
      return;
    }
    const { trouble, open, startedAt } = worker;
    const wasYoung = performance.now() - startedAt < youngMs;
    this.replace(trouble === null ? how : `could not listen (${trouble})`, open, wasYoung);
  }

  /** A worker is missing. While the server starts, it cannot start then. */
  private replace(how: string, connections: number, wasYoung: boolean): void {
    if (this.started !== null) {
      this.started(
        new Error(
          `a worker process ${how} before it could listen; set Threads=1 in ddns.conf to do without`,
        ),
      );
      return;
    }
    const pauseMs = wasYoung ? backoffMs(this.youngDeaths++, Math.random) : 0;
    if (!wasYoung) this.youngDeaths = 0;
    this.options.lost(how, connections);
    const restart = setTimeout(() => {
      this.restarts.delete(restart);
      this.startOne();
      this.sendMore();
    }, pauseMs);
    this.restarts.add(restart);
  }

  private async endAll(): Promise<void> {
    this.isStopping = true;
    const ends = [...this.processes].map((each) => each.end());
    await Promise.all(ends);
  }
}
