// The connection to a peer that this server dialled, or the ride on one that the peer dialled: it greets, pushes the changes of this server that
// the peer lacks, sends heartbeats, and compares digests now and then.
//
// Invariants: a change is sent only when it is on the disk; at most `maxInFlight` batches are without
// acknowledgement.
import {
  type SyncMessage,
  type SyncWelcome,
  syncProtocol,
} from '../../../shared/protocol/sync-message.ts';
import type { OpinionRequest } from '../expiry/expiry-effects.ts';
import { maxAsking } from '../expiry/suspects.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';
import { nextBatch, sizeOf } from './change-batch.ts';
import { Comparisons, type ComparisonWish, type Finished, WholeComparison } from './comparisons.ts';
import type { Peer } from './peer.ts';
import { PeerSession, type SessionOptions } from './peer-session.ts';
import { misplaced } from './peer-trouble.ts';
import { compareLeaf } from './repair.ts';

/**
 * Batches without acknowledgement: enough to keep a peer busy over a slow line, and no more than 256 KiB
 * for a peer that does not read.
 */
const maxInFlight = 4;

/**
 * Sessions in a row with a peer that was found, each of which ended before its greeting: the links of a bus break with
 * it, and when one side knows the other a moment earlier.
 */
const unansweredReported = 3;

/** Leads the conversation: `hello`, `changes`, `beat`, `digest`, `leaves`, `want`, `repair`, `ask` (PROTOCOL.md, "Sync"). */
export class OutboundSession extends PeerSession {
  readonly peer: Peer;
  /** The peer has answered the greeting; stays true when the connection is closed. */
  isOpen = false;
  /** The peer has everything up to this entry on its disk. */
  acked = 0;
  /** the numbering that the greeting named */
  private readonly epoch: string;
  /** the greeting named this server's version */
  private readonly hasVersion: boolean;
  /** up to this entry the change log is sent here; what comes later is published, or moves it */
  private goal = 0;
  private sent = 0;
  private sentRow = noRow;
  /** the ends of the batches that it has not acknowledged; `row` as in `ChangeBatch` */
  private unacked: { entry: number; row: number }[] = [];
  /** has entry `acked`, unless it changed again */
  private ackedRow = noRow;
  private hasCompared = false;
  private greetedAt = 0;
  private nextBeat = 0;
  private readonly comparisons: Comparisons;
  private readonly whole = new WholeComparison();
  protected readsUdp = false;
  protected isTwoWay = false;
  private readonly asked = new Map<number, OpinionRequest>();
  private asks = 0;
  private askedAt = Number.NEGATIVE_INFINITY;
  /** when it was last of use, by `Publication` (monotonic) */
  wantedAt = 0;

  constructor(
    options: SessionOptions & {
      peer: Peer;
      /** numbers in [0, 1) */
      random: () => number;
    },
  ) {
    super(options);
    this.peer = options.peer;
    this.comparisons = new Comparisons(options.random);
    this.hasVersion = options.peer.readsVersion;
    this.epoch = options.context.epoch;
  }

  get address(): string {
    return this.peer.address;
  }

  protected get isPaced(): boolean {
    return true;
  }

  heard(now: Clocks): void {
    this.lastMessageAt = now.mono;
    if (this.isOpen) this.peer.noteMessage(now);
  }

  greet(now: Clocks): void {
    const { id, epoch, run, listen, registry, version } = this.context;
    this.greetedAt = now.mono;
    this.send({
      kind: 'hello',
      id,
      epoch,
      run,
      protocol: syncProtocol,
      clock: Math.round(now.wall),
      listen,
      entry: registry.committedEntry,
      ...(this.hasVersion ? { version, readsUdp: true, isTwoWay: true } : {}),
    });
  }

  /** Entries that the peer has not acknowledged, and the age of the oldest change among them at `wall`, ms. */
  lag(wall: number): { entries: number; ms: number } {
    const { registry } = this.context;
    const { log, versions, changedAt } = registry;
    const entries = Math.max(0, registry.committedEntry - this.acked);
    const row = entries === 0 ? noRow : log.firstAfter(this.acked, this.ackedRow);
    if (row === noRow) return { entries, ms: 0 };
    // A deletion keeps the version of the contact that it judged.
    return { entries, ms: Math.max(0, wall - Math.max(versions.get(row).ms, changedAt.at(row))) };
  }

