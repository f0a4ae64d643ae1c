// What the parts of a simulated fleet see of it and of each other: the world that they share, the machines of name
// servers, the hosts that are pinged, and the witness that learns what happened at which server before any server can
// send it to another.
import type { Ping } from '../../daemon/core/expiry/expiry-effects.ts';
import type { Version } from '../../daemon/core/registry/version.ts';
import type { MembershipTimes } from '../../daemon/core/sync/peer.ts';
import type { PeerEvent } from '../../daemon/core/sync/peer-session.ts';
import type { HostDialect } from '../../shared/protocol/sync-message.ts';
import type { SimBus } from './bus.ts';
import type { SimClock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Process } from './links.ts';
import type { Network } from './network.ts';
import type { Reach } from './reach.ts';
import type { World } from './world.ts';

/** How a host answers a ping; one that is dead refuses it when its machine still runs. */
export type Manner = 'answers' | 'refuses' | 'silent';

/** What a host asks a name server for. */
export type Verb = 'query' | 'alive' | 'leave';

export interface Asker {
  readonly address: string;
  readonly nodeId: string;
  readonly dialect: HostDialect;
}

export interface Living extends Asker {
  readonly isAlive: boolean;
}

/** The machine of a name server: what lasts from one process to the next. */
export interface Machine {
  readonly index: number;
  readonly id: string;
  readonly address: string;
  readonly clock: SimClock;
  readonly disk: Disk;
  readonly events: PeerEvent[];
  /** what its disk must hold, because it was answered */
  readonly promised: Act[];
  readonly process: Process | null;
  readonly isAsleep: boolean;
  readonly wakesAt: number;
  /** A host's request arrives; `answered` when it is on the disk. Nothing happens when nobody is there. */
  ask(verb: Verb, asker: Asker, answered: () => void): void;
}

/** A host and a server were in contact, or the host left there. */
export interface Act {
  readonly what: 'contact' | 'leave';
  readonly address: string;
  readonly server: number;
  /** true time */
  readonly at: number;
  /** of the host's record there, when it was done */
  readonly nodeId: string;
  readonly version: Version;
  readonly lastSeen: number;
  /** the server's clock was further off than others accept */
  readonly isClockWrong: boolean;
  /** it is on the disk there, and the host has the answer */
  isAnswered: boolean;
  /** a backup from before it was restored there: nobody promised that it survives that */
  isForgotten: boolean;
}

/** What was deleted for not answering: the contact that was judged. */
export interface Deleted {
  readonly address: string;
  readonly nodeId: string;
  readonly dialect: HostDialect;
  readonly version: Version;
  readonly lastSeen: number;
}

/** Servers are given by their index. */
export interface Witness {
  /** A process begins with what is on its disk. */
  started(server: number): void;
  /** Done in memory. */
  acted(act: Act): void;
  /** On the disk, and answered. */
  answered(act: Act): void;
  pinged(server: number, address: string): void;
  expired(server: number, deleted: Deleted): void;
}

export const nobody: Witness = {
  started: () => {},
  acted: () => {},
  answered: () => {},
  pinged: () => {},
  expired: () => {},
};

/** A fleet, as its parts see it. */
export interface Surroundings {
  readonly world: World;
  readonly reach: Reach;
  readonly network: Network;
  /** what servers meet on; null: they dial each other */
  readonly bus: SimBus | null;
  readonly witness: Witness;
  readonly ttlMs: number;
  /** PingAttempts */
  readonly attempts: number;
  readonly membership: MembershipTimes;
  readonly maxHosts: number;
  readonly servers: readonly Machine[];
  at(index: number): Machine;
  /** The host at `address`, dead until it begins to live. */
  host(address: string): Living;
  mannerOf(ping: Ping): Manner;
  /** The system of that server knows that it has no network. */
  knowsNoRoute(server: number): boolean;
  /** Eight hex digits that were not there before. */
  tag(): string;
  /** A line for the transcript. */
  note(line: () => string): void;
}
