// A daemon's data with fixed values, for tests that compare whole frames.

import { settingDefinitions } from '../../shared/config/settings.ts';
import { type Counters, counterNames } from '../../shared/counters.ts';
import type { ConfigCheck, ConfigResult } from '../../shared/ipc/config-contract.ts';
import type { Backlog, BacklogEntry, Host } from '../../shared/ipc/contract.ts';
import {
  type Activity,
  type Delta,
  hourSampleHistory,
  type PeerStatus,
  type Redirect,
  type Sample,
  type Snapshot,
  type Status,
  sampleHistory,
} from '../../shared/ipc/status-contract.ts';
import type { LogLine } from '../../shared/output/log-line.ts';

/** 2026-05-01 12:00:00 where the tests run, so that printed times do not depend on the zone. */
export const fixedNow = new Date(2026, 4, 1, 12, 0, 0).getTime();

const fixedCounters: Partial<Record<string, number>> = {
  connections: 5_210,
  queries: 4_321,
  alives: 210,
  leaves: 17,
  pings: 5,
  registered: 1_300,
  refreshed: 3_231,
  left: 17,
  removed: 2,
  busy: 12,
  malformed: 1_110,
  timedOut: 41,
  aborted: 3,
  commits: 1_665,
  pingsSent: 9,
  pingsAnswered: 7,
};

/** The storage of a name server that cannot write. */
export function fullDisk(): Status['storage'] & { reason: string } {
  const file = '/var/lib/ddnsd/hosts.db';
  const reason = `${file}: the disk is full (database or disk is full). Make room on it; ddnsd tries again every second`;
  return { state: 'degraded', file, reason, since: fixedNow - 90_000 };
}

export function fixedStatus(change: Partial<Status> = {}): Status {
  const counters = Object.fromEntries(
    counterNames.map((name) => [name, fixedCounters[name] ?? 0]),
  ) as Counters;
  const status = {
    server: {
      id: '6fa90db6582c4147',
      version: '1.2.3',
      pid: 4711,
      startedAt: fixedNow - 8_040_000,
      hostname: 'alpha',
    },
    listen: { address: '192.0.2.1', port: 4524 },
    config: { file: '/etc/dynamo/DDNS/ddns.conf', readAt: fixedNow - 8_040_000, restartNeeded: [] },
    hosts: { live: 1_234, gone: 3, limit: 1_000_000 },
    backlog: { limit: 100, current: 12, peak: 57 },
    connections: { open: 12, limit: 10_000 },
    threads: { configured: 12, running: 1 },
    storage: { state: 'ok' as const, file: '/var/lib/ddnsd/hosts.db', reason: null, since: null },
    ttlMs: 3_600_000,
    expiry: {
      due: 4,
      suspects: 2,
      condemned: 1,
      pinging: 3,
      servers: 1,
      oldestSeen: fixedNow - 3_700_000,
    },
    shares: {
      complete: true,
      servers: [{ id: '6fa90db6582c4147', address: '192.0.2.1:4524', hosts: 1_234 }],
    },
    selfPreservation: { active: false, reason: null, since: fixedNow, overridden: false },
    peers: [],
    redirecting: { mode: 'load' as const, to: null, since: fixedNow - 8_040_000, isLoaded: false },
    redirects: { total: 0, targets: [] },
    memory: { residentBytes: 84 * 2 ** 20 },
    log: { level: 'info' as const, lines: 61 },
    counters,
  };
  return { ...status, ...change };
}

/** Of one second each, or of more. */
export function fixedSamples(count = sampleHistory, seconds = 1): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    at: fixedNow - (count - 1 - index) * seconds * 1_000,
    live: 1_000 + index,
    registered: Math.round(6 + 5 * Math.sin(index / 20)) * seconds,
    requests: (40 + (index % 7)) * seconds,
    expired: index % 45 === 0 ? 2 : 0,
    redirected: index % 90 > 70 ? 3 * seconds : 0,
    backlog: index % 12,
  }));
}

export function fixedActivity(): Activity[] {
  const texts: [Activity['kind'], string | null, string][] = [
    ['registered', '198.51.100.7:40001', 'native, node 5d965537'],
    ['left', '198.51.100.8:40002', 'native, node 305087c5'],
    ['refused', '203.0.113.9:51515', 'bad-verb "GET / HTTP/1.1\\x0d"'],
    ['storage', null, 'the disk is full'],
    ['registered', '198.51.100.10:40010', 'legacy, node c2a9df2c'],
  ];
  return texts.map(([kind, address, text], index) => ({
    seq: index + 1,
    at: fixedNow - (texts.length - index) * 1_000,
    kind,
    address,
    text,
  }));
}

