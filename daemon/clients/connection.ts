// One client's connection: the dialect that its first byte chooses makes requests from its bytes; their replies leave
// in the order of the requests, each once it is known and committed. Every wait has a deadline, and after an error the
// connection closes.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { sourceOf } from '../../shared/protocol/address-kind.ts';
import { native, noDialect, tlsFirstByte } from '../../shared/protocol/dialect.ts';
import { maxRequestsPerConnection } from '../../shared/protocol/limits.ts';
import type {
  Decoder,
  Dialect,
  Refusal,
  Reply,
  Request,
  RequestSink,
} from '../../shared/protocol/message.ts';
import { type Guest, isInBacklog, type Place } from '../core/admission/admission.ts';
import type { Origin } from '../core/query/verdict.ts';
import { Link } from '../core/timing/linked-set.ts';
import { Deadline } from '../core/timing/timing.ts';
import type { Waiting } from '../group-commit.ts';
import { type BacklogConnection, type ConnectionShared, trafficOf } from './connection-shared.ts';
import { DnsAnswers } from './dns-answers.ts';
import { backSeconds, isLast, overdue, ReplyWriter, tooMany } from './reply-writer.ts';

/** What went wrong shows in 'close'; without a listener an 'error' would end the process. */
function ignored(): void {}

/** Bytes read ahead of replies: the process that decides may wait for its disk, and many clients may ask. */
const maxReadAhead = 65_536;

/** A client's connection. */
export class Connection implements Guest, Waiting, RequestSink {
  readonly source: string;
  /** the client's IP address, as the system writes it */
  readonly from: string;
  readonly serial: number;
  place: Place | null = null;
  readonly link: Link<Guest> = new Link<Guest>(this);
  /** among all connections */
  readonly member = new Link<Connection>(this);
  /** its client has to ask, to ask again, or to close by then */
  readonly clientDeadline = new Deadline<Connection>(this);
  readonly writeDeadline = new Deadline<Connection>(this);
  /** inside TLS once that has begun */
  private socket: Socket;
  private readonly shared: ConnectionShared<Connection>;
  readonly ip: Uint32Array;
  private dialect: Dialect = native;
  private decoder: Decoder | null = null;
  /** null for DNS */
  private origin: Origin | null = null;
  private dns: DnsAnswers | null = null;
  private readonly writer: ReplyWriter;
  private requests = 0;
  /** bytes read since replies are pending, or since the last reply was written */
  private readAhead = 0;
  /** when it entered the backlog, monotonic */
  private askedAt = 0;
  private hasInputEnded = false;
  /** Nothing more is read: its last reply is known or on its way, or it is another owner's. */
  private isClosing = false;
  /** Complete messages that wait to hear whether the backlog has room, in order; null: none is waited for. */
  private held: (() => void)[] | null = null;
  /** The backlog had no room: nothing is registered for it. */
  private isTurnedAway = false;

  /** `from`: where `socket` comes from; `ip`: the same, packed; `serial`: its number in this process. */
  constructor(
    socket: Socket,
    shared: ConnectionShared<Connection>,
    from: string,
    ip: Uint32Array,
    serial: number,
  ) {
    this.socket = socket;
    this.shared = shared;
    this.from = from;
    this.source = sourceOf(ip);
    this.serial = serial;
    this.writer = new ReplyWriter(shared.scheduler, () => this.write(false));
    this.ip = ip;
    this.listen('on');
    shared.requestDeadline.start(this, shared.now());
  }

  private listen(verb: 'on' | 'off'): void {
    this.socket[verb]('data', this.receive)[verb]('end', this.inputEnded);
    this.socket[verb]('error', ignored)[verb]('close', this.closed);
  }

  evict(): void {
    this.shared.counters.evicted++;
    this.socket.destroy();
  }

  giveWay(): void {
    this.shared.counters.displaced++;
    this.shared.requestDeadline.stop(this);
    if (this.hasReplies) this.discard();
    else this.close({ kind: 'busy', seconds: backSeconds(this.serial) });
  }

  /** Ends without a reply. */
  private discard(): void {
    this.writer.discard();
    this.socket.destroy();
  }

  /** The request did not arrive in time; a connection without a byte gets no reply. */
  requestOverdue(): void {
    this.shared.counters.timedOut++;
    if (this.decoder === null) this.socket.destroy();
    else this.close(overdue);
  }

  /** Ends a connection that was idle, did not read or lingered for too long, or that an operator closes. */
  drop(): void {
    this.socket.destroy();
  }