  receive(message: SyncMessage, now: Clocks): void {
    const { registry } = this.context;
    this.lastMessageAt = now.mono;
    if (message.kind === 'error') {
      if (!this.isOpen && this.hasVersion && message.code === 'malformed') this.greetPlainly();
      else this.refuse(message.text);
      return;
    }
    if (message.kind === 'welcome') {
      this.welcomed(message, now);
      return;
    }
    if (!this.isOpen) {
      this.refuse(misplaced(message));
      return;
    }
    this.peer.noteMessage(now);
    switch (message.kind) {
      case 'beat':
        this.send({ kind: 'echo', clock: Math.round(now.wall), number: message.number });
        return;
      case 'ack':
        this.acked = Math.max(this.acked, Math.min(message.entry, this.sent));
        while (this.unacked[0] !== undefined && this.unacked[0].entry <= this.acked)
          this.ackedRow = (this.unacked.shift() as { row: number }).row;
        this.push(now);
        return;
      case 'echo':
        this.noteEcho(message, this.peer, now);
        this.push(now);
        return;
      case 'differ':
        this.finish(this.comparisons.answered(message.buckets.length, now.mono));
        if (this.whole.answered(message.buckets)) this.peer.isCompared = true;
        for (const bucket of message.buckets)
          this.sendInTurn(0, () => [
            { kind: 'leaves', bucket, leaves: registry.digest.leaves(bucket) },
          ]);
        this.flow(now);
        return;
      case 'rows':
        this.sendInTurn(sizeOf(message), () => {
          const messages = compareLeaf(registry, message.leaf, message.hashes);
          for (const each of messages)
            if (each.kind === 'repair') this.comparisons.sent(each.changes.length);
          return messages;
        });
        this.flow(now);
        return;
      case 'repair':
        this.comparisons.received(this.mergeRepair(message.changes, now.wall));
        this.flow(now);
        return;
      case 'opinion': {
        const request = this.asked.get(message.number);
        if (request === undefined) return;
        this.asked.delete(message.number);
        this.emit({ kind: 'opinion', request, verdict: message.verdict });
        return;
      }
      default:
        this.refuse(misplaced(message));
    }
  }

  /** Compares now, and again until nothing differs. */
  compare(wish: ComparisonWish, now: Clocks): void {
    this.comparisons.request(wish, now.mono);
    this.compareIfDue(now);
  }

  /** Asks the peer whether it finds the host alive; no answer comes when the connection is lost. */
  ask(request: OpinionRequest, { mono }: Clocks): void {
    this.askedAt = mono;
    this.asks++;
    this.asked.set(this.asks, request);
    // An answer that has not come by now is not waited for any more.
    this.asked.delete(this.asks - 2 * maxAsking);
    this.send({ kind: 'ask', number: this.asks, address: request.address });
  }

  /** Something is under way that it is needed for: an opinion, or a comparison for an operator. */
  isBusy({ mono }: Clocks): boolean {
    const isAsking =
      this.asked.size > 0 && mono - this.askedAt < this.context.membership.times.downMs;
    return isAsking || this.comparisons.isAwaited || this.isWaiting;
  }

  committed(now: Clocks): void {
    if (this.isOpen) this.push(now);
  }

  /** Sends the next heartbeat now. */
  announceLoad(now: Clocks): void {
    if (this.isOpen) this.beat(now);
  }

  tick(now: Clocks): void {
    // TCP does not notice by itself that the peer's machine is gone.
    const { downMs } = this.context.membership.times;
    if (now.mono - this.lastMessageAt >= downMs) {
      this.lost(`was silent for ${downMs / 1_000} s`);
      return;
    }
    if (!this.isOpen) return;
    if (now.mono >= this.nextBeat) this.beat(now);
    this.flow(now);
    this.push(now);
    this.finish(this.comparisons.tick(now.mono));
    this.compareIfDue(now);
  }

  private compareIfDue(now: Clocks): void {
    const isBehind = this.acked < this.goal || this.peer.isSendingLog;
    // After a start, once the peer's change log is here: whether that is all shows at once.
    const isFirst = !this.hasCompared && this.peer.isLogHere && !this.peer.isCompared;
    if (isBehind || this.isWaiting || !(isFirst || this.comparisons.isDue(now.mono))) return;
    if (!isFirst && this.comparisons.isNeedless(this.peer.sameAt, now.mono)) return;
    this.hasCompared = true;
    this.comparisons.begun(now.mono, !isFirst);
    this.sendInTurn(0, () => [{ kind: 'digest', buckets: this.context.registry.digest.buckets() }]);
    this.flow(now);
  }