export function fixedSnapshot(change: Partial<Status> = {}): Snapshot {
  return {
    at: fixedNow,
    status: fixedStatus(change),
    samples: fixedSamples(),
    hourSamples: fixedSamples(hourSampleHistory, 10),
    activity: fixedActivity(),
    redirects: [],
  };
}

/** A delta in which nothing changed but `change`. */
export function fixedDelta(change: Partial<Delta> = {}): Delta {
  return {
    at: fixedNow,
    status: {},
    samples: [],
    hourSamples: [],
    activity: [],
    redirects: [],
    dropped: 0,
    ...change,
  };
}

/** Three name servers: well, silent for seconds and behind and plain, and never reached. */
export function fixedPeers(): PeerStatus[] {
  const well: PeerStatus = {
    address: '192.0.2.2:4524',
    id: 'b1b3a7f2c40e4d11',
    version: '1.2.3',
    state: 'alive',
    roundTripMs: 0.42,
    lag: 0,
    lagMs: 0,
    clockMs: 3,
    load: { backlog: 7, limit: 100, live: 1_234 },
    sharesWork: true,
    encrypted: true,
    trouble: null,
    last: null,
  };
  return [
    well,
    {
      ...well,
      address: '192.0.2.3:4524',
      id: '77c0de1584aa90fe',
      version: null,
      state: 'suspect',
      roundTripMs: null,
      lag: 1_204,
      lagMs: 6_300,
      clockMs: null,
      load: null,
      encrypted: false,
      last: {
        at: fixedNow - 7_000,
        roundTripMs: 18.3,
        clockMs: -412,
        load: { backlog: 0, limit: 0, live: 1_180 },
      },
    },
    {
      address: '192.0.2.4:4524',
      id: null,
      version: null,
      state: 'connecting',
      roundTripMs: null,
      lag: null,
      lagMs: null,
      clockMs: null,
      load: null,
      sharesWork: false,
      encrypted: null,
      trouble: 'it says not-a-peer: 192.0.2.1 is not in NameServers there; add it to its ddns.conf',
      last: null,
    },
  ];
}

/** Of the three servers that are there. */
export function fixedShares(): Status['shares'] {
  const [alone] = fixedStatus().shares.servers as [Status['shares']['servers'][number]];
  const [first, second] = fixedPeers() as [PeerStatus, PeerStatus];
  return {
    complete: true,
    servers: [
      { ...alone, hosts: 402 },
      { id: first.id as string, address: first.address, hosts: 425 },
      { id: second.id as string, address: second.address, hosts: 407 },
    ],
  };
}

/** Oldest first, as the daemon keeps them. */
export function fixedRedirects(count: number): Redirect[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: 1_000 + index,
    at: fixedNow - (count - index) * 7_000,
    asker: `198.51.100.${index + 1}:${40_000 + index}`,
    dialect: index % 4 === 3 ? 'legacy' : 'native',
    to: index % 3 === 0 ? '192.0.2.3:4524' : '192.0.2.2:4524',
    why: index % 10 === 9 ? 'full' : 'load',
  }));
}

export const fixedTotals = {
  total: 1_039,
  targets: [
    { address: '192.0.2.2:4524', count: 812 },
    { address: '192.0.2.3:4524', count: 227 },
  ],
};

/** The longest wait first. */
export function fixedEntries(count: number): BacklogEntry[] {
  const stages = ['reading', 'writing', 'reading', 'deciding'] as const;
  return Array.from({ length: count }, (_, index) => ({
    id: `${1 + (index % 2)}-${17 + 31 * index}`,
    source: `198.51.100.${index + 1}:${40_000 + index}`,
    dialect: index % 4 === 2 ? 'legacy' : 'native',
    encrypted: index % 5 === 4,
    stage: stages[index % stages.length] ?? 'reading',
    since: fixedNow - Math.round(9_600 / (index + 1) ** 2),
    waitedMs: Math.round(9_600 / (index + 1) ** 2),
    requests: index % 4 === 1 ? 1_204 : index % 3,
    bytesIn: 12 + index * 700,
    bytesOut: index % 4 === 1 ? 19_400_000 : 0,
  }));
}

/** Twelve who wait, among 55 connections. */
export function fixedBacklog(change: Partial<Backlog> = {}): Backlog {
  const entries = fixedEntries(12);
  return { at: fixedNow, total: 12, entries, silent: 3, idle: 40, missing: [], ...change };
}

export function fixedHosts(count: number): Host[] {
  return Array.from({ length: count }, (_, index) => ({
    address: `198.51.100.${index + 1}:${40_000 + index}`,
    nodeId: `node-${String(index + 1).padStart(3, '0')}`,
    firstSeen: fixedNow - 7_200_000 - index * 61_000,
    lastSeen: fixedNow - index * 61_000,
    state: 'live',
    dialect: index % 5 === 4 ? 'legacy' : 'native',
  }));
}

