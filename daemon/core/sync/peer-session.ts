// What the two kinds of connection between name servers share: the way out, and what the core asks of
// whoever runs it.
import type { SyncMessage, Verdict } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import type { Counters } from '../stats/counters.ts';
import type { Clocks } from '../timing/timing.ts';
import type { Load, Membership } from './membership.ts';

/** A connection. Messages arrive whole and in order, or it closes. */
export interface Link {
  send(message: SyncMessage): void;
  /** Whether so much waits to be sent that more should wait too. */
  readonly isFull: boolean;
  readonly isEncrypted: boolean;
  close(): void;
}

export interface PeerEvent {
  /**
   * `ahead`: it tells of the future. `clock`: its clock went wrong, or right again. `twin`: another one
   * has its id, or none any more
   */
  kind: 'up' | 'lost' | 'refused' | 'self' | 'renumbered' | 'ahead' | 'clock' | 'twin';
  address: string;
  /** printable, for people */
  text: string;
}

/** This server, and what its sessions work on. */
export interface SyncContext {
  readonly registry: Registry;
  readonly membership: Membership;
  readonly counters: Counters;
  readonly id: string;
  /** names this run of the program */
  readonly run: string;
  /** of the software */
  readonly version: string;
  epoch: string;
  listen: string;
  load: () => Load;
  /** Asks for a commit soon; `committed` tells when it is done. */
  commit: () => void;
  /** Takes a new epoch, stored before it returns; null when that failed. */
  renumber: () => string | null;
  event: (event: PeerEvent) => void;
  /** A peer asks whether the host lives: `give` is called once, now or later. */
  judge: (address: string, give: (verdict: Verdict) => void) => void;
}

export interface Session {
  receive(message: SyncMessage, now: Clocks): void;
  /** Everything that was pending is on the disk. */
  committed(now: Clocks): void;
  tick(now: Clocks): void;
  /** Closes the connection. */
  end(): void;
  /** The connection has ended, whoever ended it. */
  closed(): void;
}

/** What is said of a message that does not belong where it came. */
export function misplaced({ kind }: SyncMessage): string {
  return `sent "${kind}" where it has no place; run the same version of ddnsd on both`;
}
