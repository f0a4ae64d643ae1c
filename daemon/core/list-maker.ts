// Makes the reply to a query from a roster (PROTOCOL.md, "The hosts list"): which list it gets, what
// the list covers, and the cursor that stands for it.
import type { AddressBatch } from '../../shared/protocol/address.ts';
import { everyKind, kindOf, kindsToldTo } from '../../shared/protocol/address-kind.ts';
import type { Reply, Request } from '../../shared/protocol/message.ts';
import { giveBack } from '../../shared/protocol/spare-list.ts';
import { type Asker, allHosts, changedSince, hostsBesides, lookUp, sample } from './hosts-list.ts';
import type { Roster } from './roster.ts';

export interface ListMakerOptions {
  roster: Roster;
  /** names this registry's numbering of changes: a cursor of another one is unknown here */
  incarnation: string;
  /** numbers in [0, 1) */
  random: () => number;
  /** everybody is told of private, link-local and loopback addresses (LocalHosts) */
  tellsAll?: boolean;
}

export type Query = Request & { verb: 'query' };

type HostsReply = Reply & { kind: 'hosts' };

/** What a list reply says, once it is made. */
interface HostsList extends Pick<HostsReply, 'gone' | 'extent'> {
  hosts: Iterable<AddressBatch>;
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

const nothing: Iterator<AddressBatch> = [].values();

export class ListMaker {
  private readonly options: ListMakerOptions;

  constructor(options: ListMakerOptions) {
    this.options = { ...options };
  }

  /** Cursors made before are unknown from now on. */
  renumber(incarnation: string): void {
    this.options.incarnation = incarnation;
  }

  /**
   * The hosts list for the asker packed in `words`, who is registered. `isCatchingUp`: others know
   * hosts that are not in the roster yet, so that no list of it is full. The list is made when the
   * first of it is written, so that requests sent ahead of their replies cost a client's reading, not
   * our memory; it tells of changes up to now, for those after may not be on the disk yet.
   */
  list(request: Query, words: Uint32Array, isCatchingUp: boolean): Reply {
    const reply: HostsReply = {
      kind: 'hosts',
      hosts: nothing,
      gone: null,
      cursor: '',
      extent: 'partial',
      failure: null,
    };
    const { roster, tellsAll = false } = this.options;
    const kinds = tellsAll ? everyKind : kindsToldTo(kindOf(words, 0));
    const asker = { row: roster.find(words, 0), until: roster.change, kinds };
    const present = {
      others: roster.views.of(kinds).length - 1,
      whole: isCatchingUp ? ('partial' as const) : ('full' as const),
    };
    reply.hosts = this.makeList(reply, request, asker, present);
    return reply;
  }

  private *makeList(
    reply: HostsReply,
    request: Query,
    asker: Asker,
    present: Present,
  ): Generator<AddressBatch, void> {
    const { gone, hosts, extent, upTo } = this.collect(request, asker, present);
    reply.gone = gone;
    reply.extent = extent;
    reply.cursor = `${this.options.incarnation}.${upTo}`;
    yield* hosts;
  }

  private collect({ have, since, limit }: Query, asker: Asker, present: Present): HostsList {
    const { roster, random } = this.options;
    const known = since === null ? null : this.parseCursor(since, asker.until);
    if (known !== null) {
      const most = limit ?? Number.POSITIVE_INFINITY;
      const { hosts, gone, upTo, isComplete } = changedSince(roster, known, most, asker);
      return { hosts: [hosts], gone, upTo, extent: isComplete ? 'delta' : 'partial' };
    }
    const named = have && lookUp(roster, have);
    if (have) giveBack(have);
    const gone = named?.gone ?? null;
    const whole = have ? 'delta' : present.whole;
    const upTo = asker.until;
    if (limit === null) {
      const hosts = named ? hostsBesides(roster, named.rows, asker) : allHosts(roster, asker);
      return { hosts, gone, upTo, extent: whole };
    }
    const hosts = sample(roster, limit, asker, random, named?.rows);
    const isWhole = hosts.length < limit || (!have && hosts.length === present.others);
    return { hosts: [hosts], gone, upTo, extent: isWhole ? whole : 'partial' };
  }

  /** The change number in a cursor, or null when it does not say what changed since then. */
  private parseCursor(cursor: string, present: number): number | null {
    const { incarnation, roster } = this.options;
    const prefix = `${incarnation}.`;
    if (!cursor.startsWith(prefix)) return null;
    const digits = cursor.slice(prefix.length);
    const change = Number(digits);
    const isPast = /^\d{1,15}$/.test(digits) && change <= present;
    return isPast && change >= roster.horizon ? change : null;
  }
}
