// The connection from a peer that dialled this server: its changes are merged, and acknowledged when they
// are on the disk; its heartbeats are echoed; its digests are compared with those here.
import {
  type OpinionVerdict,
  type SyncHello,
  type SyncMessage,
  syncProtocol,
} from '../../../shared/protocol/sync-message.ts';
import { maxAsking } from '../expiry/suspects.ts';
import type { Clocks } from '../timing/timing.ts';
import { sizeOf } from './change-batch.ts';
import { WholeComparison } from './comparisons.ts';
import type { Peer } from './peer.ts';
import { PeerSession, type Question, type SessionOptions } from './peer-session.ts';
import { misplaced } from './peer-trouble.ts';
import { differingBuckets, differingRows, wantedRows } from './repair.ts';

/** Opinions that a peer waits for: each costs a ping, and a peer asks for no more at once. */
const maxJudging = maxAsking;

/** Answers a peer that dialled: `welcome`, `ack`, `echo`, `differ`, `rows`, `repair`, `opinion` (PROTOCOL.md, "Sync"). */
export class InboundSession extends PeerSession {
  readonly hello: SyncHello;
  /** false: `hello.listen` is where the connection came from, not where the peer says it is reached */
  private readonly saysWhere: boolean;
  /** its changes up to this entry are in the registry */
  private received: number;
  private acked: number;
  private readonly whole = new WholeComparison();
  /** opinions that the peer waits for */
  private judging = 0;
  private lastPeer: Peer | null = null;

  constructor(options: SessionOptions & { hello: SyncHello; saysWhere: boolean }) {
    super(options);
    const { context, hello } = options;
    this.hello = hello;
    this.saysWhere = options.saysWhere;
    this.received = context.registry.applied.entryOf(hello.id, hello.epoch);
    this.acked = this.received;
  }

  protected get readsUdp(): boolean {
    return this.hello.readsUdp === true;
  }

  protected get isTwoWay(): boolean {
    return this.hello.isTwoWay === true;
  }

  protected get isPaced(): boolean {
    return this.isTwoWay;
  }

  get address(): string {
    return this.peer?.address ?? this.hello.listen;
  }

  heard(now: Clocks): void {
    this.lastMessageAt = now.mono;
    this.peer?.noteMessage(now);
  }

  /** The peer is sending the part of its change log from before it dialled. */
  get isReceiving(): boolean {
    return this.received < this.hello.entry;
  }

  greet(now: Clocks): void {
    const { context, peer } = this;
    const { version } = this.hello;
    const hasVersion = version !== undefined;
    if (peer !== null) {
      peer.version = version ?? null;
      peer.readsVersion ||= hasVersion;
    }
    this.send({
      kind: 'welcome',
      id: context.id,
      run: context.run,
      protocol: syncProtocol,
      clock: Math.round(now.wall),
      applied: this.received,
      ...(hasVersion ? { version: context.version, readsUdp: true, isTwoWay: true } : {}),
    });
  }

  receive(message: SyncMessage, now: Clocks): void {
    const { registry, counters } = this.context;
    const { hello, peer } = this;
    this.lastMessageAt = now.mono;
    peer?.noteMessage(now);
    this.noteLog(peer);
    switch (message.kind) {
      case 'changes':
        this.merge(message.changes, now.wall);
        counters.changesReceived += message.changes.length;
        this.received = Math.max(this.received, message.entry);
        if (peer === null) registry.applied.note(hello.id, hello.epoch, this.received);
        else peer.noteApplied(registry, hello, this.received);
        this.noteLog(peer);
        this.emit({ kind: 'commit' });
        return;
      case 'beat': {
        const { number, backlog, limit, live, clock } = message;
        this.send({ kind: 'echo', clock: Math.round(now.wall), number });
        if (peer === null) return;
        peer.id = hello.id;
        peer.listen = this.saysWhere ? hello.listen : null;
        peer.load = { backlog, limit, live };
        peer.loadAt = now.mono;
        peer.cannotJudge = message.cannotJudge ?? null;
        if (message.digest !== undefined) peer.noteDigest(message.digest, registry, now.mono);
        peer.clockMs ??= Math.round(clock - now.wall);
        return;
      }
      case 'echo':
        this.noteEcho(message, peer, now);
        return;
      case 'digest': {
        const buckets = differingBuckets(registry, message.buckets);
        this.sendInTurn(0, () => [{ kind: 'differ', buckets }]);
        this.flow(now);
        if (this.whole.answered(buckets) && peer !== null) peer.isCompared = true;
        return;
      }
      case 'leaves':
        this.sendInTurn(sizeOf(message), () =>
          differingRows(registry, message.bucket, message.leaves),
        );
        this.flow(now);
        return;
      case 'want':
        this.sendInTurn(sizeOf(message), () => wantedRows(registry, message.leaf, message.hashes));
        this.flow(now);
        return;
      case 'repair':
        this.mergeRepair(message.changes, now.wall);
        this.flow(now);
        return;
      case 'ask':
        this.askHere(message.number, message.address);
        return;
      default:
        this.refuse(misplaced(message));
    }
  }

  committed(): void {
    if (this.acked === this.received) return;
    this.acked = this.received;
    this.send({ kind: 'ack', entry: this.acked });
  }

  tick(now: Clocks): void {
    this.flow(now);
    const { downMs } = this.context.membership.times;
    if (this.isRider || now.mono - this.lastMessageAt < downMs) return;
    const text = `was silent for ${downMs / 1_000} s on the connection that it opened; closed`;
    this.report('lost', text);
    this.end();
  }

  /** Answers an `ask` of the peer. */
  judged({ number }: Question, verdict: OpinionVerdict): void {
    this.judging--;
    this.send({ kind: 'opinion', number, verdict });
  }

  refuse(text: string): void {
    this.report('refused', text);
    this.end();
  }

  closed(): void {}

  get peer(): Peer | null {
    const { id, listen } = this.hello;
    this.lastPeer = this.context.membership.identify(id, listen, this.lastPeer);
    return this.lastPeer;
  }

  private noteLog(peer: Peer | null): void {
    if (peer === null) return;
    peer.isSendingLog = this.isReceiving;
    if (!this.isReceiving) peer.isLogHere = true;
  }

  private askHere(number: number, address: string): void {
    if (this.judging >= maxJudging) {
      this.send({ kind: 'opinion', number, verdict: 'unknown' });
      return;
    }
    this.judging++;
    this.context.counters.opinionsGiven++;
    this.emit({ kind: 'judge', session: this, number, address });
  }
}
