// The connection to a peer that this server dialled: it greets, pushes this server's own changes
// after what the peer has, sends heartbeats, and now and then compares digests.
//
// Invariants: a change is sent only when it is on the disk; at most `maxInFlight` batches wait for
// their acknowledgement.
import {
  type HostChange,
  type SyncMessage,
  type SyncWelcome,
  syncProtocol,
  type Verdict,
} from '../../../shared/protocol/sync-message.ts';
import { maxAsking } from '../expiry/suspects.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';
import { nextBatch } from './change-batch.ts';
import { type Comparison, Comparisons } from './comparisons.ts';
import type { Peer } from './membership.ts';
import { type Link, misplaced, type Session, type SyncContext } from './peer-session.ts';
import { compareLeaf, takeRepair } from './repair.ts';
import { RepairSchedule } from './repair-schedule.ts';
import { WholeComparison } from './whole-comparison.ts';

/** Batches under way: enough to keep a peer busy over a slow line, 256 KiB at most. */
const maxInFlight = 4;

export class OutboundSession implements Session {
  readonly peer: Peer;
  /** The peer has answered the greeting. */
  isOpen = false;
  /** up to here the peer has everything on its disk */
  acked = 0;
  private readonly context: SyncContext;
  private readonly link: Link;
  private readonly epoch: string;
  /** the greeting had a version in it */
  private readonly saidVersion: boolean;
  private sent = 0;
  private sentRow = noRow;
  private unacked: number[] = [];
  private hasCompared = false;
  private behindSince: number | null = null;
  private beats = 0;
  private beatAt = new Map<number, number>();
  private nextBeat = 0;
  private readonly repairs: RepairSchedule;
  private readonly comparisons = new Comparisons();
  private readonly whole = new WholeComparison();
  private readonly asked = new Map<number, (verdict: Verdict) => void>();
  private asks = 0;
  private heardAt: number;
  /** this server has closed it */
  private hasEnded = false;

