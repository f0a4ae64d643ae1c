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
} from '../../../shared/protocol/sync-message.ts';
import type { OpinionRequest } from '../expiry/expiry-effects.ts';
import type { Registry } from '../registry/registry.ts';
import { noRow } from '../registry/row-list.ts';
import type { Clocks } from '../timing/timing.ts';
import type { Comparison, ComparisonWish } from './comparisons.ts';
import type { Load, Membership } from './membership.ts';
import { refusalText } from './peer-trouble.ts';
import { type Merged, mergeAll } from './repair.ts';

/** Something about a peer that its operators should know. */
export interface PeerEvent {
  /**
   * `ahead`: it sent records from the future. `clock`: its clock went wrong, or is right again. `twin`:
   * another peer has its id, or none any more.
   */
  readonly kind: 'up' | 'lost' | 'refused' | 'self' | 'renumbered' | 'ahead' | 'clock' | 'twin';
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
  /** Close the connection; `SyncEngine.closed` follows when it is closed. */
  | { readonly kind: 'close'; readonly session: PeerSession }
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

/** One connection to another name server. */
export abstract class PeerSession {
  protected readonly context: SyncContext;
  /** on the monotonic clock */
  protected lastMessageAt: number;
  private readonly effects: SyncEffect[];
  private hasEnded = false;

  constructor(context: SyncContext, effects: SyncEffect[], { mono }: Clocks) {
    this.context = context;
    this.effects = effects;
    this.lastMessageAt = mono;
  }

  /** The peer's address for operators, `ip:port`. */
  abstract get address(): string;

  /** This server has asked for the connection to be closed: nothing is received or sent any more. */
  get isEnding(): boolean {
    return this.hasEnded;
  }

  /** Whether the peer knows that hosts may speak over UDP; an older one takes them for native. */
  protected abstract get readsUdp(): boolean;

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

  /** Closes the connection. */
  end(): void {
    if (this.hasEnded) return;
    this.emit({ kind: 'close', session: this });
    this.hasEnded = true;
  }

  protected emit(effect: SyncEffect): void {
    if (!this.hasEnded || effect.kind !== 'send') this.effects.push(effect);
  }

  protected send(message: SyncMessage): void {
    this.emit({
      kind: 'send',
      session: this,
      message: this.readsUdp || !('changes' in message) ? message : withoutUdp(message),
    });
  }

  protected report(kind: PeerEvent['kind'], text: string): void {
    this.emit({ kind: 'event', event: { kind, address: this.address, text } });
  }

  /** Merges records of the peer, and reports those that were refused. */
  protected merge(changes: readonly HostChange[], wall: number): Merged {
    const { registry, counters, membership } = this.context;
    const known = this.readsUdp ? changes : changes.map((each) => this.asKnownHere(each));
    const merged = mergeAll(registry, known, wall);
    const { refused, stale } = merged.outcomes;
    counters.changesRefused += refused;
    counters.changesStale += stale;
    const { clockMs = null } = membership.at(this.address) ?? {};
    if (refused > 0) this.report('ahead', refusalText(refused, merged.aheadMs, clockMs));
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
    for (const each of corrections) this.send(each);
    this.emit({ kind: 'commit' });
    return outcomes.applied;
  }
}

/** The records for a name server that knows no hosts over UDP. */
function withoutUdp<T extends { changes: HostChange[] }>(message: T): T {
  const changes = message.changes.map((each) =>
    each.dialect === 'udp' ? { ...each, dialect: 'native' as const } : each,
  );
  return { ...message, changes };
}