  /** The server is stopping: requests in flight are still answered, then the connection closes. */
  finish(): void {
    this.isClosing = true;
    if (!this.hasReplies) this.shared.closeGently(this, this.socket);
  }

  release(failure: Refusal | null): void {
    const released = this.writer.release(failure, this.dialect);
    if (released === 'none') return;
    if (released === 'last') this.isClosing = true;
    this.startWriting();
  }

  private readonly startWriting = (): void => {
    if (this.socket.destroyed) return;
    this.shared.writeDeadline.start(this, this.shared.now());
    this.write(true);
  };

  private readonly receive = (chunk: Buffer): void => {
    if (this.isClosing) return;
    if (this.decoder === null && this.beginsTls(chunk)) return;
    if (this.decoder === null && !this.chooseDialect(chunk[0] as number)) return;
    const now = this.shared.now();
    const isNew = this.place === 'silent' || this.place === 'idle';
    if (isNew) this.askedAt = now;
    if (isNew && !this.shared.admission.ask(this)) {
      this.seekRoom(chunk);
      return;
    }
    this.begin(now);
    this.decoder?.push(chunk);
    this.readAhead = this.writer.hasPending ? this.readAhead + chunk.length : 0;
    this.haveRead();
  };

  /** It is in the backlog. */
  private begin(now: number): void {
    this.shared.idleDeadline.stop(this);
    this.shared.requestDeadline.start(this, now);
  }

  /** The bytes read so far are decoded. */
  private haveRead(): void {
    const { requestDeadline, admission, now } = this.shared;
    if (this.decoder?.pending === false || this.isClosing) requestDeadline.stop(this);
    else requestDeadline.start(this, now());
    if (this.place === 'reading' && !this.isClosing) admission.remainsIncomplete(this);
    if (this.readAhead <= maxReadAhead) return;
    // The next request may be incomplete because it is not read: not the client's fault.
    requestDeadline.stop(this);
    this.socket.pause();
  }

  /**
   * The backlog is full. The chunk is decoded all the same, because a complete request goes before incomplete ones,
   * and a peer is let in.
   */
  private seekRoom(chunk: Buffer): void {
    this.held = [];
    this.decoder?.push(chunk);
    // A peer by now, or refused.
    if (this.held === null) return;
    const hasRoom = this.shared.admission.seek(this, this.hasHeldMessage);
    if (hasRoom === null) this.socket.pause();
    else this.proceed(hasRoom);
  }

  proceed(hasRoom: boolean): void {
    const { held, shared } = this;
    if (held === null) return;
    this.socket.resume();
    this.held = null;
    if (hasRoom && shared.admission.ask(this)) {
      this.begin(shared.now());
      for (const carryOut of held) carryOut();
      this.haveRead();
    } else {
      this.isTurnedAway = true;
      for (const carryOut of held) carryOut();
      if (!this.isClosing) this.ask(null);
    }
    if (this.hasInputEnded) this.inputEnded();
  }

  /** Whether a complete message waits for room in the backlog. */
  private get hasHeldMessage(): boolean {
    return this.held !== null && this.held.length > 0;
  }

  /**
   * Whether TLS begins here: then it is the same connection, without a byte yet until the first one from inside, and
   * its deadline goes on.
   */
  private beginsTls(first: Buffer): boolean {
    const { passTls } = this.shared;
    if (first[0] !== tlsFirstByte || this.isEncrypted) return false;
    if (passTls !== null) {
      passTls(this.depart(), first);
      return true;
    }
    this.listen('off');
    const inside = this.shared.startTls(this, this.socket, first);
    if (inside !== null) this.socket = inside;
    this.listen('on');
    return inside !== null;
  }

  private get isEncrypted(): boolean {
    return this.socket instanceof TLSSocket;
  }

  private chooseDialect(firstByte: number): boolean {
    const dialect = this.shared.dialectFor(this, firstByte);
    const { dns } = this.shared;
    if (dialect === null) {
      this.refuse(noDialect(firstByte));
      return false;
    }
    this.dialect = dialect;
    if (dialect.name !== 'dns') this.origin = { ip: this.ip, dialect: dialect.name };
    else if (dns !== null) this.dns = new DnsAnswers(dns, this, this.writer, this.startWriting);
    this.decoder = dialect.createDecoder(this);
    return true;
  }

  request(request: Request): void {
    this.take(() => this.ask(request));
  }

  dnsMessage(message: Uint8Array): void {
    this.take(() => this.dns?.ask(message, this.isTurnedAway));
  }

