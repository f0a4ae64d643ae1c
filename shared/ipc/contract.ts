// The contract between a daemon and whoever attaches to its IPC socket: JSON-RPC 2.0 framed by
// vscode-jsonrpc. Every request's parameters have a zod schema (params.ts), checked by the daemon at
// the boundary; results and notifications are plain types, because the daemon is the side that is
// trusted. Times are milliseconds since the Unix epoch on the daemon's clock, durations are
// milliseconds. A change that an older console could misread raises `ipcProtocol`.
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { HostDialect, HostState } from '../protocol/sync-message.ts';
import type { Activity, Sample } from './history-contract.ts';
import type { LogStatus } from './log-contract.ts';
import type { addressParams, drainParams, helloParams, noParams, pageParams } from './params.ts';

/** Version of this contract. Both sides must speak the same one; `hello` checks it. */
export const ipcProtocol = 3;

/** Error codes of JSON-RPC's server range (-32000 to -32099), stable for scripts. */
export const ipcErrors = {
  /** A request came before `hello`. */
  notGreeted: -32001,
  /** The two sides speak different versions of this contract. */
  protocolMismatch: -32002,
  /** No host with that address is in the registry. */
  unknownHost: -32003,
  /** The configuration cannot be read or has mistakes; the message lists them. */
  badConfiguration: -32004,
  /** The registry could not be written to disk; nothing was changed. */
  storageFailed: -32005,
  /** An anchor that no page of this server gave. */
  badAnchor: -32006,
  /** No such name server, or none that takes nodes now. */
  noPeer: -32007,
  /** ddns.conf could not be written; it is as before. */
  notWritten: -32008,
  /** No connection with that id is in the backlog. */
  unknownConnection: -32009,
  /** A process of the daemon did not answer; what was asked may happen still. */
  noAnswer: -32010,
  /** Whoever asked gave it up before it was there. */
  givenUp: -32011,
  /** As many consoles are attached as a name server takes. */
  tooManyConsoles: -32012,
} as const;

/** Most hosts in one page: about 1.5 MB of JSON, well under a frame that would stall a console. */
export const maxPageRows = 10_000;

/** Longest filter text: more than an address and a node id together. */
export const maxFilterLength = 200;

export const hostColumns = ['address', 'nodeId', 'firstSeen', 'lastSeen'] as const;
export type HostColumn = (typeof hostColumns)[number];

/**
 * Why nothing is deleted. `starting`: less than one ping cycle since the start. `stalled`: the
 * process or the machine was asleep, or the clock jumped. `isolated`: nothing came in for too long.
 * `canaries`: fewer than half of the hosts in contact last answered.
 */
export const freezeReasons = ['starting', 'stalled', 'isolated', 'canaries'] as const;
export type FreezeReason = (typeof freezeReasons)[number];

/** A host as the console sees it. `address` is `ip:port`, IPv6 in brackets. */
export interface Host {
  address: string;
  nodeId: string;
  firstSeen: number;
  lastSeen: number;
  state: HostState;
  dialect: HostDialect;
}

/** Everything counted since the daemon started; each only ever grows. */
export const counterNames = [
  /** connections accepted */
  'connections',
  /** requests by verb */
  'queries',
  'alives',
  'leaves',
  'pings',
  /** hosts that were not in the registry before */
  'registered',
  /** interactions of hosts that were */
  'refreshed',
  /** hosts deleted: by their own `leave`, by an operator */
  'left',
  'removed',
  /** hosts deleted because they did not answer */
  'expired',
  /** requests sent to another name server */
  'redirected',
  /** newcomers told `busy` because the backlog was full and no other name server had room */
  'busy',
  /** requests refused because they were malformed or over a limit */
  'malformed',
  /** connections closed because a request did not arrive in time */
  'timedOut',
  /** silent connections closed to make room for others */
  'evicted',
  /** requests that kept others waiting, unfinished or not read, and gave way to make room in the backlog */
  'displaced',
  /** connections that broke off before their reply was written */
  'aborted',
  /** connections that were open in a worker process that ended */
  'lost',
  /** requests refused because the registry holds MaxHosts hosts, or the asker's source has its share */
  'registryFull',
  /** unproved hosts dropped from a full registry to make room for a source that has fewer */
  'crowdedOut',
  /** transactions written, and those that failed */
  'commits',
  'commitFailures',
  /** hosts pinged by this server, and those that answered */
  'pingsSent',
  'pingsAnswered',
  /** live hosts whose address another node had, by a ping, and those where it had not */
  'takeovers',
  'takeoversRefused',
  /** second opinions asked of peers, and those given to them */
  'opinionsAsked',
  'opinionsGiven',
  /** changes of hosts sent to peers and received from them, and those that a comparison brought */
  'changesSent',
  'changesReceived',
  'changesRepaired',
  /** changes with a version from the future */
  'changesRefused',
  /** live hosts not seen for longer than tombstones live, which are not taken from peers */
  'changesStale',
  /** servers that wanted to sync and may not */
  'peersRefused',
  /** updates not sent to a console that reads too slowly */
  'updatesDropped',
  /** consoles closed because they did not greet, did not read their answers, or sent too much ahead */
  'consolesClosed',
] as const;
export type CounterName = (typeof counterNames)[number];
export type Counters = Record<CounterName, number>;

