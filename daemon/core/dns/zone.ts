// The zone (PROTOCOL.md, "DNS"): which names there are, and which records each has. Pure: what hosts there are, the time
// and randomness come in. An answer of addresses or services is a random sample, so it never needs to be truncated.

import { parseAddress } from '../../../shared/protocol/address.ts';
import { kindByFamily } from '../../../shared/protocol/address-kind.ts';
import type { DnsAnswer } from '../../../shared/protocol/dns/dns-answer.ts';
import {
  classIn,
  extendedErrors,
  rcodes,
  recordTypes,
} from '../../../shared/protocol/dns/dns-codes.ts';
import { type DnsQuery, labelsOf } from '../../../shared/protocol/dns/dns-query.ts';
import type { DnsRecord, RecordData } from '../../../shared/protocol/dns/message-writer.ts';
import { ipBytes, type NodeHost, type ZoneHost } from './zone-snapshot.ts';
import { distinctIps, type Transport, type ZoneView } from './zone-view.ts';

/** Most records of one answer: addresses of 16 hosts fit 512 bytes in either family. */
export const maxRecords = 16;

/** TTLs in seconds. Below a minute a zone looks like the fast flux of botnets; a host's own time is an hour. */
export const ttlSeconds = { least: 60, most: 3_600 } as const;

/** For how long a resolver may remember that there is no such name: a node may register at any time. */
const negativeSeconds = 60;

/** Of the zone's servers, which are in its configuration. */
const serversSeconds = 3_600;

const times = { refresh: 3_600, retry: 600, expire: 86_400, negative: negativeSeconds };

/** Types that ask for a transfer, or are no types of records (RFC 6895 §3.1). */
const firstMetaType = 249;
const lastMetaType = 254;

/** A name server of the zone. */
interface ZoneServer {
  /** `ns1.dynamo.` */
  name: string;
  addresses: readonly ServerAddress[];
}

/** The bytes of an IP, and its kind by family. */
interface ServerAddress {
  ip: readonly number[];
  kind: number;
}

/** What a name in the zone stands for. */
export type ZoneName =
  | { kind: 'apex' | 'status' | 'nothing' | 'unknown' | 'outside' }
  | { kind: 'services'; transport: Transport }
  | { kind: 'server'; server: ZoneServer }
  | { kind: 'node'; label: string };

/** Whether the answers about a name depend on the snapshot alone: there are few such names. */
export function isOfSnapshot({ kind }: ZoneName): boolean {
  return kind === 'apex' || kind === 'services' || kind === 'status' || kind === 'server';
}

/** What an asker may see of the network, and of the node that it asks for. */
export interface Known {
  view: ZoneView;
  /** hosts of the node in the question, the best first; empty if the question is about none */
  node: readonly NodeHost[];
}

/** Randomness in [0, 1), and the time, on the clock of the hosts' `until`. */
interface Chance {
  random: () => number;
  now: number;
}

/** One zone, and the name servers that it is served by. */
export class Zone {
  /** with a dot at the end, lower-case */
  readonly name: string;
  private readonly labels: readonly string[];
  private readonly own: readonly string[];
  private servers: readonly ZoneServer[] = [];

  /**
   * `addresses`: `ip:port` of each name server; one at 0.0.0.0 or :: is left out. `own`: the addresses of this one if
   * it is there and no other is known.
   */
  constructor(name: string, addresses: readonly string[], own: readonly string[] = []) {
    this.name = name;
    this.labels = name.slice(0, -1).split('.');
    this.own = own;
    this.serveFrom(addresses);
  }

  /** It is served by other name servers from now on; `addresses` as in the constructor. */
  serveFrom(addresses: readonly string[]): void {
    this.servers = serversOf(this.name, addresses, this.own);
  }

  /** What the name in the question stands for. */
  find(query: DnsQuery): ZoneName {
    const labels = labelsOf(query);
    const depth = labels.length - this.labels.length;
    for (const [index, label] of this.labels.entries())
      if (labels[depth + index] !== label) return { kind: 'outside' };
    const [first = '', second] = labels.slice(0, Math.max(0, depth));
    if (depth === 0) return { kind: 'apex' };
    const transport = transportOf(depth === 2 ? second : first);
    if (depth === 2 && first === '_dynamo' && transport !== null)
      return { kind: 'services', transport };
    if (depth > 1) return { kind: 'unknown' };
    if (first === '_status') return { kind: 'status' };
    // There is a name below it (RFC 8020).
    if (transport !== null) return { kind: 'nothing' };
    const server = this.servers.find(({ name }) => name === `${first}.${this.name}`);
    return server === undefined ? { kind: 'node', label: first } : { kind: 'server', server };
  }

