// The main process's end of one worker: starts the process, has its requests decided, sends the verdicts once they are
// committed, and keeps its replica of the roster up to date.
import cluster, { type Worker as ClusterWorker } from 'node:cluster';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import type { AccessLists } from '../clients/access.ts';
import { ListenError } from '../clients/listen-error.ts';
import type { PermitClient } from '../core/admission/permits.ts';
import type { ArrivedRequest, Verdict } from '../core/query/verdict.ts';
import type { Waiting } from '../group-commit.ts';
import { encodeVerdicts, readRequests } from './batches.ts';
import { Link, linkFd } from './link.ts';
import {
  type Answer,
  decodeJson,
  decodePermits,
  decodeReport,
  encodePermits,
  fromWorker,
  type Numbered,
  type PermitMessage,
  type Refused,
  type Report,
  type Setup,
  toWorker,
  type WorkerQuestion,
} from './messages.ts';
import type { ZoneAnswer, ZoneQuestion } from './remote-zone.ts';

/** A worker that does not read: some 2 million changes behind, or stopped. It is replaced. */
const maxWaitingBytes = 67_108_864;

/**
 * A listening worker that does not answer for this many checks, one a second, hangs or is stopped: a round of its event
 * loop takes milliseconds, and its clients are given up after ten seconds.
 */
const maxUnansweredChecks = 5;

/** How long a process may take to notice that its link is closed and to end, ms. */
const endTimeoutMs = 1_000;

/** How long a console waits for a process that is stopped or overwhelmed, ms. */
const answerTimeoutMs = 1_000;

/** What a worker process reports to its owner; after its end each report is ignored. */
export interface WorkerOwner {
  /** The verdict on a request; what it did is committed before `release` is called. */
  decide(arrived: ArrivedRequest): Verdict;
  /** `requests` of it were decided: it is to be released with the next group commit. */
  decided(worker: WorkerProcess, requests: number): void;
  isCatchingUp(): boolean;
  askZone(question: ZoneQuestion): ZoneAnswer;
  /** It has read all parts of the roster that it was sent. */
  canTakeMore(): void;
  reported(worker: WorkerProcess, counted: Report['counted']): void;
  permits(worker: WorkerProcess, message: ReturnType<typeof decodePermits>): void;
  refused(refused: Refused): void;
  /** A connection that the main process is to serve, and what was read from it. */
  received(socket: Socket, first: Buffer): void;
  listening(worker: WorkerProcess, at: ListenAddress): void;
  cannotListen(worker: WorkerProcess, error: ListenError): void;
  /** All its connections are answered and closed. */
  finished(worker: WorkerProcess): void;
  /** A line that its process wrote to standard error: a crash, or a warning of Node. */
  stderr(worker: WorkerProcess, line: string): void;
  /** The process ended; `how`: for people. */
  ended(worker: WorkerProcess, how: string): void;
}

/** What a worker process is started with. */
export interface WorkerProcessOptions {
  /** among all workers since the start, from 1 */
  number: number;
  program: string;
  setup: Setup;
  /** the roster as it is now */
  slices: Iterator<Buffer, void>;
  listenAt: ListenAddress;
  owner: WorkerOwner;
}

/** One worker process. */
export class WorkerProcess implements Waiting, PermitClient {
  backlog = 0;
  open = 0;
  isListening = false;
  /** why it cannot listen */
  trouble: string | null = null;
  readonly startedAt = performance.now();
  readonly number: number;
  readonly questions: Questions;
  private readonly owner: WorkerOwner;
  private readonly child: ClusterWorker;
  private readonly link: Link;
  private verdicts: Verdict[] = [];
  /** of the roster as it was at the start, not sent yet; null: all is sent */
  private slices: Iterator<Buffer, void> | null;
  private isDraining = false;
  private isEnding = false;
  private unansweredChecks = 0;
  private isHung = false;
  private readonly listenAt: ListenAddress;

