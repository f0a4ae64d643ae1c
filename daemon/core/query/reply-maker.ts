// Makes the reply to a request from the verdict on it, where its connection is. For a query that is a hosts list
// (PROTOCOL.md, "The hosts list"): which list the asker gets, what it covers, and the cursor that stands for it.
import type { AddressBatch } from '../../../shared/protocol/address.ts';
import {
  everyIpv4Kind,
  everyKind,
  kindOf,
  kindsListedTo,
} from '../../../shared/protocol/address-kind.ts';
import type { Refusal, Reply, Request } from '../../../shared/protocol/message.ts';
import { giveBack } from '../../../shared/protocol/native-request.ts';
import type { Roster } from '../registry/roster.ts';
import { RowSet } from '../registry/row-set.ts';
import type { Position } from '../registry/tombstones.ts';
import { type Asker, allHosts, ChangesSince, hostsBesides, lookUp } from './hosts-list.ts';
import { sample } from './sampling.ts';
import type { Origin, Verdict } from './verdict.ts';

/** Hosts for a node that no server had room for: enough to find the network, 1 KB to send. */
const sampleHosts = 50;

/** What replies are made from. */
export interface ReplyMakerOptions {
  /** the registry, or a worker's replica of it */
  roster: Roster;
  /** this server's id: the answer to a ping */
  serverId: string;
  /** names the numbering of changes: a cursor of another epoch gets a full list */
  epoch: string;
  /** numbers in [0, 1) */
  random: () => number;
  /** list private, link-local and loopback addresses to every asker (LocalHosts); false when left out */
  listsAll?: boolean;
  /** whether peers know hosts that the roster lacks, so that no list of it is full; never when left out */
  isCatchingUp?: () => boolean;
}

type Query = Request & { verb: 'query' };
type HostsReply = Reply & { kind: 'hosts' };

/** The registry when the query arrived. */
interface Present {
  /** live hosts besides the asker */
  others: number;
  /** there are no hosts that only its peers know */
  isComplete: boolean;
}

const ok: Reply = { kind: 'ok' };

const nothing: Iterator<AddressBatch> = [].values();
const unlimited = Number.POSITIVE_INFINITY;

/** One for each process with connections. */
export class ReplyMaker {
  private readonly options: ReplyMakerOptions;
  private readonly pong: Reply;
  /** address of the asker, packed; used within one call */
  private readonly asker = new Uint32Array(5);

  constructor(options: ReplyMakerOptions) {
    this.options = { ...options };
    this.pong = { kind: 'pong', id: options.serverId };
  }

  /** The registry's changes are numbered anew: cursors from before get a full list. */
  renumber(epoch: string): void {
    this.options.epoch = epoch;
  }

  /** The reply to a request from `origin`; a request that was served is registered in the roster by now. */
  replyTo(request: Request | null, verdict: Verdict, { ip }: Origin): Reply {
    if (verdict.kind !== 'serve' && verdict.kind !== 'sample') return verdict;
    if (request?.verb === 'ping') return this.pong;
    if (request?.verb !== 'query') return ok;
    this.asker.set(ip);
    this.asker[4] = request.port;
    if (verdict.kind === 'serve') return this.list(request);
    return this.list({ ...request, limit: Math.min(request.limit ?? sampleHosts, sampleHosts) });
  }

  /**
   * The list is made as it is written, so that pipelined queries wait for their client to read and not in our
   * memory. It covers the changes up to now, because later ones may not be on disk yet.
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
    const { roster, listsAll = false, isCatchingUp } = this.options;
    const words = this.asker;
    const ofBothFamilies = listsAll ? everyKind : kindsListedTo(kindOf(words, 0));
    const kinds = request.ipv4Only ? ofBothFamilies & everyIpv4Kind : ofBothFamilies;
    const asker = { row: roster.find(words, 0), until: roster.change, kinds };
    const present = {
      others: roster.views.of(kinds).length - 1,
      isComplete: isCatchingUp?.() !== true,
    };
    reply.hosts = this.makeList(reply, request, asker, present);
    return reply;
  }

  /** Sets the rest of the reply once its hosts are all made. */
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
    const some = since === null || have ? 'partial' : 'unknown-cursor';
    const whole = have ? 'delta' : present.isComplete ? 'full' : some;
    if (limit === null) {
      reply.extent = whole;
      // The text kept of full lists is in the native dialect.
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
    reply.extent = isWhole ? whole : some;
  }

  private *makeDelta(reply: HostsReply, changes: ChangesSince): Generator<AddressBatch, void> {
    yield* changes.hosts();
    const setEnd = () => {
      reply.extent = changes.isComplete ? 'delta' : 'partial';
      reply.cursor = this.cursorOf(changes.upTo);
    };
    setEnd();
    reply.gone = thenDo(changes.gone(), setEnd);
  }

  private cursorOf({ from, to }: Position): string {
    return `${this.options.epoch}.${to}${from === to ? '' : `-${from}`}`;
  }

  /** The position that a cursor stands for; null when the roster cannot list the changes since then. */
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

/**
 * The reply in place of `reply` when nothing could be stored: a list ends in an error, because its hosts are good
 * but the asker is not among them; a bare `ok` becomes the error.
 */
export function unstored(reply: Reply, failure: Refusal): Reply {
  if (reply.kind === 'hosts') {
    reply.failure = failure;
    return reply;
  }
  return reply.kind === 'ok' ? { kind: 'error', ...failure } : reply;
}