/** Hosts with these addresses, as they are marked. */
export function marksOf(addresses: Iterable<string>): ReadonlyMap<string, Host> {
  const [host] = fixedHosts(1) as [Host];
  return new Map([...addresses].map((address) => [address, { ...host, address }]));
}

export const fixedConfText = [
  '# The name server in the hall',
  'Interface=192.0.2.1',
  'NameServers=192.0.2.2, 192.0.2.3, 192.0.2.4',
  '',
  '# more did not help',
  'backlog = 50   # tried 100',
  '#TTL=60m',
  'Threads=4',
  'Secret=(hidden, unchanged)',
  '',
].join('\n');

/** A file that names six settings, one of which waits for a restart. */
export function fixedConfig(change: Partial<ConfigResult> = {}): ConfigResult {
  const values: Record<string, string> = {
    Interface: '192.0.2.1',
    NameServers: '192.0.2.2:4524, 192.0.2.3:4524, 192.0.2.4:4524',
    Backlog: '50',
    Secret: 'set',
  };
  return {
    file: '/etc/dynamo/DDNS/ddns.conf',
    text: fixedConfText,
    fingerprint: 'first',
    settings: settingDefinitions.map(({ name, default: standard, allowed, meaning, applies }) => ({
      name,
      value: values[name] ?? standard,
      default: standard,
      allowed,
      meaning,
      applies,
      waiting: name === 'Threads' ? '4' : null,
    })),
    problems: [],
    unwritable: null,
    ...change,
  };
}

export function fixedCheck(change: Partial<ConfigCheck> = {}): ConfigCheck {
  return {
    fingerprint: 'first',
    problems: [],
    difference: [
      { kind: 'same', line: 4, text: '' },
      { kind: 'same', line: 5, text: '# more did not help' },
      { kind: 'removed', line: 6, text: 'backlog = 50   # tried 100' },
      { kind: 'added', line: 6, text: 'backlog = 200   # tried 100' },
      { kind: 'same', line: 7, text: '#TTL=60m' },
      { kind: 'same', line: 8, text: 'Threads=4' },
      { kind: 'removed', line: 9, text: 'Secret=(hidden)' },
      { kind: 'added', line: 9, text: 'Secret=(hidden, changed)' },
    ],
    differenceCut: 0,
    changed: [{ name: 'Backlog', from: '50', to: '200' }],
    waiting: [
      { name: 'Threads', from: '12', to: '4' },
      { name: 'Secret', from: 'set', to: 'a different one' },
    ],
    warnings: [
      '/etc/dynamo/DDNS/ddns.conf holds the secret and is readable by everybody on this machine; run: chmod o-rwx /etc/dynamo/DDNS/ddns.conf',
    ],
    ...change,
  };
}

/** What a name server logs, oldest first: the start, troubles, a reload, then a node every second. */
export function fixedLog(nodes: number): LogLine[] {
  const begun: Omit<LogLine, 'seq' | 'at'>[] = [
    {
      level: 'info',
      msg: 'name server is ready',
      fields: {
        id: '6fa90db6582c4147',
        listen: '192.0.2.1:4524',
        hosts: '1190',
        backlog: '100',
        threads: '12 configured, 2 running',
        socket: '/run/ddnsd/ddnsd.sock',
      },
    },
    {
      level: 'warn',
      msg: 'requests failed: 1104 malformed; 41 timed out',
      fields: { malformed: '1104', timedOut: '41' },
    },
    {
      level: 'error',
      msg: 'storage failed: registrations are refused',
      fields: { reason: 'the disk is full: /var/lib/ddnsd/hosts.db could not grow' },
    },
    { level: 'info', msg: 'storage recovered: registrations are accepted again', fields: {} },
    {
      level: 'debug',
      msg: "bad-node-id: node id \"\\x1b[2J\": must be 1 to 64 letters, digits, '.', '_' or '-'",
      fields: { source: '203.0.113.9', code: 'bad-node-id' },
    },
    { level: 'info', msg: 'LogLevel changed from info to debug: in force now', fields: {} },
  ];
  const registered = Array.from({ length: nodes }, (_, index) => ({
    level: 'debug' as const,
    msg: `host ${index % 3 === 2 ? 'left' : 'registered'}`,
    fields: {
      address: `198.51.100.${index + 1}:${40_000 + index}`,
      nodeId: `5d965537-305b-4c7e-9a52-${String(index + 1).padStart(12, '0')}`,
      dialect: index % 5 === 4 ? 'legacy' : 'native',
    },
  }));
  const lines = [...begun, ...registered];
  return lines.map((line, index) => ({
    seq: index + 1,
    at: fixedNow - (lines.length - index) * 1_000,
    ...line,
  }));
}