  /** Takes in a complete message: `answer` has it answered. */
  private take(answer: () => void): void {
    if (this.isClosing) return;
    if (this.held !== null) {
      this.held.push(() => this.take(answer));
      return;
    }
    this.shared.admission.moveTo(this, 'deciding');
    // Each request has a deadline of its own, from its first byte; more bytes do not extend it.
    this.shared.requestDeadline.stop(this);
    this.requests++;
    answer();
    if (!this.dialect.keepsOpen) this.isClosing = true;
    if (this.requests === maxRequestsPerConnection) this.close(tooMany);
  }

  /** Has a request decided; null: an incomplete one that is turned away. */
  private ask(request: Request | null): void {
    const { shared, origin, isTurnedAway } = this;
    if (origin === null) {
      // No redirect and no delay can be said in DNS.
      this.close({ kind: 'busy', seconds: 1 });
      return;
    }
    const pending = { request, origin, isTurnedAway, waiting: this, reply: null as Reply | null };
    shared.ask(pending);
    this.writer.add(pending);
    if (pending.reply === null ? isTurnedAway : isLast(pending.reply)) this.isClosing = true;
    shared.groupCommit.add(this);
  }

  sync(line: string): void {
    if (this.isClosing) return;
    if (this.hasHeldMessage) {
      this.held?.push(() => this.sync(line));
      return;
    }
    const entry = this.shared.greeted(this.from, line, this.isEncrypted);
    if ('code' in entry) this.refuse(entry);
    else entry.takeOver(this.depart());
  }

  /** Gives the socket to another owner. */
  private depart(): Socket {
    this.isClosing = true;
    this.held = null;
    this.hasInputEnded = false;
    this.listen('off');
    this.socket.removeAllListeners('drain');
    this.shared.forget(this);
    return this.socket;
  }

  refuse(refusal: Refusal): void {
    if (this.isClosing) return;
    if (this.hasHeldMessage) {
      this.held?.push(() => this.refuse(refusal));
      return;
    }
    this.shared.counters.malformed++;
    this.shared.refused(this.from, refusal);
    this.close({ kind: 'error', ...refusal });
  }

  /** Sends a last reply after those that are pending, then closes. */
  private close(reply: Reply): void {
    this.isClosing = true;
    this.held = null;
    this.writer.add({ reply });
    this.shared.groupCommit.add(this);
  }

  private readonly inputEnded = (): void => {
    this.hasInputEnded = true;
    // A paused socket reports its end, too, when nothing comes before it.
    if (this.held !== null) return;
    if (!this.hasReplies) this.shared.closeGently(this, this.socket);
  };

  private write(isFirst: boolean): void {
    this.writer.write(this.socket, isFirst);
    if (!this.writer.isWriting) {
      this.written();
      return;
    }
    this.shared.admission.moveTo(this, 'writing');
    // A client that does not read its replies is not read from either.
    this.socket.pause();
  }

  /** All known replies are with the kernel or in the socket's buffer. */
  private written(): void {
    this.shared.writeDeadline.stop(this);
    if (this.writer.hasPending) this.shared.admission.moveTo(this, 'deciding');
    else this.allAnswered();
    const wasAhead = this.readAhead > maxReadAhead;
    this.readAhead = 0;
    if (wasAhead) this.haveRead();
    this.socket.resume();
  }

  private allAnswered(): void {
    const { admission, idleDeadline, now } = this.shared;
    if (this.isClosing || this.hasInputEnded) this.shared.closeGently(this, this.socket);
    else if (this.decoder?.pending === false) {
      admission.answered(this);
      idleDeadline.start(this, now());
    } else {
      // The next request has begun.
      this.askedAt = now();
      admission.moveTo(this, 'reading');
      admission.remainsIncomplete(this);
    }
  }

  /** Null when it is not in the backlog. */
  inBacklog(): BacklogConnection | null {
    const { socket, writer, shared } = this;
    if (!isInBacklog(this) || socket.destroyed) return null;
    return {
      serial: this.serial,
      dialect: this.dialect.name,
      encrypted: this.isEncrypted,
      stage: writer.isWriting ? 'writing' : writer.hasPending ? 'deciding' : 'reading',
      since: shared.wallTime.at(this.askedAt),
      waitedMs: Math.round(shared.now() - this.askedAt),
      requests: this.requests,
      ...trafficOf(socket, this.from),
    };
  }

  /** Whether some reply is not with the kernel. */
  private get hasReplies(): boolean {
    return this.writer.hasPending || this.writer.isWriting;
  }

  private readonly closed = (): void => {
    if (this.hasReplies) this.shared.counters.aborted++;
    this.discard();
    this.shared.forget(this);
  };
}
