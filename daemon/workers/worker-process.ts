// The main process's end of one worker: starts the process, takes its requests, sends the verdicts
// when they are on the disk, and keeps its copy of the roster up to date.
import cluster, { type Worker as ClusterWorker } from 'node:cluster';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import { ListenError } from '../clients/listener.ts';
import type { PermitClient } from '../core/admission/permits.ts';
import type { Arrived, Verdict } from '../core/query/verdict.ts';
import type { Waiting } from '../group-commit.ts';
import {
  decodeJson,
  decodePermits,
  decodeReport,
  encodePermits,
  fromWorker,
  type PermitMessage,
  type Refused,
  type Report,
  type Setup,
  toWorker,
} from './frames.ts';
import { Link, linkFd } from './link.ts';
import { type Answer, type Numbered, type Question, Questions } from './questions.ts';
import { readRequests } from './request-batch.ts';
import { encodeVerdicts } from './verdict-batch.ts';

/** A worker that takes nothing: some 2 million changes behind, or stopped. It is replaced. */
const mostWaitingBytes = 67_108_864;

/**
 * Looks, one a second, at which a worker that listens has said nothing, though it was asked: it is stopped or
 * hangs. A turn of it takes milliseconds, and its clients are given up after ten seconds.
 */
const mostSilentLooks = 5;

/** What a process needs to notice that its link is closed, and to end. */
const endTimeoutMs = 1_000;

/** What it is told; each may come after it ended, and nothing comes of it then. */
export interface WorkerOwner {
  /** What becomes of a request. Its effects are on the disk before `release` is called. */
  decide(arrived: Arrived): Verdict;
  /** `requests` of it were decided: it wants to be released at the end of the turn. */
  decided(worker: WorkerProcess, requests: number): void;
  isCatchingUp(): boolean;
  /** It has taken what it was sent of the roster. */
  canTakeMore(): void;
  reported(worker: WorkerProcess, counted: Report['counted']): void;
  permits(worker: WorkerProcess, said: ReturnType<typeof decodePermits>): void;
  refused(refused: Refused): void;
  /** A connection that the main process has to serve, and what was read from it. */
  received(socket: Socket, first: Buffer): void;
  listening(worker: WorkerProcess, at: ListenAddress): void;
  cannotListen(worker: WorkerProcess, error: ListenError): void;
  /** Everything that was asked is answered. */
  finished(worker: WorkerProcess): void;
  /** A line that its process wrote to standard error: a crash, or a warning of Node. */
  said(worker: WorkerProcess, line: string): void;
  /** How the process ended, for people. */
  ended(worker: WorkerProcess, how: string): void;
}

export interface WorkerProcessOptions {
  /** among all workers of this daemon, also those that ended */
  number: number;
  program: string;
  setup: Setup;
  slices: Iterator<Buffer, void>;
  listenAt: ListenAddress;
  owner: WorkerOwner;
}

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
  /** what it was not sent yet of the roster as it was; null: it has all */
  private slices: Iterator<Buffer, void> | null;
  private isDraining = false;
  private isEnding = false;
  private silentLooks = 0;
  private isHung = false;
  private readonly listenAt: ListenAddress;

  /**
   * Starts `program`, which is to listen when it has all `slices`. @throws Error when the system
   * starts no more processes
   */
  static start(options: WorkerProcessOptions): WorkerProcess {
    // Each accepts for itself: handing connections out, which is the default, costs more than serving.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({
      exec: options.program,
      args: [],
      // An output that blocks must not keep one that crashed from ending: what it says is logged here.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    });
    const child = cluster.fork();
    // What went wrong shows in 'exit'; without a listener it would end the daemon.
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
      // Its process cannot be without it.
      () => {
        if (!this.isEnding) this.kill();
      },
    );
    child.on('message', (first: string, socket?: Socket) => {
      // Undefined: the client had left before.
      if (socket !== undefined) owner.received(socket, Buffer.from(first, 'latin1'));
    });
    const { stderr } = child.process;
    if (stderr !== null)
      createInterface({ input: stderr }).on('line', (line) => owner.said(this, line));
    child.once('exit', (code, signal) => {
      const hung = `hung: it said nothing for ${mostSilentLooks} s, and was ended`;
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      owner.ended(this, this.isHung ? hung : how);
      this.questions.end();
    });
    this.questions = new Questions((question) =>
      this.link.sendJson(toWorker.question, question satisfies Numbered<Question>),
    );
    this.link.sendJson(toWorker.setup, setup);
  }

  get pid(): number {
    return this.child.process.pid ?? 0;
  }

  /** Sends what it lacks of the roster, as far as it reads; nothing may be pending in there. */
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

  /** Rows that changed: before any verdict that rests on them. */
  sendRows(rows: Buffer): void {
    this.link.send(toWorker.rows, rows);
    if (this.link.waitingBytes > mostWaitingBytes) this.kill();
  }

  /**
   * To be called once a second. One that hangs would keep its part of the backlog, and everybody waiting whose
   * turn depends on its word: it is ended, and so replaced.
   */
  look(): void {
    if (!this.isListening) return;
    if (this.silentLooks++ < mostSilentLooks) {
      void this.questions.ask({ about: 'life' });
      return;
    }
    this.isHung = true;
    this.kill();
  }

  sendEpoch(epoch: string): void {
    this.link.sendJson(toWorker.epoch, epoch);
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

  owe(permits: number): void {
    this.sendPermits('owe', permits);
  }

  divided(evenPart: number): void {
    this.sendPermits('divided', evenPart);
  }

  /** Takes no more connections, and is done when what was asked is answered. */
  finish(): void {
    this.link.send(toWorker.finish);
  }

  kill(): void {
    this.child.process.kill('SIGKILL');
  }

  /** Closes the link, at which it ends by itself, or else is killed; resolves when it is gone. */
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
    this.silentLooks = 0;
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
