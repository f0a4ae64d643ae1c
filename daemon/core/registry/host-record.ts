// The types of one host in the registry, and of a registry's options.
import type { HostDialect, HostState } from '../../../shared/protocol/sync-message.ts';
import type { Applied } from './change-log.ts';
import type { Version } from './version.ts';

export type { HostDialect, HostState };

/** A host, live or gone. Times are ms since 1970. */
export interface HostRecord {
  /** `ip:port`, IPv6 in brackets */
  address: string;
  nodeId: string;
  /** the first and the latest contact */
  firstSeen: number;
  lastSeen: number;
  state: HostState;
  dialect: HostDialect;
  /** number of the membership change that made the host live or gone, and when that was */
  change: number;
  changedAt: number;
}

/** A host as the store keeps it, under its row in the registry. */
export interface StoredHost extends Omit<HostRecord, 'address' | 'nodeId'> {
  row: number;
  /** the packed address (shared/protocol/address.ts) */
  words: Uint32Array;
  /** a canonical UUID may be its four words */
  nodeId: string | Uint32Array;
  version: Version;
  /** it answered a ping of this server */
  isProved: boolean;
  /** gone because it left or was removed here, not for want of an answer */
  hasLeft: boolean;
  /** entry in this server's change log; 0 when the version is another server's */
  entry: number;
}

/** What a new registry is made with. */
export interface RegistryOptions {
  /** live hosts at most (MaxHosts) */
  maxHosts: number;
  /** rows at least; more than `maxHosts` and its tombstones need when the stored rows go further */
  rows?: number;
  /** change numbers up to here may have lost their tombstones; 0 when left out */
  horizon?: number;
  /** id of the server whose registry it is */
  server?: string;
  /** hosts of one source at most (HostsPerSource); any number when left out */
  perSource?: number;
  /** 32 secret bits, so that nobody can choose sources that are counted as one */
  salt?: number;
  /** up to which entries the logs of other servers are applied */
  applied?: Iterable<[server: string, Applied]>;
  /** the latest entry of this server's change log */
  entry?: number;
  /** ms since 1970: restored versions from long after it do not move the clock */
  now?: number;
}

/** What became of a contact. */
export type Registered =
  /** the address was unknown */
  | 'registered'
  /** the host was gone */
  | 'returned'
  /** the host was live */
  | 'refreshed'
  /** refused: the registry holds `maxHosts` */
  | 'full'
  /** refused: the source holds its share */
  | 'over-share';
