// What a name server has counted since it started. Counters only ever rise. shared/ipc/status-contract.ts
// describes each of them for consoles; in daemon/console the compiler compares both lists.

/** The counters, in the order in which they are printed. */
export const counterNames = [
  'connections',
  'datagrams',
  'datagramsIgnored',
  'datagramsUnsent',
  'cookiesSent',
  'queries',
  'alives',
  'leaves',
  'pings',
  'dnsUdp',
  'dnsTcp',
  'dnsA',
  'dnsAaaa',
  'dnsSrv',
  'dnsTxt',
  'dnsOther',
  'dnsUnknown',
  'dnsErrors',
  'dnsTruncated',
  'dnsLimited',
  'dnsDropped',
  'registered',
  'refreshed',
  'left',
  'removed',
  'expired',
  'redirected',
  'busy',
  'malformed',
  'timedOut',
  'evicted',
  'displaced',
  'aborted',
  'lost',
  'registryFull',
  'crowdedOut',
  'commits',
  'commitFailures',
  'pingsSent',
  'pingsAnswered',
  'takeovers',
  'takeoversRefused',
  'opinionsAsked',
  'opinionsGiven',
  'changesSent',
  'changesReceived',
  'changesRepaired',
  'changesRefused',
  'changesStale',
  'peersRefused',
  'updatesDropped',
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
