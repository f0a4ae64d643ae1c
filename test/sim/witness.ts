// Watches a simulated fleet: learns what happened at which server before any server can tell another.
import type { Version } from '../../daemon/core/registry/version.ts';

/** A host and a server were in contact, or the host left there. */
export interface Act {
  readonly what: 'contact' | 'leave';
  readonly address: string;
  readonly server: number;
  /** true time */
  readonly at: number;
  /** of the host's record there, when it was done */
  readonly version: Version;
  readonly lastSeen: number;
  /** the server's clock was further off than others accept */
  readonly isClockWrong: boolean;
  /** it is on the disk there, and the host was told */
  isAnswered: boolean;
  /** a backup from before it was restored there: nobody promised that it survives that */
  isForgotten: boolean;
}

/** What was deleted for not answering: the contact that was judged. */
export interface Deleted {
  readonly address: string;
  readonly nodeId: string;
  readonly dialect: 'native' | 'legacy';
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
