// What the two kinds of session share. A session is one connection to another name server, seen from the
// core: messages, time and commits go in, effects come out. It never touches the socket or the disk itself.
//
// Invariant: a session says nothing that depends on unsaved state. It asks for a commit or for a new epoch
// with an effect, and goes on when the confirmation comes in (`committed`, `SyncEngine.renumbered`).
import { parseAddress } from '../../../shared/protocol/address.ts';
import type {
  HostChange,
  OpinionVerdict,
  SyncMessage,
  SyncNews,
} from '../../../shared/protocol/sync-message.ts';
import type { OpinionRequest } from '../expiry/expiry-effects.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';
import { sizeOf } from './change-batch.ts';
import type { Comparison, ComparisonWish } from './comparisons.ts';
import type { Membership } from './membership.ts';
import { Pace } from './pace.ts';
import type { Load, Peer } from './peer.ts';
import { refusalText } from './peer-trouble.ts';
import { type Merged, mergeAll } from './repair.ts';

/** Something about a peer that its operators should know. */
export interface PeerEvent {
  /**
   * `ahead`: it sent records from the future. `clock`: its clock went wrong, or is right again. `twin`:
   * another peer has its id, or none any more. `unable`: it cannot judge hosts, or can again.
   */
  readonly kind:
    | 'up'
    | 'lost'
    | 'refused'
    | 'self'
    | 'renumbered'
    | 'ahead'
    | 'clock'
    | 'twin'
    | 'unable';
  /** the peer, `ip:port`, or the IP address alone of one that is not configured */
  readonly address: string;
  /** a predicate without its subject, which is the peer; may contain what the peer sent */
  readonly text: string;
}

/** Store a new epoch, then call `SyncEngine.renumbered` with this very object. */
export interface Renumbering {
  readonly kind: 'renumber';
  readonly session: PeerSession;
  /** the entry of this server that the peer has and the registry lacks */
  readonly applied: number;
}

/** Find out whether the host answers, then call `SyncEngine.judged` with this very object. */
export interface Question {
  readonly kind: 'judge';
  readonly session: PeerSession;
  readonly number: number;
  readonly address: string;
}

/** What the sync engine wants done. Perform effects in order, and all of them before the next input. */
export type SyncEffect =
  /** Write `message` to the connection, behind what was written before. */
  | { readonly kind: 'send'; readonly session: PeerSession; readonly message: SyncMessage }
  /** Close the connection, after `last` has been written; `SyncEngine.closed` follows when it is closed. */
  | { readonly kind: 'close'; readonly session: PeerSession; readonly last?: SyncMessage }
  /** Say it to everybody; `SyncEngine.publication.wentOut` follows when it is on its way. */
  | { readonly kind: 'publish'; readonly news: SyncNews; readonly bytes: number }
  /** A session with the peer at `address` is wanted now: `SyncEngine.publication.wants`. */
  | { readonly kind: 'wake'; readonly address: string }
  /** Commit soon what is pending in the registry; `SyncEngine.committed` follows. */
  | { readonly kind: 'commit' }
  | Renumbering
  | Question
  /** The answer to `SyncEngine.ask`. */
  | { readonly kind: 'opinion'; readonly request: OpinionRequest; readonly verdict: OpinionVerdict }
  /** The end of what `SyncEngine.compare` began. */
  | { readonly kind: 'compared'; readonly wish: ComparisonWish; readonly result: Comparison }
  | { readonly kind: 'event'; readonly event: PeerEvent };

/** Counted since the start of the program. */
export interface SyncCounters {
  changesSent: number;
  changesReceived: number;
  changesRepaired: number;
  changesRefused: number;
  changesStale: number;
  opinionsAsked: number;
  opinionsGiven: number;
}

/** This server, as its sessions see it: data only. */
export interface SyncContext {
  readonly registry: Registry;
  readonly membership: Membership;
  readonly counters: SyncCounters;
  readonly id: string;
  /** names this run of the program */
  readonly run: string;
  /** of the software */
  readonly version: string;
  /** names the numbering of the change log; new after a restore */
  epoch: string;
  /** where other name servers reach this one, `ip:port` */
  listen: string;
  /** what the next heartbeat says; kept up to date by the program that runs the engine */
  load: Load;
}

