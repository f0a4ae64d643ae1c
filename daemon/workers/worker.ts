// A worker: accepts connections, reads requests, and makes the replies. What becomes of a request is
// decided by the main process, which has the registry; requests go there in the order in which they
// came, and the verdicts come back in it. Lists are made here, from a replica of the roster, which has
// every change that a verdict may rest on before the verdict is read.
import type { Socket } from 'node:net';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { Reply, Request } from '../../shared/protocol/message.ts';
import { ConnectionManager } from '../clients/connection-manager.ts';
import { ListenError, Listener } from '../clients/listener.ts';
import type { PendingReply } from '../clients/pending-reply.ts';
import { SharedAdmission } from '../core/admission/shared-admission.ts';
import { ListMaker } from '../core/query/list-maker.ts';
import type { Origin } from '../core/query/registrar.ts';
import { replyTo, type Verdict } from '../core/query/verdict.ts';
import { RosterReplica } from '../core/registry/roster-feed.ts';
import { type Counters, createCounters } from '../core/stats/counters.ts';
import { GroupCommit, type Waiting } from '../group-commit.ts';
import {
  decodeJson,
  decodePermits,
  encodePermits,
  encodeReport,
  fromWorker,
  type PermitMessage,
  reportedCounters,
  type Setup,
  toWorker,
} from './frames.ts';
import { Link } from './link.ts';
import type { Answer, Numbered, Question } from './questions.ts';
import { RequestBatch } from './request-batch.ts';
import { decodeVerdicts } from './verdict-batch.ts';

/**
 * How late the main process is told of connections and counters at most, when no request tells it
 * before: soon enough for whoever looks at the console.
 */
const reportDelayMs = 50;

/** What the text of the full list counts in, to go when nobody asks for it. */
const blocksTickMs = 1_000;

export interface WorkerOptions {
  link: Socket;
  /** Gives a socket, and what was read from it, to the main process. */
  passOn: (socket: Socket, first: Buffer) => void;
  /** The main process is gone, or has no more use for this one. */
  ended: () => void;
}

/** A request that is being decided. */
interface Asked {
  /** null: it was not whole when it was turned away */
  request: Request | null;
  origin: Origin;
  pending: PendingReply;
  asker: Waiting;
}

const noRequest: Request = { verb: 'ping' };

export class Worker {
  private readonly link: Link;
  private readonly passOn: WorkerOptions['passOn'];
  private serving: Serving | null = null;

  constructor({ link, passOn, ended }: WorkerOptions) {
    this.passOn = passOn;
    this.link = new Link(link, (type, body) => this.take(type, body), ended);
  }

  private take(type: number, body: Buffer): void {
    if (type === toWorker.setup) {
      this.serving = new Serving(decodeJson<Setup>(body), this.link, this.passOn);
      return;
    }
    if (this.serving === null) throw new TypeError(`frame ${type} before the setup`);
    this.serving.take(type, body);
  }
}

class Serving {
  private readonly setup: Setup;
  private readonly link: Link;
  private readonly replica: RosterReplica;
  private readonly lists: ListMaker;
  private readonly counters: Counters = createCounters();
  private readonly admission: SharedAdmission;
  private readonly groupCommit: GroupCommit;
  private readonly manager: ConnectionManager;
  private readonly listener: Listener;
  private readonly batch = new RequestBatch();
  private asked: Asked[] = [];
  /** as they were when the main process was last told */
  private readonly told: { backlog: number; open: number; counters: Counters } = {
    backlog: 0,
    open: 0,
    counters: createCounters(),
  };
  private reporting: NodeJS.Timeout | null = null;
  private readonly words = new Uint32Array(5);

  constructor(setup: Setup, link: Link, passOn: WorkerOptions['passOn']) {
    this.setup = setup;
    this.link = link;
    this.replica = new RosterReplica(setup.rows);
    const { epoch, tellsAll } = setup;
    const { random } = Math;
    this.lists = new ListMaker({ roster: this.replica, epoch, random, tellsAll });
    const say = (message: PermitMessage, count: number, unfinished = 0) => {
      // The pool goes by how many are in use, as the console does.
      this.report();
      link.send(fromWorker.permits, encodePermits(message, count, unfinished));
    };
    this.admission = new SharedAdmission(
      { limit: setup.connections, perSource: setup.perSource },
      {
        want: (count, isWhole) => say(isWhole ? 'wantWhole' : 'want', count),
        giveBack: (permits, isReply, unfinished) =>
          say(isReply ? 'returned' : 'paid', permits, unfinished),
        changed: () => this.reportSoon(),
      },
    );
    this.groupCommit = new GroupCommit({
      persist: () => {
        this.sendRequests();
        return null;
      },
      arrivals: () => this.counters.connections,
    });
    this.manager = new ConnectionManager({
      admission: this.admission,
      counters: this.counters,
      groupCommit: this.groupCommit,
      now: () => performance.now(),
      handler: {
        answer: (request, origin, asker) =>
          request.verb === 'ping' ? this.pong() : this.ask(request, origin, asker, false),
        turnAway: (request, origin, asker) => this.ask(request, origin, asker, true),
      },
      refused: (source, { code, text }) =>
        link.sendJson(fromWorker.refused, { source, code, text }),
      greeted: (_source, line) => ({
        takeOver: (socket) => passOn(socket, Buffer.from(`${line}\n`, 'latin1')),
      }),
      channel: null,
      handshakeFailed: () => {},
      passTls: setup.passesTls ? passOn : null,
    });
    this.listener = new Listener(this.manager);
  }