  /**
   * Starts `program`, which listens once it has all `slices`. @throws Error when the system starts no more processes
   */
  static start(options: WorkerProcessOptions): WorkerProcess {
    // Each accepts for itself: passing connections out, the default, costs more than serving them.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({
      exec: options.program,
      args: [],
      // Its errors are logged here, so that an output that blocks does not keep a crashed process from ending.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    });
    const child = cluster.fork();
    // The failure shows in 'exit'; without a listener an 'error' would end the daemon.
    child.on('error', () => {});
    if (child.process.pid === undefined)
      throw new Error('the system has no room for another process');
    return new WorkerProcess(child, options);
  }

  private constructor(child: ClusterWorker, options: WorkerProcessOptions) {
    const { owner, setup } = options;
    this.child = child;
    this.number = options.number;
    this.owner = owner;
    this.slices = options.slices;
    this.listenAt = options.listenAt;
    this.link = new Link(
      child.process.stdio[linkFd] as Socket,
      (type, body) => this.take(type, body),
      // The process is of no use without its link.
      () => {
        if (!this.isEnding) this.kill();
      },
    );
    child.on('message', (first: string, socket?: Socket) => {
      // Undefined: the client was gone already.
      if (socket !== undefined) owner.received(socket, Buffer.from(first, 'latin1'));
    });
    const { stderr } = child.process;
    if (stderr !== null)
      createInterface({ input: stderr }).on('line', (line) => owner.stderr(this, line));
    child.once('exit', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      const hung = `hung: it did not answer for ${maxUnansweredChecks} s, and was killed`;
      owner.ended(this, this.isHung ? hung : how);
      this.questions.end();
    });
    this.questions = new Questions((question) =>
      this.link.sendJson(toWorker.question, question satisfies Numbered<WorkerQuestion>),
    );
    this.link.sendJson(toWorker.setup, setup);
  }

  get pid(): number {
    return this.child.process.pid ?? 0;
  }

  /** Sends the changes of the roster that it lacks, as far as it reads; nothing may be pending in the registry. */
  sendSlices(): void {
    while (this.slices !== null && !this.isDraining) {
      if (this.link.isFull) {
        this.isDraining = true;
        this.link.whenDrained(() => {
          this.isDraining = false;
          this.owner.canTakeMore();
        });
        return;
      }
      const slice = this.slices.next();
      if (slice.done !== true) {
        this.link.send(toWorker.rows, slice.value);
        this.link.flush();
      } else {
        this.slices = null;
        this.link.sendJson(toWorker.listen, this.listenAt);
      }
    }
  }

  /** Sends rows that changed, before any verdict that depends on them. */
  sendRows(rows: Buffer): void {
    this.link.send(toWorker.rows, rows);
    if (this.link.waitingBytes > maxWaitingBytes) this.kill();
  }

  /**
   * Checks that the worker runs; to be called once a second. One that hangs would keep its part of the backlog, and
   * everybody waiting for a round of permits: it is killed, and so replaced.
   */
  look(): void {
    if (!this.isListening) return;
    if (this.unansweredChecks++ < maxUnansweredChecks) {
      void this.questions.ask({ about: 'life' });
      return;
    }
    this.isHung = true;
    this.kill();
  }

  sendEpoch(epoch: string): void {
    this.link.sendJson(toWorker.epoch, epoch);
  }

  sendAccess(lists: AccessLists): void {
    this.link.sendJson(toWorker.access, lists);
  }

  sendZoneServers(servers: readonly string[]): void {
    this.link.sendJson(toWorker.zoneServers, servers);
  }

  release(failure: Refusal | null): void {
    const { verdicts } = this;
    this.verdicts = [];
    const isCatchingUp = this.owner.isCatchingUp();
    this.link.send(toWorker.verdicts, encodeVerdicts({ failure, isCatchingUp, verdicts }));
  }

  grant(permits: number): void {
    this.sendPermits('grant', permits);
  }

  deny(wants: number): void {
    this.sendPermits('deny', wants);
  }

  recall(): void {
    this.sendPermits('recall', 0);
  }

  yield(permits: number): void {
    this.sendPermits('yield', permits);
  }

  reclaim(permits: number): void {
    this.sendPermits('reclaim', permits);
  }

  divided(evenPart: number): void {
    this.sendPermits('divided', evenPart);
  }

  /** Has it accept no more connections and report `finished` once its requests in flight are answered. */
  finish(): void {
    this.link.send(toWorker.finish);
  }

  kill(): void {
    this.child.process.kill('SIGKILL');
  }

  /** Closes the link, at which the process ends by itself or else is killed; resolves when it is gone. */
  async end(): Promise<void> {
    if (this.child.isDead()) return;
    const gone = once(this.child, 'exit');
    this.isEnding = true;
    this.link.close();
    const timer = setTimeout(() => this.kill(), endTimeoutMs);
    await gone;
    clearTimeout(timer);
  }

  private sendPermits(message: PermitMessage, count: number): void {
    this.link.send(toWorker.permits, encodePermits(message, count));
  }

  private take(type: number, body: Buffer): void {
    const { owner } = this;
    this.unansweredChecks = 0;
    switch (type) {
      case fromWorker.requests:
        this.takeRequests(body);
        break;
      case fromWorker.report: {
        const { backlog, open, counted } = decodeReport(body);
        this.backlog = backlog;
        this.open = open;
        owner.reported(this, counted);
        break;
      }
      case fromWorker.permits:
        owner.permits(this, decodePermits(body));
        break;
      case fromWorker.refused:
        owner.refused(decodeJson<Refused>(body));
        break;
      case fromWorker.listening:
        this.isListening = true;
        owner.listening(this, decodeJson<ListenAddress>(body));
        break;
      case fromWorker.failed: {
        const { code, message } = decodeJson<ListenError>(body);
        owner.cannotListen(this, new ListenError(code, message, undefined));
        break;
      }
      case fromWorker.finished:
        this.isListening = false;
        owner.finished(this);
        break;
      case fromWorker.answer:
        this.questions.answered(decodeJson<Numbered<Answer>>(body));
        break;
      case fromWorker.zone: {
        const { number, ...question } = decodeJson<Numbered<ZoneQuestion>>(body);
        this.link.sendJson(toWorker.zone, { number, ...owner.askZone(question) });
        break;
      }
      default:
        throw new RangeError(`frame ${type}`);
    }
  }

  private takeRequests(body: Buffer): void {
    const before = this.verdicts.length;
    for (const arrived of readRequests(body)) this.verdicts.push(this.owner.decide(arrived));
    this.owner.decided(this, this.verdicts.length - before);
  }
}

/** The questions to one worker that are not answered yet. */
class Questions {
  private readonly send: (question: Numbered<WorkerQuestion>) => void;
  private readonly waiting = new Map<number, (answer: Answer | null) => void>();
  private last = 0;

  constructor(send: (question: Numbered<WorkerQuestion>) => void) {
    this.send = send;
  }

  /** Null: no answer came in time, or the worker is gone. */
  ask<Q extends WorkerQuestion>(question: Q): Promise<Extract<Answer, Pick<Q, 'about'>> | null>;
  ask(question: WorkerQuestion): Promise<Answer | null> {
    const number = ++this.last;
    return new Promise((resolve) => {
      const settle = (answer: Answer | null) => {
        this.waiting.delete(number);
        clearTimeout(timer);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(null), answerTimeoutMs);
      this.waiting.set(number, settle);
      this.send({ number, ...question });
    });
  }

  answered({ number, ...answer }: Numbered<Answer>): void {
    this.waiting.get(number)?.(answer);
  }

  /** The worker is gone. */
  end(): void {
    for (const settle of [...this.waiting.values()]) settle(null);
  }
}
