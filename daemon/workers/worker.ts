// A worker: accepts connections, reads requests and makes the replies. The main process, which has the registry, decides
// the requests: they go there in the order in which they came, and their verdicts come back in it. Lists are made from a
// replica of the roster, which has every change that a verdict depends on before the verdict arrives.
import type { Socket } from 'node:net';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import { type Counters, counterNames, createCounters } from '../../shared/counters.ts';
import { Access, type AccessLists } from '../clients/access.ts';
import { ConnectionManager } from '../clients/connection-manager.ts';
import type { PendingRequest } from '../clients/connection-shared.ts';
import { createResponder } from '../clients/dns-setup.ts';
import { ListenError } from '../clients/listen-error.ts';
import { Ports } from '../clients/ports.ts';
import { SharedAdmission } from '../core/admission/shared-admission.ts';
import { ReplyMaker } from '../core/query/reply-maker.ts';
import { served, type Verdict } from '../core/query/verdict.ts';
import { RosterReplica } from '../core/registry/roster-feed.ts';
import { GroupCommit, type Waiting } from '../group-commit.ts';
import { machineMs } from '../machine/clocks.ts';
import { decodeVerdicts, RequestBatch } from './batches.ts';
import { Link } from './link.ts';
import {
  type Answer,
  decodeJson,
  decodePermits,
  encodePermits,
  encodeReport,
  fromWorker,
  type Numbered,
  type PermitMessage,
  type Setup,
  toWorker,
  type WorkerQuestion,
} from './messages.ts';
import { RemoteZone, type ZoneAnswer } from './remote-zone.ts';

/** When no request goes to the main process, connections and counters are reported after this, ms. */
const reportDelayMs = 50;

/** How often to check whether the text of the full list may be dropped, and to report what was counted, ms. */
const blocksTickMs = 1_000;

/** What a worker needs of its process. */
export interface WorkerOptions {
  link: Socket;
  /** Gives a socket, with what was read from it, to the main process. */
  passOn: (socket: Socket, first: Buffer) => void;
  /** The main process is gone, or ends this worker. */
  ended: () => void;
}

