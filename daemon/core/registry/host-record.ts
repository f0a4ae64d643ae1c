// The registry's words about one host: as a record, as the store keeps it, and what of a registry the
// store has still to be told.
import type { HostDialect, HostState } from '../../../shared/protocol/sync-message.ts';
import type { Version } from './version.ts';

export type { HostDialect, HostState };

/** A host as a record: what the store keeps and what a console shows. Times in ms since 1970. */
export interface HostRecord {
  address: string;
  nodeId: string;
  firstSeen: number;
  lastSeen: number;
  state: HostState;
  dialect: HostDialect;
  /** number of the change that made the host live or gone, and when that was */
  change: number;
  changedAt: number;
}

/** What the store keeps of a host, by the row that it has in the registry. */
export interface StoredHost extends Omit<HostRecord, 'address' | 'nodeId'> {
  row: number;
  /** its address, packed, at 0 */
  words: Uint32Array;
  /** a canonical UUID may be its four words */
  nodeId: string | Uint32Array;
  version: Version;
  /** it answered a ping of this server before */
  isProved: boolean;
  /** number in this server's own log; 0 when the version is another server's */
  entry: number;
}

/** Up to which entry another server's changes are in this registry. */
export interface Applied {
  epoch: string;
  entry: number;
}

export interface RegistryOptions {
  maxHosts: number;
  /** how many rows there must be at least */
  rows?: number;
  horizon?: number;
  /** id of the server whose registry it is */
  server?: string;
  /** most hosts of one source (HostsPerSource); any number when left out */
  perSource?: number;
  /** 32 bits that nobody else knows, for counting sources */
  salt?: number;
  /** up to where the logs of others are in it */
  applied?: Iterable<[server: string, Applied]>;
}

export interface RestoreOptions extends RegistryOptions {
  horizon: number;
  rows: number;
  /** the latest entry of this server's log */
  entry?: number;
  /** versions from long after it do not move this server's clock */
  now?: number;
}

export type Registered =
  | 'registered'
  | 'returned'
  | 'refreshed'
  /** refused: no room */
  | 'full'
  /** refused: the source has its share */
  | 'over-share';

/** What must be on disk before anything that followed from it is answered. */
export interface Pending {
  /** rows to write as they are now, after the forgotten ones; some may be free again and are skipped */
  rows: readonly number[];
  /** rows of which nothing else changed than `last seen`, an own version, and its entry */
  contacts: readonly number[];
  /** rows whose tombstones were collected; some may hold another host by now and are in `rows` too */
  forgotten: readonly number[];
  /** the highest change number among all collected tombstones */
  horizon: number;
  /** number of the latest entry in this server's log */
  entry: number;
  /** what changed in `applied` */
  applied: readonly [server: string, Applied][];
}
