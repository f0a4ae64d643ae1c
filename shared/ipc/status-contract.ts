// What a console watches: the daemon's status, its samples and its recent events. A subscription begins
// with a `Snapshot` of all of it and continues with a `Delta` of what changed. Part of the IPC contract
// (contract.ts). Times are milliseconds since the Unix epoch on the daemon's clock.
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import type { SecretStanding } from '../config/secret.ts';
import type { Counters } from '../counters.ts';
import type { HostDialect, Unable } from '../protocol/sync-message.ts';
import type { LogStatus } from './log-contract.ts';

/** Parameters of a request that needs none. */
export type NoParams = Record<string, never>;

/**
 * Why deletions are held back. `starting`: less than one ping cycle since the start. `stalled`: the
 * process or the machine was suspended, or the clock jumped. `isolated`: no inbound traffic for too
 * long. `canaries`: fewer than half of the hosts most recently in contact answered.
 */
export const freezeReasons = ['starting', 'stalled', 'isolated', 'canaries'] as const;
export type FreezeReason = (typeof freezeReasons)[number];

/** The state of the daemon. */
export interface Status {
  /** `id` is made once per registry and kept in its database. */
  server: { id: string; version: string; pid: number; startedAt: number; hostname: string };
  /** `isLost`: no link that is up has the address now; older daemons leave it out */
  listen: { address: string; port: number; isLost?: boolean };
  /** its DNS zone; null: none; older daemons leave it out */
  zone?: string | null;
  /**
   * the ddns.conf in use, when it was last read, and the settings that wait for a restart; and what the Secret is for,
   * null without one, which older daemons leave out
   */
  config: {
    file: string;
    readAt: number;
    restartNeeded: string[];
    secret?: SecretStanding | null;
  };
  /** `reachable`: live hosts that have answered a ping of this server; older daemons leave it out */
  hosts: { live: number; gone: number; limit: number; reachable?: number };
  /** connections with an unanswered request: limit, now, and the highest number since the start */
  backlog: { limit: number; current: number; peak: number };
  /**
   * Requests refused in the last minute: because the backlog was full, and because of MaxHosts or HostsPerSource;
   * older daemons leave it out.
   */
  refused?: { backlog: number; registry: number };
  /** open connections, including silent and idle ones, and the limit */
  connections: { open: number; limit: number };
  /** `cores`: how many the daemon may use, and why not all; older daemons leave it out */
  threads: { configured: number; running: number; cores?: string };
  /** `degraded`: commits fail; lists are served, registrations are refused */
  storage: {
    state: 'ok' | 'degraded';
    file: string;
    reason: string | null;
    since: number | null;
  };
  /** time without interaction after which a host is due for a ping, ms */
  ttlMs: number;
  /**
   * Hosts that this server judges, each counted once: due for a ping (`due`), not answering
   * (`suspects`), to be deleted (`condemned`); and pings in flight (`pinging`). `servers`: name servers that share
   * the pings, this one included. `oldestSeen`: when the live host that was silent longest was last
   * seen; null if there is none, or before the first pass over the registry.
   */
  expiry: {
    due: number;
    suspects: number;
    condemned: number;
    pinging: number;
    servers: number;
    oldestSeen: number | null;
    /**
     * hosts that this server cannot judge, so others do: all of them, or those of an address family to which it
     * cannot send pings; null: none; older daemons leave it out
     */
    cannotJudge?: Unable | null;
    /** hosts are pinged, and none has ever answered; older daemons leave it out */
    nobodyAnswers?: boolean;
    /**
     * Over a third of the hosts, `deleted` of `of`, were deleted within one TTL because they did not answer; null or
     * left out: they were not.
     */
    massDeletion?: { deleted: number; of: number } | null;
    /** some of the addresses that two nodes claim; older daemons leave it out */
    contested?: { address: string; nodeIds: readonly [string, string] }[];
  };
  shares: Shares;
  /** active: deletions are held back, because nothing proves that this server's network works */
  selfPreservation: {
    active: boolean;
    reason: FreezeReason | null;
    since: number;
    overridden: boolean;
  };
  /** the other name servers, in the order of NameServers */
  peers: PeerStatus[];
  redirecting: Redirecting;
  redirects: {
    total: number;
    /** redirects to each name server, the most first */
    targets: { address: string; count: number }[];
  };
  memory: { residentBytes: number };
  log: LogStatus;
  counters: Counters;
}

/** How many of the live hosts each name server pings when they are due. */
export interface Shares {
  /** false: not every host has been counted since the set of servers changed */
  complete: boolean;
  /** this server first, then the others in the order of NameServers */
  servers: { id: string; address: string | null; hosts: number }[];
}

export const peerStates = ['connecting', 'alive', 'suspect', 'down'] as const;
export type PeerState = (typeof peerStates)[number];

