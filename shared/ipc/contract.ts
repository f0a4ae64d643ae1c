// The contract between a daemon and a console attached to its IPC socket: JSON-RPC 2.0 framed by
// vscode-jsonrpc. Here are the greeting, the errors, and the requests about hosts, the backlog, peers
// and redirects; the status, the log and ddns.conf have files of their own. The daemon validates
// every request's parameters with a zod schema (params.ts). Results are plain types: the daemon is
// trusted. Times are milliseconds since the Unix epoch on the daemon's clock, durations milliseconds.
// A change that an older console could misread raises `ipcProtocol`.
import { RequestType } from 'vscode-jsonrpc/node';
import type { ListedState } from '../listed-state.ts';
import type { HostDialect, HostState } from '../protocol/sync-message.ts';
import type { NoParams, Redirecting, Status } from './status-contract.ts';

/** Version of this contract. Both sides must speak the same one; `hello` checks it. */
export const ipcProtocol = 3;

/** Error codes in JSON-RPC's server range (-32000 to -32099), stable for scripts. */
export const ipcErrors = {
  /** a request before `hello` */
  notGreeted: -32001,
  /** the two sides speak different versions of this contract */
  protocolMismatch: -32002,
  /** no host with that address is in the registry */
  unknownHost: -32003,
  /** the configuration cannot be read or has mistakes; the message lists them */
  badConfiguration: -32004,
  /** the registry could not be written to disk; nothing was changed */
  storageFailed: -32005,
  /** an anchor that came from no page of this server */
  badAnchor: -32006,
  /** no such name server, or none that takes nodes now */
  noPeer: -32007,
  /** ddns.conf could not be written; the file is unchanged */
  notWritten: -32008,
  /** no connection with that id is in the backlog */
  unknownConnection: -32009,
  /** a process of the daemon did not answer; the request may still take effect */
  noAnswer: -32010,
  /** the console cancelled the request */
  givenUp: -32011,
  /** the daemon has as many consoles as it accepts */
  tooManyConsoles: -32012,
  /** the console has said that it only reads */
  readOnly: -32013,
  /** a backup cannot be begun, or ended before it was complete */
  noBackup: -32014,
} as const;

/** The first request on a connection. */
export interface HelloQuery {
  /** the console's `ipcProtocol` */
  protocol: number;
  /** its name, and the version of its software */
  client: string;
  version: string;
  /** The daemon refuses every request of this console that would change something. Older daemons refuse the hello. */
  readOnly?: boolean;
}

/** The daemon's greeting. */
export interface HelloResult {
  protocol: number;
  server: Status['server'];
}

export const helloRequest = new RequestType<HelloQuery, HelloResult, void>('hello');

/** Most hosts in one page: about 1.5 MB of JSON, well below a frame that would stall a console. */
export const maxPageRows = 10_000;

/** Longest filter, in characters: more than an address and a node id together. */
export const maxFilterLength = 200;

/** Older daemons do not sort by `state`. */
export const hostColumns = ['address', 'nodeId', 'firstSeen', 'lastSeen', 'state'] as const;
export type HostColumn = (typeof hostColumns)[number];

/** A host of the registry. `address` is `ip:port`, IPv6 in brackets. */
export interface Host {
  address: string;
  nodeId: string;
  firstSeen: number;
  lastSeen: number;
  /** as far as this server knows (shared/listed-state.ts); older daemons call every host of these `live` */
  state: ListedState;
  dialect: HostDialect;
  /** of a host that is due, or more: the id of the name server that pings it */
  owner?: string;
  /** pings of this server that the host did not answer since its last contact; absent: none */
  failedPings?: number;
}

/** Asks for a page of hosts. */
export interface PageQuery {
  /** words that must all occur in address, node id or state, `!word` must not; default: none */
  filter?: string;
  /** `live` are all that are not gone; default: live */
  states?: HostState[];
  /** default: by address, ascending */
  sort?: { by: HostColumn; descending: boolean };
  /** `first` or `last` of an earlier page; default: the first row, or the last if `backward` */
  anchor?: string;
  /** whether the page includes the row of `anchor`; default: false */
  inclusive?: boolean;
  /** default: forward */
  direction?: 'forward' | 'backward';
  /** most rows, 1 to `maxPageRows`; default: 100 */
  limit?: number;
}

/** The same with its defaults filled in. */
export type PageParams = Required<Omit<PageQuery, 'anchor'>> & Pick<PageQuery, 'anchor'>;