/** Requests of a peer that wait for room on its line: far more than one comparison leads to. */
const maxWaitingBytes = 8_388_608;

/** Messages that wait until the line has room for them. */
interface Turn {
  /** what it takes to keep it */
  bytes: number;
  make: () => readonly SyncMessage[];
}

/** What every session is made of. */
export interface SessionOptions {
  context: SyncContext;
  /** where its effects go */
  effects: SyncEffect[];
  now: Clocks;
  /** the session on whose connection it rides; undefined: it has one of its own */
  carrier?: PeerSession | undefined;
}

/** One connection to another name server, or one direction of replication on a connection that carries both. */
export abstract class PeerSession {
  protected readonly context: SyncContext;
  /** on the monotonic clock */
  protected lastMessageAt: number;
  /** the session that the connection was opened for: this one, unless it rides on the connection of another */
  readonly carrier: PeerSession;
  /** Whether what is said on its connection is encrypted, as the program that runs the engine says. */
  isEncrypted = false;
  protected readonly pace: Pace;
  private readonly effects: SyncEffect[];
  private hasEnded = false;
  private readonly turns: Turn[] = [];
  private waitingBytes = 0;

  constructor({ context, effects, now, carrier }: SessionOptions) {
    this.context = context;
    this.effects = effects;
    this.lastMessageAt = now.mono;
    this.carrier = carrier ?? this;
    this.pace = carrier?.pace ?? new Pace();
  }

  /** The peer's address for operators, `ip:port`. */
  abstract get address(): string;

  /** This server has asked for the connection to be closed: nothing is received or sent any more. */
  get isEnding(): boolean {
    return this.hasEnded;
  }

  /** Whether the peer knows that hosts may speak over UDP; an older one takes them for native. */
  protected abstract get readsUdp(): boolean;

  /** Whether the peer echoes heartbeats on this connection, which shows how much the line carries. */
  protected abstract get isPaced(): boolean;

  /** Whether the peer said `both`: it knows words behind a heartbeat, too. */
  protected abstract get isTwoWay(): boolean;

  /** Something of the peer has arrived, if only a part of a message. */
  abstract heard(now: Clocks): void;

  /** The first message of this side. */
  abstract greet(now: Clocks): void;

  abstract receive(message: SyncMessage, now: Clocks): void;

  /** Everything that was pending in the registry is on the disk. */
  abstract committed(now: Clocks): void;

  abstract tick(now: Clocks): void;

  /** The peer broke the protocol or does not read; `text` says so to operators. */
  abstract refuse(text: string): void;

  /** The connection is closed, by either side. */
  abstract closed(): void;

  /** Closes the connection, unless it is another session's; with a last message to the peer if there is one. */
  end(last?: SyncMessage): void {
    if (this.hasEnded) return;
    const close = { kind: 'close', session: this } as const;
    if (!this.isRider) this.emit(last === undefined ? close : { ...close, last });
    this.hasEnded = true;
  }

  /** It uses the connection of another session. */
  get isRider(): boolean {
    return this.carrier !== this;
  }

  protected emit(effect: SyncEffect): void {
    if (!this.hasEnded || effect.kind !== 'send') this.effects.push(effect);
  }

  /** Sends it at once: it overtakes what waits for its turn. */
  protected send(message: SyncMessage): void {
    this.pace.noteSent(sizeOf(message));
    this.emit({
      kind: 'send',
      session: this.carrier,
      message: this.readsUdp || !('changes' in message) ? message : withoutUdp(message),
    });
  }

  /**
   * Sends messages of a comparison, in the order of these calls, as the line has room for them.
   * @param bytes of what is kept until then
   * @param make makes them, when it is their turn
   */
  protected sendInTurn(bytes: number, make: Turn['make']): void {
    this.turns.push({ bytes, make });
    this.waitingBytes += bytes;
    if (this.waitingBytes > maxWaitingBytes)
      this.refuse(
        `asks for more than it reads: ${this.waitingBytes >> 20} MiB wait, so the connection was closed; look at its load and the network between`,
      );
  }

  /** Messages that wait for their turn. */
  protected get isWaiting(): boolean {
    return this.turns.length > 0;
  }

