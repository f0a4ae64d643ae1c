// Answers DNS messages: decodes them, decides what is sent to a source that may be forged, asks the zone, encodes. One
// for each process; where the hosts come from is its `source`. Nothing that comes over the network makes it throw.

import type { Counters } from '../../shared/counters.ts';
import {
  type DnsAnswer,
  encodeAnswer,
  encodeError,
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
import { isOfInternet, refused, type Zone, type ZoneName } from '../core/dns/zone.ts';
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

const badVersion: DnsAnswer = { rcode: rcodes.badVers };

/** Answers DNS messages. */
export class DnsResponder {
  private readonly options: DnsResponderOptions;

  constructor(options: DnsResponderOptions) {
    this.options = options;
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
    const send = (bytes: Uint8Array): Uint8Array => {
      if (!isProven) limits.sent(bytes.length);
      return bytes;
    };
    if (decoded.kind === 'error') {
      counters.dnsErrors++;
      return send(encodeError(decoded.header, decoded.rcode));
    }
    const { query } = decoded;
    const renewed = isKnown ? cookies.renew(cookie, from.ip, now) : null;
    const ownCookie = renewed ?? (cookie === null ? null : cookies.make(cookie, from.ip, now));
    const limit = transport === 'tcp' ? maxMessageBytes : udpLimit(query);
    const truncated = () => {
      counters.dnsTruncated++;
      return send(encodeTruncated(query, ownCookie));
    };
    if (limited === 'truncate') {
      counters.dnsLimited++;
      return truncated();
    }
    const encode = (answer: DnsAnswer): Uint8Array => {
      const bytes = encodeAnswer(query, answer, { limit, cookie: ownCookie });
      if (!isProven && !limits.allows(bytes.length)) return truncated();
      this.count(query, answer);
      return send(bytes);
    };
    const answer = isBusy ? notReady : this.answer(query, from, now);
    return answer instanceof Promise ? answer.then(encode) : encode(answer);
  }

  private answer(query: DnsQuery, from: DnsAsker, now: number): DnsAnswer | Promise<DnsAnswer> {
    const { zone, source, listsAll } = this.options;
    if (query.edns !== null && query.edns.version > 0) return badVersion;
    const name = zone.find(query);
    if (!isOfInternet(query) || name.kind === 'outside') return refused;
    const kinds = kindsSeenFrom(from.ip, listsAll);
    const views = source.views(now);
    const node = name.kind === 'node' ? source.node(name.label, kinds, now) : [];
    if (!(views instanceof Promise) && !(node instanceof Promise))
      return node === null ? notReady : this.ask(query, name, views, node, kinds, now);
    return Promise.all([views, node]).then(([seen, hosts]) =>
      seen === null || hosts === null ? notReady : this.ask(query, name, seen, hosts, kinds, now),
    );
  }

  private ask(
    query: DnsQuery,
    name: ZoneName,
    views: ZoneViews,
    node: readonly NodeHost[],
    kinds: number,
    now: number,
  ): DnsAnswer {
    const { zone, random } = this.options;
    return zone.answer(query, name, { view: views.of(kinds), node }, { random, now });
  }

  private count({ type }: DnsQuery, { rcode }: DnsAnswer): void {
    const { counters } = this.options;
    if (rcode === rcodes.nxDomain) counters.dnsUnknown++;
    else if (rcode !== rcodes.noError) counters.dnsErrors++;
    else if (type === recordTypes.A) counters.dnsA++;
    else if (type === recordTypes.AAAA) counters.dnsAaaa++;
    else if (type === recordTypes.SRV) counters.dnsSrv++;
    else if (type === recordTypes.TXT) counters.dnsTxt++;
    else counters.dnsOther++;
  }
}