export interface Status {
  /** `id` is made once per registry and kept in its database. */
  server: { id: string; version: string; pid: number; startedAt: number; hostname: string };
  listen: { address: string; port: number };
  /** The file the settings came from, and when it was last read. */
  config: { file: string; readAt: number; restartNeeded: string[] };
  hosts: { live: number; gone: number; limit: number };
  /** Connections whose request is not answered yet: the bound, now, and the most since start. */
  backlog: { limit: number; current: number; peak: number };
  /** Connections open now, silent and kept-open ones included, and the most allowed. */
  connections: { open: number; limit: number };
  /** `cores`: those that the daemon may use, and why when they are not all; older ones do not say. */
  threads: { configured: number; running: number; cores?: string };
  /** `degraded`: commits fail; lists are still served, registrations are refused. */
  storage: {
    state: 'ok' | 'degraded';
    file: string;
    reason: string | null;
    since: number | null;
  };
  /** Time without interaction after which a host is due for a ping. */
  ttlMs: number;
  /**
   * Hosts due for a ping, those that failed one, those that failed all and wait to be deleted, and
   * pings in flight. Among how many name servers the pings are shared out, this one included, and
   * when the live host that was silent for longest was last seen (null: there is none, or the
   * registry was not looked through yet).
   */
  expiry: {
    due: number;
    suspects: number;
    condemned: number;
    pinging: number;
    servers: number;
    oldestSeen: number | null;
    /** hosts are pinged, and none ever answered; older daemons do not say */
    nobodyAnswers?: boolean;
    /** addresses that two nodes use, some of them; older daemons do not say */
    contested?: { address: string; nodeIds: readonly [string, string] }[];
  };
  shares: Shares;
  /** Active: nothing is deleted, because there is no proof that this server's network works. */
  selfPreservation: {
    active: boolean;
    reason: FreezeReason | null;
    since: number;
    overridden: boolean;
  };
  /** The other name servers, in the order of NameServers. */
  peers: PeerStatus[];
  redirecting: Redirecting;
  redirects: {
    total: number;
    /** how many went to each name server, the most first */
    targets: { address: string; count: number }[];
  };
  memory: { residentBytes: number };
  log: LogStatus;
  counters: Counters;
}

/** How many of the live hosts each name server pings when they are due. */
export interface Shares {
  /** false: not all were counted yet since the servers changed; `hosts` are those until now */
  complete: boolean;
  /** this server first, then the others in the order of NameServers */
  servers: { id: string; address: string | null; hosts: number }[];
}

export const peerStates = ['connecting', 'alive', 'suspect', 'down'] as const;
export type PeerState = (typeof peerStates)[number];

/** A peer as this server sees it. What is not known (yet) is null. */
export interface PeerStatus {
  address: string;
  id: string | null;
  /** of its software; older ones do not tell it */
  version: string | null;
  state: PeerState;
  roundTripMs: number | null;
  /** changes that it has not acknowledged, and for how long it has not had all; null: no connection */
  lag: number | null;
  lagMs: number | null;
  /** its clock less this server's */
  clockMs: number | null;
  /** `limit` 0: it takes no nodes now, because it drains or stops */
  load: { backlog: number; limit: number; live: number } | null;
  /** whether it shares the pings: there for a while, and not down */
  sharesWork: boolean;
  /** whether the connection to it runs inside TLS; null: no connection */
  encrypted: boolean | null;
  /** what is wrong with it: why this server does not sync with it, or that its clock is */
  trouble: string | null;
}

/**
 * Whom this server sends elsewhere. `load`: those that it has no room for, when there is little.
 * `drain`: everybody, by an operator's wish, to the less loaded peers. `chosen`: everybody, to `to`.
 * `stopping`: everybody, because it is about to end.
 */
