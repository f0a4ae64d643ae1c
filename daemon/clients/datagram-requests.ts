// Native requests in datagrams (PROTOCOL.md, "Datagrams"). Before anything is decoded, a cookie has to prove where a
// request comes from; until then nothing is registered, and no answer is longer than its question. Then it is one in
// the backlog like that of a connection: decided, committed, answered. A request that comes again is not carried out
// again: it is dropped while its answer is on the way, and gets the same answer afterwards.

import { sourceOf } from '../../shared/protocol/address-kind.ts';
import {
  encodeDatagramReply,
  isForSample,
  queryInDatagram,
} from '../../shared/protocol/datagram-reply.ts';
import { type DatagramRequest, openDatagram } from '../../shared/protocol/datagram-request.ts';
import type { Refusal, Reply, Request } from '../../shared/protocol/message.ts';
import { SourceCookies } from '../../shared/protocol/source-cookies.ts';
import type { Guest, Place } from '../core/admission/admission.ts';
import { unstored } from '../core/query/reply-maker.ts';
import { type Origin, served } from '../core/query/verdict.ts';
import { Link } from '../core/timing/linked-set.ts';
import type { Waiting } from '../group-commit.ts';
import { machineMs } from '../machine/clocks.ts';
import type { Access } from './access.ts';
import type { ConnectionShared, PendingRequest } from './connection-shared.ts';
import { type DatagramSource, Datagrams } from './datagrams.ts';
import { dnsIn } from './dns-datagrams.ts';
import { RecentReplies } from './recent-replies.ts';
import { backSeconds } from './reply-writer.ts';

type Send = (bytes: Uint8Array) => void;

/** What datagrams share with the connections of their process. */
export type DatagramShared = Pick<
  ConnectionShared<never>,
  'admission' | 'counters' | 'groupCommit' | 'replies' | 'ask' | 'refused'
>;

/**
 * Unanswered requests of one source in each process; more are dropped, and their nodes send them again. Each waits
 * for one commit, a few milliseconds, so a carrier's address gets thousands of answers a second, and a third of the
 * default backlog at most.
 */
const maxUnanswered = 32;

/** The native requests of one process that come in datagrams. */
export class DatagramRequests {
  private readonly shared: DatagramShared;
  private readonly cookies: SourceCookies;
  private readonly now: () => number;
  /** Not answered yet, by where they come from and their text. */
  private readonly unanswered = new Map<string, UnansweredRequest>();
  /** How many of them each source has. */
  private readonly ofSource = new Map<string, number>();
  private readonly recent = new RecentReplies();
  private lastNumber = 0;
  /** Called when the last one is answered, while the server stops. */
  private emptied: (() => void) | null = null;

  /** `now`: monotonic milliseconds */
  constructor(shared: DatagramShared, cookies: SourceCookies, now: () => number) {
    this.shared = shared;
    this.cookies = cookies;
    this.now = now;
  }

  /** A native datagram arrived. */
  receive(bytes: Buffer, source: DatagramSource, send: Send): void {
    const datagram = openDatagram(bytes);
    if (datagram === null) this.shared.counters.datagramsIgnored++;
    else if (datagram.cookie !== null && this.cookies.isValid(datagram.cookie, source.ip))
      this.take(datagram, source, send);
    else this.answerUnproved(datagram, bytes.length, source, send);
  }

  /** Resolves when everything is answered. Nothing may arrive any more. */
  async finish(): Promise<void> {
    if (this.unanswered.size === 0) return;
    await new Promise<void>((resolve) => {
      this.emptied = resolve;
    });
  }

  /** Nothing that is longer than the datagram: its source address may be a victim's. */
  private answerUnproved(
    { id, isPing, decode }: DatagramRequest,
    room: number,
    { ip }: DatagramSource,
    send: Send,
  ): void {
    const { counters, replies } = this.shared;
    const request = isPing ? decode() : null;
    if (request !== null && 'verb' in request) {
      const reply = replies.replyTo(request, served, { ip, dialect: 'udp' });
      const pong = encodeDatagramReply(reply, id);
      if (pong.length <= room) {
        counters.pings++;
        send(pong);
        return;
      }
    }
    const challenge = this.cookies.challenge(ip, id, room);
    if (challenge === null) {
      counters.datagramsIgnored++;
      return;
    }
    counters.cookiesSent++;
    send(challenge);
  }

