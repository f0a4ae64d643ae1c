// Answers DNS messages: decodes them, decides what is sent to a source that may be forged, asks the zone, encodes. One
// for each process; where the hosts come from is its `source`. Nothing that comes over the network makes it throw.

import type { Counters } from '../../shared/counters.ts';
import {
  type AnswerBody,
  type DnsAnswer,
  ednsBytes,
  encodeBody,
  encodeError,
  encodeMessage,
  encodeTruncated,
  udpLimit,
} from '../../shared/protocol/dns/dns-answer.ts';
import {
  extendedErrors,
  maxMessageBytes,
  rcodes,
  recordTypes,
} from '../../shared/protocol/dns/dns-codes.ts';
import { type DnsQuery, decodeQuery } from '../../shared/protocol/dns/dns-query.ts';
import type { DnsCookies } from '../core/dns/dns-cookies.ts';
import type { UnprovenLimits } from '../core/dns/dns-limits.ts';
import { isOfInternet, isOfSnapshot, refused, type Zone } from '../core/dns/zone.ts';
import type { NodeHost } from '../core/dns/zone-snapshot.ts';
import { kindsSeenFrom, type ZoneViews } from '../core/dns/zone-view.ts';

/** How a message came. */
export type DnsTransport = 'udp' | 'tcp';

/** Where hosts come from: the registry, or the process that has it. */
export interface ZoneSource {
  /** The zone, at most a few seconds old at `now`; null: it is not known. */
  views(now: number): ZoneViews | Promise<ZoneViews | null>;
  /** The node's hosts at addresses of `kinds`; null: they are not known. */
  node(
    label: string,
    kinds: number,
    now: number,
  ): readonly NodeHost[] | null | Promise<readonly NodeHost[] | null>;
}

/** What a responder is made of. */
export interface DnsResponderOptions {
  zone: Zone;
  source: ZoneSource;
  cookies: DnsCookies;
  limits: UnprovenLimits;
  counters: Counters;
  /** whether every host is listed to everybody */
  listsAll: boolean;
  /** numbers in [0, 1) */
  random: () => number;
  /** ms of the machine's monotonic clock, which all its processes share */
  now: () => number;
}

/** Where a message came from: IP words, as an address is packed. */
export interface DnsAsker {
  ip: Uint32Array;
}

/** An answer, or null: none is sent. */
type Response = Uint8Array | null;

/** This server cannot answer now; another one may. */
const notReady: DnsAnswer = {
  rcode: rcodes.servFail,
  extendedError: { code: extendedErrors.notReady, text: 'too busy; ask another name server' },
};

/** To a query without a question: what it asks for is in the EDNS. */
const onlyCookie: DnsAnswer = { rcode: rcodes.noError };

const badVersion: DnsAnswer = { rcode: rcodes.badVers };

/** A query, and how its answer is sent. */
interface Asked {
  query: DnsQuery;
  from: DnsAsker;
  now: number;
  /** bytes of the answer at most */
  limit: number;
  /** of the answer */
  cookie: Uint8Array | null;
  /** its source is no forged address */
  isProven: boolean;
}

/** Answers DNS messages. */
export class DnsResponder {
  private readonly options: DnsResponderOptions;

  constructor(options: DnsResponderOptions) {
    this.options = options;
  }

  /** The name servers of the zone have changed: `ip:port` of each, this one included. */
  serveFrom(servers: readonly string[]): void {
    this.options.zone.serveFrom(servers);
  }