  /** The answer to a question of class IN about `name`. `random` gives numbers in [0, 1), `now` is on the clock of `until`. */
  answer({ type }: DnsQuery, name: ZoneName, known: Known, chance: Chance): DnsAnswer {
    if (name.kind === 'outside' || (type >= firstMetaType && type <= lastMetaType)) return refused;
    const isUnknown = name.kind === 'unknown' || (name.kind === 'node' && known.node.length === 0);
    if (isUnknown) return this.negative(rcodes.nxDomain, known);
    if (type === recordTypes.ANY) return minimal;
    const answer = this.records(type, name, known, chance);
    return answer === null || answer.answers?.length === 0
      ? this.negative(rcodes.noError, known)
      : { rcode: rcodes.noError, isAuthoritative: true, ...answer };
  }

  private records(
    type: number,
    name: ZoneName,
    known: Known,
    chance: Chance,
  ): Omit<DnsAnswer, 'rcode'> | null {
    switch (name.kind) {
      case 'apex':
        if (type === recordTypes.SOA) return { answers: [{ record: this.soa(known) }] };
        if (type === recordTypes.NS) return this.nameServers(known);
        if (type === recordTypes.SRV) return this.sample(known.view.services.any, chance);
        return this.network(type, known, chance);
      case 'services':
        if (type !== recordTypes.SRV) return null;
        return this.sample(known.view.services[name.transport], chance);
      case 'status':
        return type === recordTypes.TXT ? status(known) : null;
      case 'server':
        return { answers: addressesOf(name.server, null, known, type) };
      case 'node':
        return this.node(type, known, chance.now);
      default:
        return null;
    }
  }

  /** Random addresses of the network. */
  private network(
    type: number,
    { view }: Known,
    { random, now }: Chance,
  ): Omit<DnsAnswer, 'rcode'> | null {
    const length = addressLength(type);
    if (length === null) return null;
    const hosts = length === 4 ? view.ipv4 : view.ipv6;
    return { answers: addresses(pick(hosts, random), now), isSample: true };
  }

  /** Random services among `hosts`. */
  private sample(hosts: readonly ZoneHost[], { random, now }: Chance): Omit<DnsAnswer, 'rcode'> {
    return { answers: this.services(pick(hosts, random), now), isSample: true };
  }

  /** Where one node is: its proved and latest hosts first. */
  private node(type: number, { node }: Known, now: number): Omit<DnsAnswer, 'rcode'> | null {
    if (type === recordTypes.SRV) return { answers: this.services(node, now) };
    if (type === recordTypes.TXT) return { answers: texts(node, now) };
    const length = addressLength(type);
    if (length === null) return null;
    return { answers: addresses(distinctIps(node.filter(({ ip }) => ip.length === length)), now) };
  }

  private services(hosts: readonly ZoneHost[], now: number) {
    const ttl = ttlOf(hosts, now);
    return hosts.map((host) => {
      const target = `${host.label}.${this.name}`;
      const record: DnsRecord = {
        owner: null,
        ttl,
        data: { type: 'SRV', port: host.port, target },
      };
      return { record, glue: { owner: target, ttl, data: addressData(host.ip) } };
    });
  }

  private nameServers(known: Known): Omit<DnsAnswer, 'rcode'> {
    const answers = this.servers.map(({ name }) => ({
      record: { owner: null, ttl: serversSeconds, data: { type: 'NS', target: name } } as DnsRecord,
    }));
    const additional = this.servers.flatMap((server) =>
      addressesOf(server, server.name, known, null).map(({ record }) => record),
    );
    return { answers, additional };
  }

  private soa({ view }: Known): DnsRecord {
    const primary = this.servers[0]?.name ?? this.name;
    const mailbox = `hostmaster.${this.name}`;
    const data: RecordData = { type: 'SOA', primary, mailbox, serial: view.serial, times };
    return { owner: this.name, ttl: negativeSeconds, data };
  }

  private negative(rcode: DnsAnswer['rcode'], known: Known): DnsAnswer {
    return { rcode, isAuthoritative: true, authority: [this.soa(known)] };
  }
}

/** The answer to a question that this server has no answer to, and no other server either. */
export const refused: DnsAnswer = {
  rcode: rcodes.refused,
  extendedError: { code: extendedErrors.notAuthoritative, text: 'outside the zone' },
};