  /** Sends what waits, as far as there is room, and heartbeats in between. */
  protected flow(now: Clocks): void {
    // Echoes take room as well, and only a heartbeat behind them brings it back.
    if (this.turns.length > 0) this.markIfDue(now);
    while (this.turns.length > 0 && !this.hasEnded && (!this.isPaced || this.pace.hasRoom)) {
      const { bytes, make } = this.turns.shift() as Turn;
      this.waitingBytes -= bytes;
      for (const message of make()) this.send(message);
      this.markIfDue(now);
    }
  }

  /** A heartbeat behind what was sent, if there is none near. */
  protected markIfDue(now: Clocks): void {
    if (this.isPaced && this.pace.wantsMark) this.beat(now);
  }

  protected beat(now: Clocks): void {
    const number = this.pace.mark(now.mono);
    const { load, registry } = this.context;
    const { cannotJudge = null, ...figures } = load;
    const unable = cannotJudge === null ? {} : { cannotJudge };
    const words = this.isTwoWay ? { ...unable, digest: registry.digest.whole() } : {};
    this.send({ kind: 'beat', clock: Math.round(now.wall), number, ...figures, ...words });
  }

  /** The echo of a heartbeat: how long it took, and how far the peer's clock differs. */
  protected noteEcho(
    echo: { clock: number; number: number },
    peer: Peer | null,
    now: Clocks,
  ): void {
    const { beatMs } = this.context.membership.times;
    const roundTripMs = this.pace.echoed(echo.number, now.mono, beatMs);
    if (roundTripMs !== null) peer?.noteRoundTrip(roundTripMs, echo.clock, now);
    this.flow(now);
  }

  protected report(kind: PeerEvent['kind'], text: string): void {
    this.emit({ kind: 'event', event: { kind, address: this.address, text } });
  }

  /** Merges records of the peer, and reports those that were refused. */
  protected merge(changes: readonly HostChange[], wall: number): Merged {
    const known = this.readsUdp ? changes : changes.map((each) => this.asKnownHere(each));
    const { merged, event } = mergeFrom(this.context, known, wall, this.address);
    if (event !== null) this.emit({ kind: 'event', event });
    return merged;
  }

  /** A record of a peer that takes hosts that speak over UDP for native ones. */
  private asKnownHere(change: HostChange): HostChange {
    const { registry } = this.context;
    const row = registry.find(parseAddress(change.address) as Uint32Array, 0);
    const isUdp =
      change.dialect === 'native' &&
      row !== noRow &&
      registry.dialectOf(row) === 'udp' &&
      registry.nodeIds.equals(row, change.nodeId);
    return isUdp ? { ...change, dialect: 'udp' } : change;
  }

  /**
   * Takes the records of a `repair`, and sends tombstones that the peer lacks.
   * @returns how many records were news here
   */
  protected mergeRepair(changes: readonly HostChange[], wall: number): number {
    const { outcomes, corrections } = this.merge(changes, wall);
    this.context.counters.changesRepaired += outcomes.applied;
    for (const each of corrections) this.sendInTurn(sizeOf(each), () => [each]);
    this.emit({ kind: 'commit' });
    return outcomes.applied;
  }
}

/**
 * Merges records of the peer at `address`; what they change is pending in the registry.
 * @returns with the event to report, if some were refused
 */
export function mergeFrom(
  { registry, counters, membership }: SyncContext,
  changes: readonly HostChange[],
  wall: number,
  address: string,
): { merged: Merged; event: PeerEvent | null } {
  const merged = mergeAll(registry, changes, wall);
  const { refused, stale } = merged.outcomes;
  counters.changesRefused += refused;
  counters.changesStale += stale;
  if (refused === 0) return { merged, event: null };
  const { clockMs = null } = membership.at(address) ?? {};
  const text = refusalText(refused, merged.aheadMs, clockMs);
  return { merged, event: { kind: 'ahead', address, text } };
}

/** The records for a name server that knows no hosts over UDP. */
function withoutUdp<T extends { changes: HostChange[] }>(message: T): T {
  const changes = message.changes.map((each) =>
    each.dialect === 'udp' ? { ...each, dialect: 'native' as const } : each,
  );
  return { ...message, changes };
}
