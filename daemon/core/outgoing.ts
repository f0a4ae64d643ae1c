// The connection to a peer that this server dialled: it greets, pushes this server's own changes
// after what the peer has, sends heartbeats, and now and then compares digests.
//
// Invariants: a change is sent only when it is on the disk; at most `maxInFlight` batches wait for
// their acknowledgement.
import {
  type SyncMessage,
  type SyncWelcome,
  syncProtocol,
} from '../../shared/protocol/sync-message.ts';
import { nextBatch } from './change-batch.ts';
import type { MembershipTimes, Peer } from './membership.ts';
import type { Link, Session, SyncContext } from './peer-session.ts';
import { compareLeaf, mergeAll } from './repair.ts';
import { noRow } from './row-list.ts';
import type { Clocks } from './self-preservation.ts';

/** Batches under way: enough to keep a peer busy over a slow line, 256 KiB at most. */
const maxInFlight = 4;

/** Between two comparisons of digests, less up to a third at random. */
export const repairMs = 30_000;

/** After a comparison that found something, for what was left over. */
const repairAgainMs = 1_000;

export class Outgoing implements Session {
  readonly peer: Peer;
  /** The peer has answered the greeting. */
  isOpen = false;
  /** up to here the peer has everything on its disk */
  acked = 0;
  private readonly context: SyncContext;
  private readonly link: Link;
  private readonly times: MembershipTimes;
  private readonly random: () => number;
  private readonly incarnation: string;
  private sent = 0;
  private sentRow = noRow;
  private unacked: number[] = [];
  private behindSince: number | null = null;
  private beats = 0;
  private beatAt = new Map<number, number>();
  private nextBeat = 0;
  private nextRepair = 0;
  private heardAt: number;

  constructor(options: {
    context: SyncContext;
    peer: Peer;
    link: Link;
    times: MembershipTimes;
    random: () => number;
    now: Clocks;
  }) {
    this.context = options.context;
    this.peer = options.peer;
    this.link = options.link;
    this.times = options.times;
    this.random = options.random;
    this.heardAt = options.now.mono;
    const { id, incarnation, run, listen, registry } = options.context;
    this.incarnation = incarnation;
    this.link.send({
      kind: 'hello',
      id,
      incarnation,
      run,
      protocol: syncProtocol,
      clock: Math.round(options.now.wall),
      listen,
      entry: registry.committedEntry,
    });
  }

  get isEncrypted(): boolean {
    return this.link.isEncrypted;
  }

  /** Entries that the peer has not acknowledged, and since when it has not had all. */
  lag(mono: number): { entries: number; ms: number } {
    const entries = Math.max(0, this.context.registry.committedEntry - this.acked);
    return { entries, ms: this.behindSince === null ? 0 : mono - this.behindSince };
  }

  receive(message: SyncMessage, now: Clocks): void {
    const { registry, counters } = this.context;
    this.heardAt = now.mono;
    if (message.kind === 'error') {
      this.refused(message.text);
      return;
    }
    if (message.kind === 'welcome') {
      this.welcomed(message, now);
      return;
    }
    if (!this.isOpen) {
      this.link.close();
      return;
    }
    this.peer.heard(now.mono);
    switch (message.kind) {
      case 'ack':
        this.acked = Math.max(this.acked, Math.min(message.entry, this.sent));
        this.unacked = this.unacked.filter((entry) => entry > this.acked);
        this.push(now);
        return;
      case 'echo': {
        const at = this.beatAt.get(message.number);
        if (at === undefined) return;
        this.beatAt.delete(message.number);
        this.peer.roundTripMs = Math.round((now.mono - at) * 10) / 10;
        this.peer.clockMs = Math.round(message.clock - now.wall + (now.mono - at) / 2);
        return;
      }
      case 'differ':
        if (message.buckets.length > 0) this.nextRepair = now.mono + repairAgainMs;
        for (const bucket of message.buckets)
          this.link.send({ kind: 'leaves', bucket, leaves: registry.digest.leaves(bucket) });
        return;
      case 'rows':
        for (const each of compareLeaf(registry, message.leaf, message.hashes))
          this.link.send(each);
        return;
      case 'repair': {
        const { outcomes, corrections } = mergeAll(registry, message.changes, now.wall);
        counters.changesRepaired += outcomes.applied;
        counters.changesRefused += outcomes.refused;
        for (const each of corrections) this.link.send(each);
        this.context.commit();
        return;
      }
      default:
        this.link.close();
    }
  }

