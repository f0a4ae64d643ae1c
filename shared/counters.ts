// What a name server has counted since it started, in its own policy and on consoles. Counters only ever rise.

/** The counters, in the order in which they are printed. */
export const counterNames = [
  /** connections accepted */
  'connections',
  /** datagrams received; those in no dialect, or not answered because they prove nothing or their source has too many
   * unanswered; replies that the system did not take; and cookies sent to senders that had none */
  'datagrams',
  'datagramsIgnored',
  'datagramsUnsent',
  'cookiesSent',
  /** requests, by verb */
  'queries',
  'alives',
  'leaves',
  'pings',
  /** DNS messages that came over UDP and over TCP */
  'dnsUdp',
  'dnsTcp',
  /** DNS queries answered, by type; `dnsOther`: NS, SOA, ANY and the like */
  'dnsA',
  'dnsAaaa',
  'dnsSrv',
  'dnsTxt',
  'dnsOther',
  /** DNS queries for names that are not there, and those answered with another error */
  'dnsUnknown',
  'dnsErrors',
  /** DNS queries told to ask over TCP, and those of networks that asked too much */
  'dnsTruncated',
  'dnsLimited',
  /** datagrams and messages that are no DNS queries, and got no answer */
  'dnsDropped',
  /** hosts added to the registry */
  'registered',
  /** interactions of hosts already in the registry */
  'refreshed',
  /** hosts deleted by their own `leave`, and by an operator */
  'left',
  'removed',
  /** hosts deleted because they did not answer */
  'expired',
  /** requests redirected to another name server */
  'redirected',
  /** connections answered `busy`: backlog full, no other name server had room */
  'busy',
  /** requests refused: malformed, or over a limit */
  'malformed',
  /** connections closed because a request missed its deadline */
  'timedOut',
  /** silent connections closed to make room for new ones */
  'evicted',
  /** unfinished requests and unread replies dropped to make room in the backlog */
  'displaced',
  /** connections that the client broke off before the reply was written */
  'aborted',
  /** connections that were open in a worker when it ended */
  'lost',
  /** requests refused because MaxHosts or the asker's HostsPerSource was reached */
  'registryFull',
  /** unproved hosts dropped from a full registry to make room for a source with fewer hosts */
  'crowdedOut',
  /** transactions committed, and transactions that failed */
  'commits',
  'commitFailures',
  /** pings sent by this server, and pings answered */
  'pingsSent',
  'pingsAnswered',
  /** contested addresses that a ping gave to another node, and those it left to the registered one */
  'takeovers',
  'takeoversRefused',
  /** second opinions asked of peers, and given to peers */
  'opinionsAsked',
  'opinionsGiven',
  /** changes sent to peers, received from peers, and received through a repair */
  'changesSent',
  'changesReceived',
  'changesRepaired',
  /** changes refused because their version is from the future */
  'changesRefused',
  /** live hosts refused from peers because they were last seen before the oldest tombstone */
  'changesStale',
  /** sync connections refused */
  'peersRefused',
  /** updates dropped because a console reads too slowly */
  'updatesDropped',
  /** consoles closed: no greeting, answers not read, or too many requests ahead */
  'consolesClosed',
] as const;
/** The name of a counter. */
export type CounterName = (typeof counterNames)[number];
/** The value of every counter. */
export type Counters = Record<CounterName, number>;

/** All counters at zero. */
export function createCounters(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