/** Serves once the first frame, the setup, has come. */
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
  private readonly link: Link;
  private readonly replica: RosterReplica;
  private readonly replies: ReplyMaker;
  private readonly counters: Counters = createCounters();
  private readonly admission: SharedAdmission;
  private readonly groupCommit: GroupCommit;
  private readonly manager: ConnectionManager;
  private readonly ports: Ports;
  private readonly batch = new RequestBatch();
  private readonly zone: RemoteZone;
  private readonly access: Access;
  /** requests without a verdict, in order */
  private undecided: PendingRequest[] = [];
  /** as the main process last reported it */
  private isCatchingUp = false;
  /** as last reported to the main process */
  private readonly reported: { backlog: number; open: number; counters: Counters } = {
    backlog: 0,
    open: 0,
    counters: createCounters(),
  };
  private reporting: NodeJS.Timeout | null = null;

  constructor(setup: Setup, link: Link, passOn: WorkerOptions['passOn']) {
    this.link = link;
    this.replica = new RosterReplica(setup.rows);
    const { serverId, epoch, listsAll } = setup;
    this.replies = new ReplyMaker({
      roster: this.replica,
      serverId,
      epoch,
      listsAll,
      random: Math.random,
      isCatchingUp: () => this.isCatchingUp,
    });
    const send = (message: PermitMessage, count: number, incomplete = 0) => {
      // The pool and the console count what is in use by reports.
      this.report();
      link.send(fromWorker.permits, encodePermits(message, count, incomplete));
    };
    this.admission = new SharedAdmission(
      { limit: setup.connections, perSource: setup.perSource },
      {
        want: (count, isComplete) => send(isComplete ? 'wantComplete' : 'want', count),
        giveBack: (permits, isReply, incomplete) =>
          send(isReply ? 'returned' : 'repaid', permits, incomplete),
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
    this.zone = new RemoteZone((number, question) =>
      link.sendJson(fromWorker.zone, { number, ...question }),
    );
    const surroundings = { counters: this.counters, random: Math.random, now: machineMs };
    this.access = new Access(setup.access);
    // The main process reads the header of a load balancer again.
    const giveOn = (socket: Socket, first: Buffer) => {
      const header = this.manager.proxied.headerOf(socket);
      passOn(socket, header === null ? first : Buffer.concat([header, first]));
    };
    this.manager = new ConnectionManager({
      access: this.access,
      dns: setup.dns === null ? null : createResponder(setup.dns, this.zone, surroundings),
      admission: this.admission,
      counters: this.counters,
      groupCommit: this.groupCommit,
      now: () => performance.now(),
      replies: this.replies,
      decide: (request) => this.decide(request),
      refused: (source, { code, text }) =>
        link.sendJson(fromWorker.refused, { source, code, text }),
      greeted: (_source, line) => ({
        takeOver: (socket) => giveOn(socket, Buffer.from(`${line}\n`, 'latin1')),
      }),
      channel: null,
      handshakeFailed: () => {},
      passTls: giveOn,
    });
    this.ports = new Ports(this.manager, setup);
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
        this.replies.renumber(decodeJson<string>(body));
        break;
      case toWorker.access:
        this.access.configure(decodeJson<AccessLists>(body));
        break;
      case toWorker.zoneServers:
        this.manager.dns?.serveFrom(decodeJson<string[]>(body));
        break;
      case toWorker.finish:
        void this.finish();
        break;
      case toWorker.question: {
        const { number, ...question } = decodeJson<Numbered<WorkerQuestion>>(body);
        this.link.sendJson(fromWorker.answer, { number, ...this.answer(question) });
        break;
      }
      case toWorker.zone: {
        const { number, ...answer } = decodeJson<Numbered<ZoneAnswer>>(body);
        this.zone.answered(number, answer);
        break;
      }
      default:
        throw new RangeError(`frame ${type}`);
    }
  }

  private async listen(at: ListenAddress): Promise<void> {
    this.replica.completed();
    try {
      const bound = await this.ports.start(at, { isShared: true });
      this.link.sendJson(fromWorker.listening, bound);
      setInterval(() => {
        this.replica.views.tick();
        // Datagrams change no permits, which is what else makes it report.
        this.report();
      }, blocksTickMs);
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      const { code, message } = error;
      this.link.sendJson(fromWorker.failed, { code, message });
    }
  }

  private async finish(): Promise<void> {
    await this.ports.close();
    this.report();
    this.link.send(fromWorker.finished);
  }

  private answer(question: WorkerQuestion): Answer {
    switch (question.about) {
      case 'backlog':
        return { about: 'backlog', part: this.manager.backlog() };
      case 'close':
        return { about: 'close', closed: this.manager.closeConnection(question.serial) };
      case 'life':
        return { about: 'life' };
    }
  }

  /** A ping is decided here; any other request goes to the main process at the end of the group. */
  private decide(request: PendingRequest): Verdict | null {
    if (request.request?.verb === 'ping' && !request.isTurnedAway) {
      this.counters.pings++;
      return served;
    }
    this.batch.add(request);
    this.undecided.push(request);
    return null;
  }

  private sendRequests(): void {
    this.report();
    if (!this.batch.isEmpty) this.link.send(fromWorker.requests, this.batch.take());
  }

  private takeVerdicts(body: Buffer): void {
    const { failure, isCatchingUp, verdicts } = decodeVerdicts(body);
    this.isCatchingUp = isCatchingUp;
    const decided = this.undecided.splice(0, verdicts.length);
    const waiting = new Set<Waiting>();
    for (const [index, request] of decided.entries()) {
      const verdict = verdicts[index] as Verdict;
      request.reply = this.replies.replyTo(request.request, verdict, request.origin);
      waiting.add(request.waiting);
    }
    for (const each of waiting) each.release(failure);
  }

  private takePermits(body: Buffer): void {
    const { message, count } = decodePermits(body);
    if (message === 'grant') this.admission.grant(count);
    else if (message === 'deny') this.admission.deny(count);
    else if (message === 'recall') this.admission.recall();
    else if (message === 'yield') this.admission.yield(count);
    else if (message === 'reclaim') this.admission.reclaim(count);
    else if (message === 'divided') this.admission.divided(count);
    else throw new RangeError(`permit message ${message} is for the pool`);
  }

  private reportSoon(): void {
    this.reporting ??= setTimeout(() => {
      this.reporting = null;
      this.report();
    }, reportDelayMs);
  }

  /** Reports what changed since the last report. */
  private report(): void {
    const { backlog, open } = this.admission;
    const { counters, reported } = this;
    const counted = counterNames.map((name) => counters[name] - reported.counters[name]);
    const isNew =
      backlog !== reported.backlog || open !== reported.open || counted.some((count) => count > 0);
    if (!isNew) return;
    reported.backlog = backlog;
    reported.open = open;
    for (const name of counterNames) reported.counters[name] = counters[name];
    this.link.send(fromWorker.report, encodeReport({ backlog, open, counted }));
  }
}
