// The policy of the wire: what each request does to the registry and what it is answered with
// (PROTOCOL.md, "Requests and replies"). The address of an asker is the source of its connection
// and the port it names, never an IP it claims. Whoever calls this persists what the registry has
// pending before it sends the replies.

import type { Counters } from '../../shared/ipc/contract.ts';
import type { AddressList } from '../../shared/protocol/address.ts';
import type { ErrorCode, Refusal, Reply, Request } from '../../shared/protocol/message.ts';
import {
  type Asker,
  allHosts,
  changedSince,
  everyoneBesides,
  everyoneBut,
  goneAmong,
  sample,
} from './hosts-list.ts';
import type { HostDialect, Registered, Registry } from './registry.ts';
import { noRow } from './row-list.ts';

export interface ResponderOptions {
  registry: Registry;
  counters: Counters;
  /** this server's id, the answer to a ping */
  serverId: string;
  /** names this registry's numbering of changes: a cursor of another one is unknown here */
  incarnation: string;
  /** numbers in [0, 1) */
  random: () => number;
  /** others know hosts that this server has not heard of yet: no list here is full */
  isCatchingUp?: () => boolean;
}

/** Where a request came from: the IP words of the connection's source, and the dialect it speaks. */
export interface Origin {
  readonly ip: Uint32Array;
  readonly dialect: HostDialect;
}

/** A host that came or went, for whoever watches; `address` is good until the next answer. */
export interface Arrival {
  effect: 'registered' | 'returned' | 'left';
  address: Uint32Array;
  nodeId: string;
}

export interface Answer {
  reply: Reply;
  host: Arrival | null;
}

type Query = Request & { verb: 'query' };
type HostsReply = Reply & { kind: 'hosts' };

/** What a list reply says, once it is made. */
interface HostsList extends Pick<HostsReply, 'gone' | 'extent'> {
  hosts: Iterable<AddressList>;
  /** the change number that its cursor stands for */
  upTo: number;
}

/** How it was when the asker asked. */
interface Present {
  /** live hosts besides the asker */
  others: number;
  /** what a list of all of them covers */
  whole: 'full' | 'partial';
}

const nothing: Iterator<AddressList> = [].values();

export class Responder {
  private readonly options: ResponderOptions;
  private readonly asker = new Uint32Array(5);

  constructor(options: ResponderOptions) {
    this.options = { ...options };
  }

  /** Cursors made before are unknown from now on. */
  renumber(incarnation: string): void {
    this.options.incarnation = incarnation;
  }

  /** Answers one request that arrived at `now` (ms since 1970). */
  answer(request: Request, origin: Origin, now: number): Answer {
    const { counters, serverId } = this.options;
    switch (request.verb) {
      case 'ping':
        counters.pings++;
        return quietly({ kind: 'pong', id: serverId });
      case 'query': {
        counters.queries++;
        const registered = this.register(request, origin, now);
        if (registered === 'full') return this.full();
        return this.noting(registered, request.nodeId, this.list(request));
      }
      case 'alive': {
        counters.alives++;
        const registered = this.register(request, origin, now);
        if (registered === 'full') return this.full();
        return this.noting(registered, request.nodeId, { kind: 'ok' });
      }
      case 'leave':
        counters.leaves++;
        return this.leave(request, origin, now);
    }
  }

  private register(
    { nodeId, port }: { nodeId: string; port: number },
    origin: Origin,
    now: number,
  ): Registered {
    const { registry, counters } = this.options;
    const registered = registry.register(this.askerAt(origin, port), nodeId, origin.dialect, now);
    if (registered === 'full') counters.registryFull++;
    else if (registered === 'refreshed') counters.refreshed++;
    else counters.registered++;
    return registered;
  }

  private leave(
    { nodeId, port }: { nodeId: string; port: number },
    origin: Origin,
    now: number,
  ): Answer {
    const { registry, counters } = this.options;
    const row = registry.find(this.askerAt(origin, port), 0);
    if (row === noRow || !registry.isLive(row)) return quietly({ kind: 'ok' });
    // Others may share the asker's IP: only who knows the node id may take the host away.
    if (!registry.nodeIds.equals(row, nodeId))
      return failed(
        'wrong-node-id',
        `${registry.record(row).address} is registered under another node id than ${nodeId}; leave with the id it was registered with`,
      );
    registry.remove(row, now);
    counters.left++;
    return this.noting('left', nodeId, { kind: 'ok' });
  }