export const redirectModes = ['load', 'drain', 'chosen', 'stopping'] as const;
export type RedirectMode = (typeof redirectModes)[number];

export interface Redirecting {
  mode: RedirectMode;
  /** the peer's address, for `chosen` */
  to: string | null;
  /** when the mode was chosen */
  since: number;
  /** the backlog has passed its soft mark, so newcomers are sent elsewhere when they can be */
  isLoaded: boolean;
}

/** Why one request was sent elsewhere: a mode, or `full`: the backlog had no room for it at all. */
export const redirectReasons = [...redirectModes, 'full'] as const;
export type RedirectReason = (typeof redirectReasons)[number];

export interface Redirect {
  /** grows by one with each redirect; a gap means that some were left out */
  seq: number;
  at: number;
  /** who asked: the address it would have been registered under, or of its connection's source */
  asker: string;
  dialect: HostDialect;
  /** `ip:port` of the name server it was sent to */
  to: string;
  why: RedirectReason;
}

/** Redirects kept by the daemon and sent with a snapshot. */
export const redirectHistory = 200;

export interface Redirects {
  total: number;
  targets: Status['redirects']['targets'];
  /** oldest first */
  recent: Redirect[];
}

export interface Snapshot {
  /** the daemon's clock when this was made, so that ages do not depend on the console's */
  at: number;
  status: Status;
  /** of one second each, oldest first */
  samples: Sample[];
  /** of `hourSampleSeconds` each, oldest first */
  hourSamples: Sample[];
  activity: Activity[];
  redirects: Redirect[];
}

/** What changed since the snapshot or the last delta. Whole top-level members are replaced. */
export interface Delta {
  at: number;
  status: Partial<Status>;
  samples: Sample[];
  hourSamples: Sample[];
  activity: Activity[];
  redirects: Redirect[];
  /** deltas left out since the last one because this console read too slowly */
  dropped: number;
}

/** One page of hosts, always in the order of `sort`, whichever direction it was fetched in. */
export interface HostsPage {
  rows: Host[];
  /** anchors of the first and the last row; null when there are no rows */
  first: string | null;
  last: string | null;
  /** rows that match the filter, and how many of them stand before this page */
  matched: number;
  before: number;
  /** grows with every change of the registry: an equal number means an equal page */
  revision: number;
}

export interface PingResult {
  answered: boolean;
  roundTripMs: number | null;
  /** why there was no answer */
  reason: string | null;
}

export interface SettingChange {
  name: string;
  from: string;
  to: string;
}

export interface ReloadResult {
  /** in force now */
  changed: SettingChange[];
  /** in force after a restart */
  waiting: SettingChange[];
}

export interface HelloResult {
  protocol: number;
  server: Status['server'];
}

type In<T extends z.ZodType> = z.input<T>;

export const helloRequest = new RequestType<In<typeof helloParams>, HelloResult, void>('hello');
export const statusRequest = new RequestType<In<typeof noParams>, Status, void>('status');
export const subscribeRequest = new RequestType<In<typeof noParams>, Snapshot, void>('subscribe');
export const pageRequest = new RequestType<In<typeof pageParams>, HostsPage, void>('hosts/page');
export const hostRequest = new RequestType<In<typeof addressParams>, Host, void>('hosts/get');
export const pingRequest = new RequestType<In<typeof addressParams>, PingResult, void>(
  'hosts/ping',
);
export const removeRequest = new RequestType<In<typeof addressParams>, Host, void>('hosts/remove');
export const reloadRequest = new RequestType<In<typeof noParams>, ReloadResult, void>(
  'config/reload',
);
/** An operator vouches for the network: for two ping cycles, nothing keeps dead hosts from going. */
export const overrideRequest = new RequestType<
  In<typeof noParams>,
  Status['selfPreservation'],
  void
>('selfPreservation/override');
export const redirectsRequest = new RequestType<In<typeof noParams>, Redirects, void>('redirects');
/** Everybody goes elsewhere from now on: to the less loaded peers, or to the one at `address`. */
export const drainRequest = new RequestType<In<typeof drainParams>, Redirecting, void>(
  'redirects/drain',
);
/** Only those are sent elsewhere that there is no room for. */
export const undrainRequest = new RequestType<In<typeof noParams>, Redirecting, void>(
  'redirects/undrain',
);
export const deltaNotification = new NotificationType<Delta>('delta');

export type PageParams = z.output<typeof pageParams>;
export type PageQuery = z.input<typeof pageParams>;