  /**
   * The answer to a message; null: it gets none. A promise only where the hosts are in another process. `isBusy`:
   * there is no room for it, and its answer says so.
   */
  respond(
    packet: Uint8Array,
    from: DnsAsker,
    transport: DnsTransport,
    isBusy = false,
  ): Response | Promise<Response> {
    const { counters, limits, cookies } = this.options;
    const decoded = decodeQuery(packet);
    if (decoded === null) {
      counters.dnsDropped++;
      return null;
    }
    counters[transport === 'udp' ? 'dnsUdp' : 'dnsTcp']++;
    const cookie = decoded.kind === 'query' ? (decoded.query.edns?.cookie ?? null) : null;
    const now = this.options.now();
    const isKnown = cookie !== null && cookies.isValid(cookie, from.ip, now);
    const isProven = isKnown || transport === 'tcp';
    const limited = isProven ? 'answer' : limits.arrived(from.ip, packet.length, now);
    if (limited === 'drop') {
      counters.dnsLimited++;
      return null;
    }
    if (decoded.kind === 'error') {
      counters.dnsErrors++;
      return this.send(encodeError(decoded.header, decoded.rcode), isProven);
    }
    const { query } = decoded;
    const renewed = isKnown ? cookies.renew(cookie, from.ip, now) : null;
    const ownCookie = renewed ?? (cookie === null ? null : cookies.make(cookie, from.ip, now));
    const limit = transport === 'tcp' ? maxMessageBytes : udpLimit(query);
    const asked: Asked = { query, from, now, limit, cookie: ownCookie, isProven };
    if (limited === 'truncate') {
      counters.dnsLimited++;
      return this.truncate(asked);
    }
    const body = isBusy ? encode(notReady, asked) : this.answer(asked);
    return body instanceof Promise
      ? body.then((known) => this.deliver(known, asked))
      : this.deliver(body, asked);
  }

  private deliver(body: AnswerBody, asked: Asked): Uint8Array {
    const { query, cookie, isProven } = asked;
    const bytes = encodeMessage(query, body, cookie);
    if (!isProven && !this.options.limits.allows(bytes.length)) return this.truncate(asked);
    this.count(query, body);
    return this.send(bytes, isProven);
  }

  private truncate({ query, cookie, isProven }: Asked): Uint8Array {
    this.options.counters.dnsTruncated++;
    return this.send(encodeTruncated(query, cookie), isProven);
  }

  private send(bytes: Uint8Array, isProven: boolean): Uint8Array {
    if (!isProven) this.options.limits.sent(bytes.length);
    return bytes;
  }

  private answer(asked: Asked): AnswerBody | Promise<AnswerBody> {
    const { query, now } = asked;
    if (query.edns !== null && query.edns.version > 0) return encode(badVersion, asked);
    if (query.question.length === 0) return encode(onlyCookie, asked);
    if (!isOfInternet(query)) return encode(refused, asked);
    const views = this.options.source.views(now);
    if (!(views instanceof Promise)) return this.answerFrom(views, asked);
    return views.then((known) =>
      known === null ? encode(notReady, asked) : this.answerFrom(known, asked),
    );
  }

  /** An answer of this snapshot: one that was encoded before, where any of them will do. */
  private answerFrom(views: ZoneViews, asked: Asked): AnswerBody | Promise<AnswerBody> {
    const { query, from, now, limit, cookie } = asked;
    const { zone, source, listsAll, random } = this.options;
    const kinds = kindsSeenFrom(from.ip, listsAll);
    const room = limit - ednsBytes(query, cookie);
    const question = `${kinds} ${room} ${query.type} ${query.name}`;
    const kept = views.answers.find(question, random);
    if (kept !== null) return kept;
    const name = zone.find(query);
    const answer = (node: readonly NodeHost[] | null) => {
      const known = node === null ? null : { view: views.of(kinds), node };
      return encode(
        known === null ? notReady : zone.answer(query, name, known, { random, now }),
        asked,
      );
    };
    if (name.kind === 'node') {
      const node = source.node(name.label, kinds, now);
      return node instanceof Promise ? node.then(answer) : answer(node);
    }
    const made = answer([]);
    if (isOfSnapshot(name)) views.answers.keep(question, made);
    return made;
  }

  private count({ type }: DnsQuery, { rcode }: AnswerBody): void {
    const { counters } = this.options;
    if (rcode === rcodes.nxDomain) counters.dnsUnknown++;
    else if (rcode === rcodes.servFail) counters.dnsBusy++;
    else if (rcode !== rcodes.noError) counters.dnsErrors++;
    else if (type === recordTypes.A) counters.dnsA++;
    else if (type === recordTypes.AAAA) counters.dnsAaaa++;
    else if (type === recordTypes.SRV) counters.dnsSrv++;
    else if (type === recordTypes.TXT) counters.dnsTxt++;
    else counters.dnsOther++;
  }
}

function encode(answer: DnsAnswer, { query, limit, cookie }: Asked): AnswerBody {
  return encodeBody(query, answer, limit - ednsBytes(query, cookie, answer.extendedError));
}