  private take(datagram: DatagramRequest, source: DatagramSource, send: Send): void {
    const key = `${source.from} ${source.port} ${datagram.text}`;
    // Retransmitted: the answer to the first one is on its way.
    if (this.unanswered.has(key)) return;
    const { counters, refused } = this.shared;
    const sourceName = sourceOf(source.ip);
    const ofSource = this.ofSource.get(sourceName) ?? 0;
    if (ofSource >= maxUnanswered) {
      counters.datagramsIgnored++;
      return;
    }
    const repeated = this.recent.get(key, this.now());
    if (repeated !== null) {
      send(repeated);
      return;
    }
    const decoded = datagram.decode();
    if ('code' in decoded) {
      counters.malformed++;
      refused(source.from, decoded);
      send(encodeDatagramReply({ kind: 'error', ...decoded }, datagram.id));
      return;
    }
    // What waits for its commit must not keep the datagram, whose memory would then outlive many collections.
    const { id } = datagram;
    const isSample = isForSample(decoded);
    const request = new UnansweredRequest(
      this.shared,
      {
        request: queryInDatagram(decoded),
        ip: source.ip,
        busySeconds: backSeconds(++this.lastNumber),
      },
      (reply) => {
        this.unanswered.delete(key);
        this.forget(sourceName);
        if (reply !== null) {
          const bytes = encodeDatagramReply(reply, id, isSample);
          // Without an id, the same text may be a new request.
          if (id !== null && isCarriedOut(reply)) this.recent.add(key, bytes, this.now());
          send(bytes);
        }
        if (this.unanswered.size === 0) this.emptied?.();
      },
    );
    this.unanswered.set(key, request);
    this.ofSource.set(sourceName, ofSource + 1);
    request.begin();
  }

  /** One request of the source is answered. */
  private forget(source: string): void {
    const left = (this.ofSource.get(source) ?? 0) - 1;
    if (left > 0) this.ofSource.set(source, left);
    else this.ofSource.delete(source);
  }
}

/** Whether the request may have changed the registry; others may succeed when they come again. */
function isCarriedOut(reply: Reply): boolean {
  return reply.kind === 'ok' || (reply.kind === 'hosts' && reply.failure === null);
}

/** The datagrams of a process at the port of its connections, which share `manager`. `cookieKey`: of createCookieKey. */
export function createDatagrams(
  manager: DatagramShared & Pick<ConnectionShared<never>, 'dns'> & { access: Access },
  cookieKey: string,
): Datagrams {
  const native = new DatagramRequests(manager, new SourceCookies(cookieKey, machineMs), machineMs);
  return new Datagrams({ native, dns: dnsIn(manager) }, manager);
}

/** A proved request: a guest of the backlog from its arrival to its reply. */
class UnansweredRequest implements Guest, Waiting, PendingRequest {
  readonly source: string;
  readonly request: Request;
  readonly origin: Origin;
  readonly waiting = this;
  place: Place | null = null;
  readonly link: Link<Guest> = new Link<Guest>(this);
  isTurnedAway = false;
  reply: Reply | null = null;
  private readonly shared: DatagramShared;
  private readonly busySeconds: number;
  private readonly answered: (reply: Reply | null) => void;

  /** `answered` is called once, with the reply; null: there is none. */
  constructor(
    shared: DatagramShared,
    { request, ip, busySeconds }: { request: Request; ip: Uint32Array; busySeconds: number },
    answered: (reply: Reply | null) => void,
  ) {
    this.shared = shared;
    this.request = request;
    this.origin = { ip, dialect: 'udp' };
    this.source = sourceOf(ip);
    this.busySeconds = busySeconds;
    this.answered = answered;
  }

  begin(): void {
    const { admission } = this.shared;
    if (!admission.enter(this)) {
      this.shared.counters.busy++;
      this.giveWay();
    } else if (admission.ask(this)) {
      this.decide();
    } else {
      const hasRoom = admission.seek(this, true);
      // Null: `proceed` is called later.
      if (hasRoom !== null) this.proceed(hasRoom);
    }
  }

  proceed(hasRoom: boolean): void {
    if (this.place === null) return;
    this.isTurnedAway = !(hasRoom && this.shared.admission.ask(this));
    this.decide();
  }

  evict(): void {
    this.shared.counters.evicted++;
    this.answered(null);
  }

  giveWay(): void {
    this.leave({ kind: 'busy', seconds: this.busySeconds });
  }

  release(failure: Refusal | null): void {
    if (this.reply !== null) this.leave(failure ? unstored(this.reply, failure) : this.reply);
  }

  private decide(): void {
    const { shared } = this;
    shared.admission.moveTo(this, 'deciding');
    shared.ask(this);
    shared.groupCommit.add(this);
  }

  private leave(reply: Reply): void {
    this.shared.admission.leave(this);
    this.answered(reply);
  }
}