/** A page of hosts, always in the order of `sort`, whichever direction it was fetched in. */
export interface HostsPage {
  rows: Host[];
  /** anchors of the first and the last row; null if there are no rows */
  first: string | null;
  last: string | null;
  /** rows that match the filter, and how many of them precede this page */
  matched: number;
  before: number;
  /** grows with every change of the registry; states change without it, as time passes */
  revision: number;
}

/** `ip:port` of a host, or of a peer. */
export interface AddressQuery {
  address: string;
}

/** The outcome of a ping that an operator asked for. */
export interface PingResult {
  answered: boolean;
  roundTripMs: number | null;
  /** why there was no answer */
  reason: string | null;
}

export const pageRequest = new RequestType<PageQuery, HostsPage, void>('hosts/page');
export const hostRequest = new RequestType<AddressQuery, Host, void>('hosts/get');
export const pingRequest = new RequestType<AddressQuery, PingResult, void>('hosts/ping');
export const removeRequest = new RequestType<AddressQuery, Host, void>('hosts/remove');

/** Overrides self-preservation for two ping cycles: hosts that do not answer are deleted. */
export const overrideRequest = new RequestType<NoParams, Status['selfPreservation'], void>(
  'selfPreservation/override',
);

/** Redirects every request: to the least loaded peers, or to the one at `address`. */
export const drainRequest = new RequestType<Partial<AddressQuery>, Redirecting, void>(
  'redirects/drain',
);
/** Ends a drain: only requests without room are redirected. */
export const undrainRequest = new RequestType<NoParams, Redirecting, void>('redirects/undrain');

/**
 * `equal`: both hold the same live hosts. `unfinished`: not yet; the comparison goes on. `lost`: the
 * connection ended meanwhile. `away`: not connected.
 */
export const syncOutcomes = ['equal', 'unfinished', 'lost', 'away'] as const;
export type SyncOutcome = (typeof syncOutcomes)[number];

/** The comparison with one peer. */
export interface PeerSync {
  address: string;
  outcome: SyncOutcome;
  /** changes received from the peer, and sent to it */
  received: number;
  sent: number;
}

/** The comparison with each peer that was asked for. */
export interface SyncResult {
  peers: PeerSync[];
}

/** Compares the registry with the peer at `address`, or with all peers. Takes at most ten seconds. */
export const syncRequest = new RequestType<Partial<AddressQuery>, SyncResult, void>('peers/sync');

/** Most backlog entries sent, about 50 KB: more than anybody reads of a list that changes every second. */
export const maxBacklogRows = 300;

/**
 * Stage of a connection in the backlog. `reading`: its request is incomplete. `deciding`: its request
 * waits for a commit. `writing`: the client is taking its reply.
 */
export const backlogStages = ['reading', 'deciding', 'writing'] as const;
export type BacklogStage = (typeof backlogStages)[number];

/** A connection with an unanswered request. */
export interface BacklogEntry {
  /** unique while the daemon runs: the number of its process, and a number within it */
  id: string;
  /** `ip:port` of the client */
  source: string;
  dialect: HostDialect | 'dns';
  /** whether it runs inside TLS */
  encrypted: boolean;
  stage: BacklogStage;
  /** when the request began to wait */
  since: number;
  /** how long it has waited, on a monotonic clock, ms */
  waitedMs: number;
  /** complete requests received on this connection */
  requests: number;
  /** bytes received and sent since it was opened, or was passed to the main process */
  bytesIn: number;
  bytesOut: number;
}

/** A worker that did not answer, with what it reported last. */
export interface SilentWorker {
  /** the first part of the ids of its connections */
  number: number;
  pid: number;
  backlog: number;
  open: number;
}

/** The backlog, looked up on request only, so that a request costs no more for it. */
export interface Backlog {
  /** the daemon's clock */
  at: number;
  /** connections in the backlog; `entries` has those that have waited longest, at most `maxBacklogRows` */
  total: number;
  entries: BacklogEntry[];
  /** connections that have sent nothing yet, and idle ones with every request answered */
  silent: number;
  idle: number;
  /** workers whose connections are missing in `entries`, `silent` and `idle`; `total` has their last report */
  missing: SilentWorker[];
}

export const backlogRequest = new RequestType<NoParams, Backlog, void>('backlog');
/** Closes the connection with that id if its request is still unanswered. */
export const closeRequest = new RequestType<{ id: string }, BacklogEntry, void>('backlog/close');