  /**
   * The hosts list for the asker that `register` has just stored. It is made when the first of it is
   * written, so that requests sent ahead of their replies cost a client's reading, not our memory;
   * it tells of changes up to now, for those after may not be on the disk yet.
   */
  private list(request: Query): Reply {
    const reply: HostsReply = {
      kind: 'hosts',
      hosts: nothing,
      gone: null,
      cursor: '',
      extent: 'partial',
      failure: null,
    };
    const { registry } = this.options;
    const asker = { row: registry.find(this.asker, 0), until: registry.change };
    const present = {
      others: registry.live.length - 1,
      whole: this.options.isCatchingUp?.() ? ('partial' as const) : ('full' as const),
    };
    reply.hosts = this.makeList(reply, request, asker, present);
    return reply;
  }

  private *makeList(
    reply: HostsReply,
    request: Query,
    asker: Asker,
    present: Present,
  ): Generator<AddressList, void> {
    const { gone, hosts, extent, upTo } = this.collect(request, asker, present);
    reply.gone = gone;
    reply.extent = extent;
    reply.cursor = `${this.options.incarnation}.${upTo}`;
    yield* hosts;
  }

  private collect({ have, since, limit }: Query, asker: Asker, present: Present): HostsList {
    const { registry, random } = this.options;
    const known = since === null ? null : this.parseCursor(since, asker.until);
    if (known !== null) {
      const most = limit ?? Number.POSITIVE_INFINITY;
      const { hosts, gone, upTo, isComplete } = changedSince(registry, known, most, asker);
      return { hosts: [hosts], gone, upTo, extent: isComplete ? 'delta' : 'partial' };
    }
    const isWanted = have ? everyoneBesides(registry, have, asker) : everyoneBut(registry, asker);
    const gone = have && goneAmong(registry, have);
    const whole = have ? 'delta' : present.whole;
    const upTo = asker.until;
    if (limit === null) return { hosts: allHosts(registry, isWanted), gone, upTo, extent: whole };
    const hosts = sample(registry, limit, isWanted, random);
    const isWhole = hosts.length < limit || (!have && hosts.length === present.others);
    return { hosts: [hosts], gone, upTo, extent: isWhole ? whole : 'partial' };
  }

  /** The change number in a cursor, or null when it does not say what changed since then. */
  private parseCursor(cursor: string, present: number): number | null {
    const { incarnation, registry } = this.options;
    const prefix = `${incarnation}.`;
    if (!cursor.startsWith(prefix)) return null;
    const digits = cursor.slice(prefix.length);
    const change = Number(digits);
    const isPast = /^\d{1,15}$/.test(digits) && change <= present;
    return isPast && change >= registry.horizon ? change : null;
  }

  private noting(what: Arrival['effect'] | 'refreshed', nodeId: string, reply: Reply): Answer {
    if (what === 'refreshed') return quietly(reply);
    return { reply, host: { effect: what, address: this.asker, nodeId } };
  }

  private askerAt(origin: Origin, port: number): Uint32Array {
    this.asker.set(origin.ip);
    this.asker[4] = port;
    return this.asker;
  }

  private full(): Answer {
    return failed(
      'registry-full',
      `this name server holds ${this.options.registry.maxHosts} hosts, as many as it may; ask another one`,
    );
  }
}

/**
 * What is said instead of `reply` when nothing could be stored: a list is still good, but the asker
 * learns that it is not on it; a bare `ok` would be a lie.
 */
export function unstored(reply: Reply, failure: Refusal): Reply {
  if (reply.kind === 'hosts') {
    reply.failure = failure;
    return reply;
  }
  return reply.kind === 'ok' ? { kind: 'error', ...failure } : reply;
}

function quietly(reply: Reply): Answer {
  return { reply, host: null };
}

function failed(code: ErrorCode, text: string): Answer {
  return quietly({ kind: 'error', code, text });
}