/** A peer as this server sees it; null stands for what is not known (yet), or not any more. */
export interface PeerStatus {
  /** `ip:port` */
  address: string;
  id: string | null;
  /** of its software; older servers do not report it */
  version: string | null;
  state: PeerState;
  roundTripMs: number | null;
  /** changes it has not acknowledged, and the age of the oldest of them, ms; null: not connected */
  lag: number | null;
  lagMs: number | null;
  /** its clock minus this server's, ms */
  clockMs: number | null;
  /** a `limit` of 0: it takes no nodes now, because it drains or stops */
  load: { backlog: number; limit: number; live: number } | null;
  /** whether it shares the pings: connected for a while, and not down */
  sharesWork: boolean;
  /** whether the connection to it runs inside TLS; null: not connected */
  encrypted: boolean | null;
  /** why this server does not sync with it, or what is wrong with its clock */
  trouble: string | null;
  /**
   * Of a peer that is silent (`suspect`, `down`): when it was last heard, and what was known then; else null. Older
   * daemons leave it out, and their figures of such a peer are those of then.
   */
  last?: ({ at: number } & Pick<PeerStatus, 'roundTripMs' | 'clockMs' | 'load'>) | null;
}

/**
 * What is redirected. `load`: requests without room in the backlog. `drain`: all requests, to the
 * least loaded peers, started by an operator. `chosen`: all requests, to the peer `to`. `stopping`:
 * all requests, because the daemon is about to stop.
 */
export const redirectModes = ['load', 'drain', 'chosen', 'stopping'] as const;
export type RedirectMode = (typeof redirectModes)[number];

/** What this server redirects now. */
export interface Redirecting {
  mode: RedirectMode;
  /** `ip:port` of the peer in mode `chosen` */
  to: string | null;
  /** when the mode began */
  since: number;
  /** whether the backlog is over its soft mark, so that new nodes are redirected where possible */
  isLoaded: boolean;
}

/** Why a request was redirected: a mode, or `full`: the backlog had no room at all. */
export const redirectReasons = [...redirectModes, 'full'] as const;
export type RedirectReason = (typeof redirectReasons)[number];

/** One redirect. */
export interface Redirect {
  /** grows by one with each redirect; a gap means that redirects were left out */
  seq: number;
  at: number;
  /** the address the asker would have been registered under, or its connection's source */
  asker: string;
  dialect: HostDialect;
  /** `ip:port` of the name server it was redirected to */
  to: string;
  why: RedirectReason;
}

/** Number of redirects that the daemon keeps and sends with a snapshot. */
export const redirectHistory = 200;

/** All redirects since the start, and the latest ones. */
export interface Redirects {
  total: number;
  targets: Status['redirects']['targets'];
  /** oldest first */
  recent: Redirect[];
}

/** What happened in a span of time: one second, or `hourSampleSeconds`. */
export interface Sample {
  /** grows by one with each sample of its kind; a gap means that samples were left out */
  seq: number;
  /** the end of the span */
  at: number;
  /** live hosts at that time */
  live: number;
  /** hosts added to the registry */
  registered: number;
  /** requests answered */
  requests: number;
  /** hosts deleted because they did not answer */
  expired: number;
  /** requests redirected to another name server */
  redirected: number;
  /** the highest backlog in the span */
  backlog: number;
}

/** Number of one-second samples that the daemon keeps: five minutes. */
export const sampleHistory = 300;

/** Seconds that a sample of the last hour spans, and how many of those the daemon keeps. */
export const hourSampleSeconds = 10;
export const hourSampleHistory = 360;

export const activityKinds = [
  'registered',
  'returned',
  'left',
  'removed',
  'expired',
  'refused',
  'storage',
  'reloaded',
  'pinged',
  'peer',
  'drained',
  'worker',
  'closed',
  'clock',
  'backup',
  'imported',
] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** One event. The daemon has escaped `text`: it is printable. */
export interface Activity {
  /** grows by one with each activity; a gap means that activities were left out */
  seq: number;
  at: number;
  kind: ActivityKind;
  address: string | null;
  text: string;
}

/** Number of activities that the daemon keeps and sends with a snapshot. */
export const activityHistory = 200;

/** The beginning of a subscription. */
export interface Snapshot {
  /** the daemon's clock at this moment, so that ages do not depend on the console's clock */
  at: number;
  status: Status;
  /** of one second each, oldest first */
  samples: Sample[];
  /** of `hourSampleSeconds` each, oldest first */
  hourSamples: Sample[];
  activity: Activity[];
  redirects: Redirect[];
}

/** What changed since the snapshot or the last delta. Top-level members of the status are replaced as a whole. */
export interface Delta {
  at: number;
  status: Partial<Status>;
  samples: Sample[];
  hourSamples: Sample[];
  activity: Activity[];
  redirects: Redirect[];
  /** deltas dropped since the last one because this console reads too slowly */
  dropped: number;
}

export const statusRequest = new RequestType<NoParams, Status, void>('status');
export const subscribeRequest = new RequestType<NoParams, Snapshot, void>('subscribe');
export const deltaNotification = new NotificationType<Delta>('delta');
export const redirectsRequest = new RequestType<NoParams, Redirects, void>('redirects');