/** To ANY (RFC 8482): something, so that nobody asks again, and nothing to amplify. */
const minimal: DnsAnswer = {
  rcode: rcodes.noError,
  isAuthoritative: true,
  answers: [
    {
      record: {
        owner: null,
        ttl: ttlSeconds.most,
        data: { type: 'HINFO', cpu: 'RFC8482', os: '' },
      },
    },
  ],
};

/** The transport that a label of SRV names means (RFC 2782). */
function transportOf(label: string | undefined): Transport | null {
  return label === '_tcp' ? 'tcp' : label === '_udp' ? 'udp' : null;
}

/** Whether the question is of the class that this server has records of. */
export function isOfInternet(query: DnsQuery): boolean {
  return query.class === classIn;
}

/** Numbers the servers in the order of their addresses, which is the same at all of them. */
function serversOf(
  zone: string,
  addresses: readonly string[],
  own: readonly string[],
): ZoneServer[] {
  const named = distinctAddresses(addresses).map((address) => [address]);
  // An NS record without address is no help, but a zone without NS is none.
  const servers = named.length > 0 ? named : [distinctAddresses(own)];
  return servers.map((each, index) => ({ name: `ns${index + 1}.${zone}`, addresses: each }));
}

/** In order, each once, and without 0.0.0.0 and ::. */
function distinctAddresses(addresses: readonly string[]): ServerAddress[] {
  const found = new Map<string, ServerAddress>();
  for (const address of addresses.toSorted()) {
    const words = parseAddress(address);
    if (words === null) continue;
    const ip = ipBytes(words, 0);
    const isSomewhere = ip.some((byte) => byte !== 0);
    if (isSomewhere) found.set(ip.join('.'), { ip, kind: kindByFamily(words, 0) });
  }
  return [...found.values()];
}

/** Its addresses of `type`, or of any type (null). */
function addressesOf(
  { addresses }: ZoneServer,
  owner: string | null,
  { view }: Known,
  type: number | null,
): { record: DnsRecord }[] {
  return addresses
    .filter(
      ({ ip, kind }) =>
        (kind & view.kinds) !== 0 && (type === null || addressLength(type) === ip.length),
    )
    .map(({ ip }) => ({ record: { owner, ttl: serversSeconds, data: addressData(ip) } }));
}

function status({ view }: Known): Omit<DnsAnswer, 'rcode'> {
  const { live, ageSeconds, servers } = view;
  const text = `hosts=${live} age=${ageSeconds} servers=${servers}`;
  return {
    answers: [{ record: { owner: null, ttl: ttlSeconds.least, data: { type: 'TXT', text } } }],
  };
}

function addresses(hosts: readonly ZoneHost[], now: number): { record: DnsRecord }[] {
  const ttl = ttlOf(hosts, now);
  return hosts.map(({ ip }) => ({ record: { owner: null, ttl, data: addressData(ip) } }));
}

/** The id as the node writes it, which its label may not tell, and where it is. */
function texts(hosts: readonly NodeHost[], now: number): { record: DnsRecord }[] {
  const ttl = ttlOf(hosts, now);
  return hosts.map(({ nodeId, address }) => {
    const text = `id=${nodeId} address=${address}`;
    return { record: { owner: null, ttl, data: { type: 'TXT', text } } };
  });
}

/** The bytes of an address in records of `type`; null: they have none. */
function addressLength(type: number): 4 | 16 | null {
  return type === recordTypes.A ? 4 : type === recordTypes.AAAA ? 16 : null;
}

function addressData(ip: readonly number[]): RecordData {
  return { type: ip.length === 4 ? 'A' : 'AAAA', ip };
}

/** What is left of the hosts' time, the same for all records of a set (RFC 2181 §5.2). */
function ttlOf(hosts: readonly ZoneHost[], now: number): number {
  let left: number = ttlSeconds.most;
  for (const { until } of hosts) left = Math.min(left, Math.floor((until - now) / 1_000));
  return Math.max(ttlSeconds.least, left);
}

/** At most 16 of them in random order: clients take the first. */
function pick(hosts: readonly ZoneHost[], random: () => number): ZoneHost[] {
  const rest = [...hosts];
  const count = Math.min(maxRecords, rest.length);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (rest.length - i));
    const picked = rest[j] as ZoneHost;
    rest[j] = rest[i] as ZoneHost;
    rest[i] = picked;
  }
  return rest.slice(0, count);
}