  constructor(options: {
    context: SyncContext;
    peer: Peer;
    link: Link;
    random: () => number;
    now: Clocks;
  }) {
    this.context = options.context;
    this.peer = options.peer;
    this.link = options.link;
    this.repairs = new RepairSchedule(options.random);
    this.heardAt = options.now.mono;
    const { id, epoch, run, listen, registry, version } = options.context;
    this.saidVersion = options.peer.readsVersion;
    this.epoch = epoch;
    this.link.send({
      kind: 'hello',
      id,
      epoch,
      run,
      protocol: syncProtocol,
      clock: Math.round(options.now.wall),
      listen,
      entry: registry.committedEntry,
      ...(this.saidVersion ? { version } : {}),
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
    const { registry } = this.context;
    this.heardAt = now.mono;
    if (message.kind === 'error') {
      if (!this.isOpen && this.saidVersion && message.code === 'malformed') this.greetPlainly();
      else this.refused(message.text);
      return;
    }
    if (message.kind === 'welcome') {
      this.welcomed(message, now);
      return;
    }
    if (!this.isOpen) {
      this.refused(misplaced(message));
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
        this.repairs.compared(message.buckets.length > 0, now.mono);
        this.comparisons.compared(message.buckets.length > 0);
        if (this.whole.answered(message.buckets)) this.peer.isCompared = true;
        for (const bucket of message.buckets)
          this.link.send({ kind: 'leaves', bucket, leaves: registry.digest.leaves(bucket) });
        return;
      case 'rows':
        for (const each of compareLeaf(registry, message.leaf, message.hashes)) {
          if (each.kind === 'repair') this.comparisons.gave(each.changes.length);
          this.link.send(each);
        }
        return;
      case 'repair':
        this.takeRepair(message.changes, now);
        return;
      case 'opinion': {
        const given = this.asked.get(message.number);
        this.asked.delete(message.number);
        given?.(message.verdict);
        return;
      }
      default:
        this.refused(misplaced(message));
    }
  }

  /** Compares now, and again until nothing differs; `ended` is told how that went, once. */
  compare(now: Clocks, ended: (comparison: Comparison) => void): void {
    this.comparisons.watch(now.mono, ended);
    this.repairs.wanted(now.mono);
    this.compareIfDue(now);
  }

  /** Asks the peer whether it finds the host alive; `given` is not called when the link breaks. */
  ask(address: string, given: (verdict: Verdict) => void): void {
    this.asks++;
    this.asked.set(this.asks, given);
    // Answers that never came: by now the asker has given up waiting.
    this.asked.delete(this.asks - 2 * maxAsking);
    this.link.send({ kind: 'ask', number: this.asks, address });
  }

  committed(now: Clocks): void {
    if (this.isOpen) this.push(now);
  }

  /** Says at once what the next heartbeat would say. */
  announceLoad(now: Clocks): void {
    if (this.isOpen) this.beat(now);
  }

  tick(now: Clocks): void {
    // A connection whose other end is gone without a word would never close by itself.
    const { downMs } = this.context.membership.times;
    if (now.mono - this.heardAt >= downMs) {
      this.lost(`was silent for ${downMs / 1_000} s`);
      return;
    }
    if (!this.isOpen) return;
    if (now.mono >= this.nextBeat) this.beat(now);
    this.push(now);
    this.comparisons.tick(now.mono);
    this.compareIfDue(now);
  }

  private compareIfDue(now: Clocks): void {
    const isBehind = this.acked < this.context.registry.committedEntry || this.peer.isSendingLog;
    // This server has just started, and the peer's log is here: whether that is all shows at once.
    const isFirst = !this.hasCompared && this.peer.isLogHere && !this.peer.isCompared;
    if (isBehind || !(isFirst || this.repairs.isDue(now.mono))) return;
    this.hasCompared = true;
    if (!isFirst) this.repairs.begun(now.mono);
    this.comparisons.begun();
    this.link.send({ kind: 'digest', buckets: this.context.registry.digest.buckets() });
  }

  private welcomed(welcome: SyncWelcome, now: Clocks): void {
    const { registry, id, run } = this.context;
    const { peer } = this;
    if (this.isOpen) {
      this.refused(misplaced(welcome));
      return;
    }
    if (welcome.id === id && welcome.run === run) {
      this.context.membership.drop(peer.address);
      const text = 'is this name server itself; it is left out';
      this.context.event({ kind: 'self', address: peer.address, text });
      this.end();
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
    peer.run = welcome.run;
    if (this.saidVersion) peer.version = welcome.version ?? null;
    peer.trouble = null;
    peer.clockMs = Math.round(welcome.clock - now.wall);
    peer.heard(now.mono);
    this.acked = welcome.applied;
    this.sent = welcome.applied;
    this.context.event({ kind: 'up', address: peer.address, text: `is ${welcome.id}` });
    this.repairs.met(now.mono);
    this.beat(now);
    this.push(now);
  }

  /** It may be from before greetings had a version: the next one has none. */
  private greetPlainly(): void {
    this.peer.readsVersion = false;
    this.end();
  }

  /** The peer has seen entries that are not here: this database is a backup. */
  private renumber(applied: number): void {
    // Another peer may have told the same: then the numbers are new already.
    if (this.context.epoch === this.epoch) {
      const epoch = this.context.renumber();
      if (epoch !== null) {
        this.context.epoch = epoch;
        const text = `has entry ${applied} of this server, which knows ${this.context.registry.committedEntry}: its database was restored, so all is sent anew`;
        this.context.event({ kind: 'renumbered', address: this.peer.address, text });
      }
    }
    this.end();
  }

  closed(): void {
    this.comparisons.lost();
    if (!this.hasEnded) this.lost('closed the connection');
  }

  /** The connection ends, and not because this server wants it to. */
  private lost(how: string): void {
    const { peer } = this;
    if (this.isOpen) {
      this.context.event({ kind: 'lost', address: peer.address, text: `${how}; dialling again` });
      this.end();
    } else {
      this.refused(`${how} instead of answering the greeting; look at the log of ddnsd there`);
    }
  }

  end(): void {
    this.hasEnded = true;
    this.link.close();
  }

  private takeRepair(changes: readonly HostChange[], now: Clocks): void {
    const { context, link, peer } = this;
    const count = takeRepair(context, link, peer.address, changes, now.wall);
    if (count > 0) this.repairs.brought();
    this.comparisons.brought(count);
  }

  private refused(text: string): void {
    if (this.peer.trouble !== text)
      this.context.event({ kind: 'refused', address: this.peer.address, text });
    this.peer.trouble = text;
    this.end();
  }

  private beat(now: Clocks): void {
    this.nextBeat = now.mono + this.context.membership.times.beatMs;
    this.beats++;
    this.beatAt.set(this.beats, now.mono);
    // Answers that never came: the link closes long before there are many.
    this.beatAt.delete(this.beats - 100);
    const clock = Math.round(now.wall);
    this.link.send({ kind: 'beat', clock, number: this.beats, ...this.context.load() });
  }

  private push(now: Clocks): void {
    const { registry, counters } = this.context;
    if (this.context.epoch !== this.epoch) {
      this.end();
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
}