  take(type: number, body: Buffer): void {
    switch (type) {
      case toWorker.rows:
        this.replica.apply(body);
        break;
      case toWorker.listen:
        void this.listen(decodeJson<ListenAddress>(body));
        break;
      case toWorker.verdicts:
        this.takeVerdicts(body);
        break;
      case toWorker.permits:
        this.takePermits(body);
        break;
      case toWorker.epoch:
        this.lists.renumber(decodeJson<string>(body));
        break;
      case toWorker.finish:
        void this.finish();
        break;
      case toWorker.question: {
        const { number, ...question } = decodeJson<Numbered<Question>>(body);
        this.link.sendJson(fromWorker.answer, { number, ...this.answer(question) });
        break;
      }
      default:
        throw new RangeError(`frame ${type}`);
    }
  }

  private async listen(at: ListenAddress): Promise<void> {
    this.replica.completed();
    try {
      const bound = await this.listener.start(at, { isShared: true });
      this.link.sendJson(fromWorker.listening, bound);
      setInterval(() => this.replica.views.tick(), blocksTickMs);
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      const { code, message } = error;
      this.link.sendJson(fromWorker.failed, { code, message });
    }
  }

  private async finish(): Promise<void> {
    await this.listener.close();
    this.report();
    this.link.send(fromWorker.finished);
  }

  private answer(question: Question): Answer {
    switch (question.about) {
      case 'backlog':
        return { about: 'backlog', part: this.manager.backlog() };
      case 'close':
        return { about: 'close', closed: this.manager.closeAsking(question.serial) };
      case 'life':
        return { about: 'life' };
    }
  }

  private pong(): PendingReply {
    this.counters.pings++;
    return { reply: { kind: 'pong', id: this.setup.serverId } };
  }

  private ask(
    request: Request | null,
    origin: Origin,
    asker: Waiting,
    isTurnedAway: boolean,
  ): PendingReply {
    const pending: PendingReply = { reply: null };
    this.batch.add({ request, origin, isTurnedAway });
    this.asked.push({ request, origin, pending, asker });
    return pending;
  }

  private sendRequests(): void {
    this.report();
    if (!this.batch.isEmpty) this.link.send(fromWorker.requests, this.batch.take());
  }

  private takeVerdicts(body: Buffer): void {
    const { failure, isCatchingUp, verdicts } = decodeVerdicts(body);
    const decided = this.asked.splice(0, verdicts.length);
    const askers = new Set<Waiting>();
    for (const [index, asked] of decided.entries()) {
      asked.pending.reply = this.replyTo(asked, verdicts[index] as Verdict, isCatchingUp);
      askers.add(asked.asker);
    }
    for (const asker of askers) asker.release(failure);
  }

  private replyTo({ request, origin }: Asked, verdict: Verdict, isCatchingUp: boolean): Reply {
    this.words.set(origin.ip);
    if (request !== null && 'port' in request) this.words[4] = request.port;
    return replyTo(request ?? noRequest, verdict, this.words, this.lists, isCatchingUp);
  }

  private takePermits(body: Buffer): void {
    const { message, count } = decodePermits(body);
    if (message === 'grant') this.admission.grant(count);
    else if (message === 'deny') this.admission.deny(count);
    else if (message === 'recall') this.admission.recall();
    else if (message === 'yield') this.admission.yield(count);
    else if (message === 'owe') this.admission.owe(count);
    else if (message === 'divided') this.admission.divided(count);
    else throw new RangeError(`${message} is for the pool`);
  }

  private reportSoon(): void {
    this.reporting ??= setTimeout(() => {
      this.reporting = null;
      this.report();
    }, reportDelayMs);
  }

  /** Tells what is new since the last report. */
  private report(): void {
    const { backlog, open } = this.admission;
    const { counters, told } = this;
    const counted = reportedCounters.map((name) => counters[name] - told.counters[name]);
    const isNew =
      backlog !== told.backlog || open !== told.open || counted.some((count) => count > 0);
    if (!isNew) return;
    told.backlog = backlog;
    told.open = open;
    for (const name of reportedCounters) told.counters[name] = counters[name];
    this.link.send(fromWorker.report, encodeReport({ backlog, open, counted }));
  }
}