  committed(now: Clocks): void {
    if (this.isOpen) this.push(now);
  }

  tick(now: Clocks): void {
    // A connection whose other end is gone without a word would never close by itself.
    if (now.mono - this.heardAt >= this.times.downMs) {
      this.link.close();
      return;
    }
    if (!this.isOpen) return;
    if (now.mono >= this.nextBeat) this.beat(now);
    this.push(now);
    if (now.mono < this.nextRepair || this.acked < this.context.registry.committedEntry) return;
    this.scheduleRepair(now);
    this.link.send({ kind: 'digest', buckets: this.context.registry.digest.buckets() });
  }

  private welcomed(welcome: SyncWelcome, now: Clocks): void {
    const { registry, id, run } = this.context;
    const { peer } = this;
    if (this.isOpen) {
      this.link.close();
      return;
    }
    if (welcome.id === id && welcome.run === run) {
      this.context.membership.drop(peer.address);
      const text = 'is this name server itself; it is left out';
      this.context.event({ kind: 'self', address: peer.address, text });
      this.link.close();
      return;
    }
    const mistake =
      welcome.id === id
        ? `has this server's id ${id}: one database is used by two name servers; start one of them with an empty Database`
        : welcome.protocol !== syncProtocol
          ? `speaks sync ${welcome.protocol}, this one ${syncProtocol}; update the older one`
          : null;
    if (mistake !== null) {
      this.refused(mistake);
      return;
    }
    if (welcome.applied > registry.committedEntry) {
      this.renumber(welcome.applied);
      return;
    }
    this.isOpen = true;
    peer.id = welcome.id;
    peer.trouble = null;
    peer.clockMs = Math.round(welcome.clock - now.wall);
    peer.heard(now.mono);
    this.acked = welcome.applied;
    this.sent = welcome.applied;
    this.context.event({ kind: 'up', address: peer.address, text: `is ${welcome.id}` });
    // Soon after a meeting: what the logs cannot tell is most likely then.
    this.nextRepair = now.mono + repairAgainMs;
    this.beat(now);
    this.push(now);
  }

  /** The peer has seen entries that are not here: this database is a backup. */
  private renumber(applied: number): void {
    // Another peer may have told the same: then the numbers are new already.
    if (this.context.incarnation === this.incarnation) {
      const incarnation = this.context.renumber();
      if (incarnation !== null) {
        this.context.incarnation = incarnation;
        const text = `has entry ${applied} of this server, which knows ${this.context.registry.committedEntry}: its database was restored, so all is sent anew`;
        this.context.event({ kind: 'renumbered', address: this.peer.address, text });
      }
    }
    this.link.close();
  }

  private refused(text: string): void {
    if (this.peer.trouble !== text)
      this.context.event({ kind: 'refused', address: this.peer.address, text });
    this.peer.trouble = text;
    this.link.close();
  }

  private beat(now: Clocks): void {
    this.nextBeat = now.mono + this.times.beatMs;
    this.beats++;
    this.beatAt.set(this.beats, now.mono);
    // Answers that never came: the link closes long before there are many.
    this.beatAt.delete(this.beats - 100);
    const clock = Math.round(now.wall);
    this.link.send({ kind: 'beat', clock, number: this.beats, ...this.context.load() });
  }

  private push(now: Clocks): void {
    const { registry, counters } = this.context;
    if (this.context.incarnation !== this.incarnation) {
      this.link.close();
      return;
    }
    while (
      this.sent < registry.committedEntry &&
      this.unacked.length < maxInFlight &&
      !registry.hasPending &&
      !this.link.isFull
    ) {
      const { entry, changes, row } = nextBatch(registry, this.sent, this.sentRow);
      this.sent = entry;
      this.sentRow = row;
      this.unacked.push(entry);
      counters.changesSent += changes.length;
      this.link.send({ kind: 'changes', entry, changes });
    }
    if (this.acked >= registry.committedEntry) this.behindSince = null;
    else this.behindSince ??= now.mono;
  }

  private scheduleRepair(now: Clocks): void {
    this.nextRepair = now.mono + repairMs * (1 - this.random() / 3);
  }
}
