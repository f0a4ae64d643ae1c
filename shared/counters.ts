// What a name server has counted since it started, for its own policy, consoles and Prometheus. Counters only ever rise.

/** Counters that Prometheus sees as one metric, told apart by labels. */
interface CounterFamily {
  /** by Prometheus' conventions: what is counted, and `_total` */
  metric: string;
  /** what is counted, for operators */
  help: string;
  /** the labels of each counter */
  counters: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Every counter, once, in the order in which they are printed. */
export const counterFamilies = [
  {
    metric: 'ddns_connections_total',
    help: 'Connections accepted',
    counters: { connections: {} },
  },
  {
    metric: 'ddns_datagrams_total',
    help: 'Datagrams received',
    counters: { datagrams: {} },
  },
  {
    metric: 'ddns_cookies_sent_total',
    help: 'Cookies sent to senders of datagrams that had none',
    counters: { cookiesSent: {} },
  },
  {
    metric: 'ddns_queries_total',
    help: 'Requests of nodes carried out and DNS queries answered, by dialect and type',
    counters: {
      // Those in the legacy dialect included, which consoles do not tell apart.
      queries: { dialect: 'native', type: 'query' },
      legacyQueries: { dialect: 'legacy', type: 'query' },
      alives: { dialect: 'native', type: 'alive' },
      leaves: { dialect: 'native', type: 'leave' },
      pings: { dialect: 'native', type: 'ping' },
      dnsA: { dialect: 'dns', type: 'A' },
      dnsAaaa: { dialect: 'dns', type: 'AAAA' },
      dnsSrv: { dialect: 'dns', type: 'SRV' },
      dnsTxt: { dialect: 'dns', type: 'TXT' },
      // NS, SOA, ANY and the like: the types are the client's choice, so they have no label of their own.
      dnsOther: { dialect: 'dns', type: 'other' },
    },
  },
  {
    metric: 'ddns_dns_messages_total',
    help: 'DNS messages received, by transport',
    counters: { dnsUdp: { transport: 'udp' }, dnsTcp: { transport: 'tcp' } },
  },
  {
    metric: 'ddns_dns_failures_total',
    help: 'DNS queries for names that are not there, answered that the server is too busy, answered with another error, and told to ask over TCP',
    counters: {
      dnsUnknown: { reason: 'unknown_name' },
      dnsBusy: { reason: 'busy' },
      dnsErrors: { reason: 'error' },
      dnsTruncated: { reason: 'truncated' },
    },
  },
  {
    metric: 'ddns_registrations_total',
    help: 'Registrations of hosts that are new to the registry, and contacts of hosts already in it',
    counters: { registered: { result: 'new' }, refreshed: { result: 'refreshed' } },
  },
  {
    metric: 'ddns_departures_total',
    help: 'Hosts deleted: they left, an operator removed them, they did not answer, or a full registry dropped them unproved for a source with fewer hosts',
    counters: {
      left: { reason: 'left' },
      removed: { reason: 'removed' },
      expired: { reason: 'expired' },
      crowdedOut: { reason: 'crowded_out' },
    },
  },
  {
    metric: 'ddns_redirects_total',
    help: 'Requests redirected to another name server',
    counters: { redirected: {} },
  },
  {
    metric: 'ddns_refusals_total',
    help: 'Requests, datagrams and connections refused or closed by this server, by reason',
    counters: {
      // The backlog was full, and no other name server had room.
      busy: { reason: 'busy' },
      // Malformed, or over a limit.
      malformed: { reason: 'malformed' },
      // A request missed its deadline.
      timedOut: { reason: 'timed_out' },
      // Silent connections closed to make room for new ones.
      evicted: { reason: 'evicted' },
      // Unfinished requests and unread replies dropped to make room in the backlog.
      displaced: { reason: 'displaced' },
      // MaxHosts or the asker's HostsPerSource was reached.
      registryFull: { reason: 'registry_full' },
      // In no dialect, proving nothing, or of a source with too many unanswered.
      datagramsIgnored: { reason: 'datagram' },
      // Of networks that Deny has, or Allow has not.
      denied: { reason: 'denied' },
      // Told to come back: NewHostsPerSource or NewHostsPerNetwork was reached.
      tooManyNew: { reason: 'too_many_new' },
      // Of networks that asked too much.
      dnsLimited: { reason: 'dns_limited' },
      // No DNS queries.
      dnsDropped: { reason: 'dns_malformed' },
      peersRefused: { reason: 'peer' },
    },
  },
  {
    metric: 'ddns_fleet_lost_total',
    help: 'Connections to NATS that were lost',
    counters: { fleetLost: {} },
  },
  {
    metric: 'ddns_lost_replies_total',
    help: 'Replies that nobody got: the client broke off, a worker process ended, or the system did not take the datagram',
    counters: {
      aborted: { reason: 'aborted' },
      lost: { reason: 'worker_ended' },
      datagramsUnsent: { reason: 'unsent' },
    },
  },
  {
    metric: 'ddns_commits_total',
    help: 'Transactions of the registry, by result',
    counters: { commits: { result: 'ok' }, commitFailures: { result: 'failed' } },
  },
  {
    metric: 'ddns_pings_sent_total',
    help: 'Pings sent to hosts',
    counters: { pingsSent: {} },
  },
  {
    metric: 'ddns_pings_answered_total',
    help: 'Pings that hosts answered',
    counters: { pingsAnswered: {} },
  },
  {
    metric: 'ddns_takeovers_total',
    help: 'Contested addresses that a ping gave to another node, and those it left to the registered one',
    counters: { takeovers: { result: 'taken_over' }, takeoversRefused: { result: 'kept' } },
  },
  {
    metric: 'ddns_opinions_total',
    help: 'Second opinions asked of peers, and given to peers',
    counters: { opinionsAsked: { direction: 'asked' }, opinionsGiven: { direction: 'given' } },
  },
  {
    metric: 'ddns_changes_total',
    help: 'Changes sent to peers, received from peers, and received through a repair',
    counters: {
      changesSent: { kind: 'sent' },
      changesReceived: { kind: 'received' },
      changesRepaired: { kind: 'repaired' },
    },
  },
  {
    metric: 'ddns_changes_refused_total',
    help: 'Changes of peers refused: their version is from the future, or the host was last seen before the oldest tombstone',
    counters: { changesRefused: { reason: 'future' }, changesStale: { reason: 'stale' } },
  },
  {
    metric: 'ddns_console_updates_dropped_total',
    help: 'Updates dropped because a console reads too slowly',
    counters: { updatesDropped: {} },
  },
  {
    metric: 'ddns_consoles_closed_total',
    help: 'Consoles closed: no greeting, answers not read, or too many requests ahead',
    counters: { consolesClosed: {} },
  },
] as const satisfies readonly CounterFamily[];

type NamesOf<Family extends CounterFamily> = Family extends CounterFamily
  ? keyof Family['counters']
  : never;
/** The name of a counter. */
export type CounterName = NamesOf<(typeof counterFamilies)[number]>;
/** The value of every counter. */
export type Counters = Record<CounterName, number>;

/** The counters, in the order in which they are printed. */
export const counterNames = counterFamilies.flatMap(({ counters }) =>
  Object.keys(counters),
) as readonly CounterName[];

/** All counters at zero. */
export function createCounters(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
