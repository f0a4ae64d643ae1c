// The connection from a peer that dialled this server: its changes are merged and acknowledged when
// they are on the disk, its heartbeats echoed, its digests compared with what is here.
import type { SyncHello, SyncMessage } from '../../../shared/protocol/sync-message.ts';
import { syncProtocol } from '../../../shared/protocol/sync-message.ts';
import { maxAsking } from '../expiry/suspects.ts';
import type { Clocks } from '../timing/timing.ts';
import type { Peer } from './membership.ts';
import { type Link, misplaced, type Session, type SyncContext } from './peer-session.ts';
import {
  differingBuckets,
  differingRows,
  mergeAll,
  takeRepair,
  tellRefused,
  wantedRows,
} from './repair.ts';
import { WholeComparison } from './whole-comparison.ts';

/** Each costs a ping; a peer asks for no more at once. */
const maxJudging = maxAsking;

export class InboundSession implements Session {
  readonly hello: SyncHello;
  private readonly context: SyncContext;
  /** its greeting names an address at which others reach it */
  private readonly saysWhere: boolean;
  private readonly link: Link;
  /** up to here its changes are in the registry, and told so */
  private received: number;
  private acked: number;
  private heardAt: number;
  private readonly whole = new WholeComparison();
  /** opinions that it waits for */
  private judging = 0;

  constructor(options: {
    context: SyncContext;
    hello: SyncHello;
    link: Link;
    now: Clocks;
    saysWhere: boolean;
  }) {
    const { context, hello, now } = options;
    this.saysWhere = options.saysWhere;
    this.context = context;
    this.hello = hello;
    this.link = options.link;
    this.heardAt = now.mono;
    const applied = context.registry.applied.entryOf(hello.id, hello.epoch);
    this.received = applied;
    this.acked = applied;
    const peer = context.membership.identify(hello.id, hello.listen);
    const says = hello.version !== undefined;
    if (peer !== null) {
      peer.version = hello.version ?? null;
      peer.readsVersion ||= says;
    }
    this.link.send({
      kind: 'welcome',
      id: context.id,
      run: context.run,
      protocol: syncProtocol,
      clock: Math.round(now.wall),
      applied,
      ...(says ? { version: context.version } : {}),
    });
  }

  /** The peer sends what it had before it dialled. */
  get isReceiving(): boolean {
    return this.received < this.hello.entry;
  }

  receive(message: SyncMessage, now: Clocks): void {
    const { registry, counters, membership } = this.context;
    const { hello } = this;
    this.heardAt = now.mono;
    const peer = membership.identify(hello.id, hello.listen);
    peer?.heard(now.mono);
    this.noteLog(peer);
    const from = peer?.address ?? hello.listen;
    switch (message.kind) {
      case 'changes': {
        const merged = mergeAll(registry, message.changes, now.wall);
        const { outcomes } = merged;
        tellRefused(this.context, from, merged);
        counters.changesReceived += message.changes.length;
        counters.changesRefused += outcomes.refused;
        counters.changesStale += outcomes.stale;
        this.received = Math.max(this.received, message.entry);
        registry.applied.note(hello.id, hello.epoch, this.received);
        this.noteLog(peer);
        this.context.commit();
        return;
      }
      case 'beat': {
        const { number, backlog, limit, live, clock } = message;
        this.link.send({ kind: 'echo', clock: Math.round(now.wall), number });
        if (peer === null) return;
        peer.id = hello.id;
        peer.listen = this.saysWhere ? hello.listen : null;
        peer.load = { backlog, limit, live };
        peer.loadAt = now.mono;
        peer.clockMs ??= Math.round(clock - now.wall);
        return;
      }
      case 'digest': {
        const buckets = differingBuckets(registry, message.buckets);
        this.link.send({ kind: 'differ', buckets });
        if (this.whole.answered(buckets) && peer !== null) peer.isCompared = true;
        return;
      }
      case 'leaves':
        for (const each of differingRows(registry, message.bucket, message.leaves))
          this.link.send(each);
        return;
      case 'want':
        for (const each of wantedRows(registry, message.leaf, message.hashes)) this.link.send(each);
        return;
      case 'repair':
        takeRepair(this.context, this.link, from, message.changes, now.wall);
        return;
      case 'ask':
        this.giveOpinion(message.number, message.address);
        return;
      default:
        this.context.event({ kind: 'refused', address: from, text: misplaced(message) });
        this.end();
    }
  }

  committed(): void {
    if (this.acked === this.received) return;
    this.acked = this.received;
    this.link.send({ kind: 'ack', entry: this.acked });
  }

  private noteLog(peer: Peer | null): void {
    if (peer === null) return;
    peer.isSendingLog = this.isReceiving;
    if (!this.isReceiving) peer.isLogHere = true;
  }

  private giveOpinion(number: number, address: string): void {
    if (this.judging >= maxJudging) {
      this.link.send({ kind: 'opinion', number, verdict: 'unknown' });
      return;
    }
    this.judging++;
    this.context.counters.opinionsGiven++;
    this.context.judge(address, (verdict) => {
      this.judging--;
      this.link.send({ kind: 'opinion', number, verdict });
    });
  }

  closed(): void {}

  end(): void {
    this.link.close();
  }

  tick(now: Clocks): void {
    const { membership, event } = this.context;
    const { downMs } = membership.times;
    if (now.mono - this.heardAt < downMs) return;
    const address = membership.identify(this.hello.id, this.hello.listen)?.address;
    const text = `was silent for ${downMs / 1_000} s on the connection that it opened; closed`;
    event({ kind: 'lost', address: address ?? this.hello.listen, text });
    this.end();
  }
}
