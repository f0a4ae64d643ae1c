// Makes the reply to a query from a roster (PROTOCOL.md, "The hosts list"): which list it gets, what
// the list covers, and the cursor that stands for it.
import type { AddressBatch } from '../../../shared/protocol/address.ts';
import {
  everyIpv4Kind,
  everyKind,
  kindOf,
  kindsToldTo,
} from '../../../shared/protocol/address-kind.ts';
import type { Reply, Request } from '../../../shared/protocol/message.ts';
import { giveBack } from '../../../shared/protocol/native-request.ts';
import type { Roster } from '../registry/roster.ts';
import { RowSet } from '../registry/row-set.ts';
import type { Position } from '../registry/tombstones.ts';
import { ChangesSince } from './changes-since.ts';
import { type Asker, allHosts, hostsBesides, lookUp } from './hosts-list.ts';
import { sample } from './sampling.ts';

export interface ListMakerOptions {
  roster: Roster;
  /** names this registry's numbering of changes: a cursor of another one is unknown here */
  epoch: string;
  /** numbers in [0, 1) */
  random: () => number;
  /** everybody is told of private, link-local and loopback addresses (LocalHosts) */
  tellsAll?: boolean;
}

export type Query = Request & { verb: 'query' };

type HostsReply = Reply & { kind: 'hosts' };

/** How it was when the asker asked. */
interface Present {
  /** live hosts besides the asker */
  others: number;
  /** what a list of all of them covers */
  whole: 'full' | 'partial';
}

const nothing: Iterator<AddressBatch> = [].values();
const unlimited = Number.POSITIVE_INFINITY;

export class ListMaker {
  private readonly options: ListMakerOptions;

  constructor(options: ListMakerOptions) {
    this.options = { ...options };
  }

  /** Cursors made before are unknown from now on. */
  renumber(epoch: string): void {
    this.options.epoch = epoch;
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
    const told = tellsAll ? everyKind : kindsToldTo(kindOf(words, 0));
    const kinds = request.ipv4Only ? told & everyIpv4Kind : told;
    const asker = { row: roster.find(words, 0), until: roster.change, kinds };
    const present = {
      others: roster.views.of(kinds).length - 1,
      whole: isCatchingUp ? ('partial' as const) : ('full' as const),
    };
    reply.hosts = this.makeList(reply, request, asker, present);
    return reply;
  }

  /** Sets what the reply says beside its hosts when they are over. */
  private *makeList(
    reply: HostsReply,
    { have, since, limit, ipv4Only }: Query,
    asker: Asker,
    present: Present,
  ): Generator<AddressBatch, void> {
    const { roster, random } = this.options;
    const known = since === null ? null : this.parseCursor(since, asker.until);
    if (known !== null) {
      yield* this.makeDelta(reply, new ChangesSince(roster, known, limit ?? unlimited, asker));
      return;
    }
    const named = have && lookUp(roster, have);
    if (have) giveBack(have);
    if (named && named.gone.length > 0) reply.gone = [named.gone].values();
    reply.cursor = this.cursorOf({ from: asker.until, to: asker.until });
    const whole = have ? 'delta' : present.whole;
    if (limit === null) {
      reply.extent = whole;
      // The text of a list is in the words of the native dialect.
      const usesText = named === null && !ipv4Only;
      yield* usesText
        ? allHosts(roster, asker)
        : hostsBesides(roster, named?.rows ?? new RowSet(), asker);
      return;
    }
    let count = 0;
    for (const batch of sample({ roster, asker, random, known: named?.rows }, limit)) {
      count += batch.length;
      yield batch;
    }
    const isWhole = count < limit || (!have && count === present.others);
    reply.extent = isWhole ? whole : 'partial';
  }

  private *makeDelta(reply: HostsReply, changes: ChangesSince): Generator<AddressBatch, void> {
    yield* changes.hosts();
    const told = () => {
      reply.extent = changes.isComplete ? 'delta' : 'partial';
      reply.cursor = this.cursorOf(changes.upTo);
    };
    told();
    reply.gone = thenDo(changes.gone(), told);
  }

  private cursorOf({ from, to }: Position): string {
    return `${this.options.epoch}.${to}${from === to ? '' : `-${from}`}`;
  }

  /** What a cursor stands for, or null when it does not say what changed since then. */
  private parseCursor(cursor: string, present: number): Position | null {
    const { epoch, roster } = this.options;
    const prefix = `${epoch}.`;
    if (!cursor.startsWith(prefix)) return null;
    const numbers = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(cursor.slice(prefix.length));
    if (numbers === null) return null;
    const to = Number(numbers[1]);
    const from = Number(numbers[2] ?? to);
    return from <= to && to <= present && to >= roster.horizon ? { from, to } : null;
  }
}

function* thenDo(
  batches: Iterable<AddressBatch>,
  ended: () => void,
): Generator<AddressBatch, void> {
  yield* batches;
  ended();
}