  private welcomed(welcome: SyncWelcome, now: Clocks): void {
    const { registry, id, run } = this.context;
    const { peer } = this;
    if (this.isOpen) {
      this.refuse(misplaced(welcome));
      return;
    }
    if (welcome.id === id && welcome.run === run) {
      this.context.membership.drop(peer.address);
      this.report('self', 'is this name server itself; it is left out');
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
      this.refuse(mistake);
      return;
    }
    const same = this.isRider ? null : this.context.membership.sameAs(peer, welcome);
    if (same !== null) {
      this.context.membership.join(same, peer);
      this.report(
        'self',
        `is ${same.address} under another address: both are dialled, and it is one peer; one of them in NameServers is enough`,
      );
      this.end();
      return;
    }
    if (welcome.applied > registry.committedEntry) {
      // Its database was restored, unless another peer has said so already.
      if (this.context.epoch === this.epoch)
        this.emit({ kind: 'renumber', session: this, applied: welcome.applied });
      else this.end();
      return;
    }
    this.isOpen = true;
    this.peer.unanswered = 0;
    peer.id = welcome.id;
    peer.noteRun(welcome.run, now.mono);
    if (!this.isRider) peer.runThere = welcome.run;
    if (this.hasVersion) peer.version = welcome.version ?? null;
    this.readsUdp = welcome.readsUdp === true;
    this.isTwoWay = welcome.isTwoWay === true;
    // That it cannot be dialled stays a trouble while its own connection carries everything.
    if (!this.isRider) peer.trouble = null;
    peer.noteRoundTrip(now.mono - this.greetedAt, welcome.clock, now);
    peer.noteMessage(now);
    this.acked = welcome.applied;
    this.sent = welcome.applied;
    this.goal = registry.committedEntry;
    const how = this.isRider ? ' over the connection that it opened' : '';
    if (!this.isPassing) this.report('up', `connected${how} (id ${welcome.id})`);
    this.comparisons.met(now.mono);
    this.beat(now);
    this.push(now);
  }

  /** The peer may be older than greetings with a version: the next greeting has none. */
  private greetPlainly(): void {
    this.peer.readsVersion = false;
    this.end();
  }

  /** The registry is numbered anew: the peer must be greeted again. */
  renumbered(): void {
    if (this.context.epoch !== this.epoch) this.end();
  }

  /** Reported once, until the peer is refused for another reason or for none. */
  refuse(text: string): void {
    if (this.peer.trouble !== text) this.report('refused', text);
    this.peer.trouble = text;
    this.end();
  }

  closed(): void {
    this.finish(this.comparisons.lost());
    if (!this.isEnding) this.lost('closed the connection');
  }

  /** Sessions with such a peer come and go: its pulses say whether it is there. */
  private get isPassing(): boolean {
    return !this.peer.isNamed && this.peer.isUp;
  }

  /** The connection ends, and this server did not want it to. */
  private lost(how: string): void {
    // What becomes of its carrier is reported by that.
    if (this.isRider || (this.isPassing && this.isOpen)) {
      this.end();
    } else if (this.isOpen) {
      this.report('lost', `${how}; dialling again`);
      this.end();
    } else if (!this.peer.isNamed && ++this.peer.unanswered < unansweredReported) {
      this.end();
    } else {
      this.refuse(`${how} instead of answering the greeting; look at the log of ddnsd there`);
    }
  }

  private finish(finished: readonly Finished[]): void {
    for (const each of finished) this.emit({ kind: 'compared', ...each });
  }

  protected override beat(now: Clocks): void {
    this.nextBeat = now.mono + this.context.membership.times.beatMs;
    super.beat(now);
  }

  private push(now: Clocks): void {
    const { registry, counters } = this.context;
    // To a peer that has all that was published, what is published from now on need not be sent as well.
    if (this.peer.isNamed || !this.peer.isUpToDate(now.mono)) this.goal = registry.committedEntry;
    while (
      this.sent < this.goal &&
      this.unacked.length < maxInFlight &&
      this.pace.hasRoom &&
      !registry.hasPending
    ) {
      const { batchBytes } = this.pace;
      const { entry, changes, row } = nextBatch(registry, this.sent, this.sentRow, batchBytes);
      this.sent = entry;
      this.sentRow = row;
      this.unacked.push({ entry, row });
      counters.changesSent += changes.length;
      this.send({ kind: 'changes', entry, changes });
      this.markIfDue(now);
    }
  }
}
