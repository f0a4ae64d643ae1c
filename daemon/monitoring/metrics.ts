// The metrics that Prometheus scrapes: the status that consoles get, the counters, and how long commits and the event
// loop take. Invariants: a scrape walks nothing that grows with the number of hosts; no label has a value that came
// from the network; what is not known has no series, never NaN; a counter has its series from the start.
import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { type CounterName, type Counters, counterFamilies } from '../../shared/counters.ts';
import {
  freezeReasons,
  type PeerStatus,
  peerStates,
  redirectModes,
  type Status,
} from '../../shared/ipc/status-contract.ts';
import { unables } from '../../shared/protocol/sync-message.ts';
import { type Readiness, readyConditions } from '../core/stats/readiness.ts';

/** What the metrics are taken from, once for each page. */
export interface MetricsSources {
  status: () => Status;
  readiness: () => Readiness;
  /** ms since 1970 */
  wall: () => number;
  /** bytes of the database's write-ahead log */
  logBytes: () => number;
}

/** A sample: the values of the labels, and the number; null: not known. */
type Sample = readonly [labels: Record<string, string>, value: number | null];
type Samples = (status: Status) => readonly Sample[];

/** From a fast disk's fsync to one that keeps clients waiting, s. */
const commitBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** From a commit to a pause that makes peers suspect this server, s. */
const delayBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const seconds = (ms: number | null) => (ms === null ? null : ms / 1_000);

/** The page for Prometheus. */
export class Metrics {
  private readonly sources: MetricsSources;
  private readonly registry = new Registry();
  /** of the page that is being made */
  private now: { status: Status; readiness: Readiness; wall: number };
  private readonly commits: Histogram;
  private readonly delays: Histogram;

  constructor(sources: MetricsSources) {
    this.sources = sources;
    this.now = this.look();
    const { version } = this.now.status.server;
    this.commits = this.histogram(
      'ddns_commit_duration_seconds',
      'How long transactions of the registry took, failed ones included',
      commitBuckets,
    );
    this.delays = this.histogram(
      'ddns_event_loop_delay_seconds',
      'The longest delay of the event loop in each second: for as long nobody was answered',
      delayBuckets,
    );
    const build = { version, node: process.versions.node };
    this.gauge('ddns_build_info', 'Version of ddnsd and of Node', Object.keys(build), () => [
      [build, 1],
    ]);
    this.describeServer();
    this.describeHosts();
    this.describeLoad();
    this.describePeers();
    this.describeProcess();
    for (const family of counterFamilies) this.countFamily(family);
  }

  /** The content type of `page`. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics as of now. */
  page(): Promise<string> {
    this.now = this.look();
    return this.registry.metrics();
  }

  /** A transaction took `ms`. */
  committed(ms: number): void {
    this.commits.observe(ms / 1_000);
  }

  /** The longest delay of the event loop in the last second, ms. */
  delayed(ms: number): void {
    this.delays.observe(ms / 1_000);
  }

  private look() {
    const { status, readiness, wall } = this.sources;
    return { status: status(), readiness: readiness(), wall: wall() };
  }

  private describeServer(): void {
    this.flags('ddns_ready', 'Whether each condition of being ready is met', 'condition', () =>
      readyConditions.map((name) => [name, this.now.readiness[name] === null]),
    );
    this.flags('ddns_redirecting', 'What is redirected now', 'mode', ({ redirecting }) =>
      redirectModes.map((mode) => [mode, redirecting.mode === mode]),
    );
    this.flags(
      'ddns_self_preservation',
      'Whether deletions are held back, by reason',
      'reason',
      ({ selfPreservation: { active, reason } }) =>
        freezeReasons.map((each) => [each, active && reason === each]),
    );
    this.flags(
      'ddns_cannot_judge',
      'Hosts that this server cannot judge, so others do: all, or those of an address family',
      'hosts',
      ({ expiry }) => unables.map((each) => [each, expiry.cannotJudge === each]),
    );
    this.number(
      'ddns_mass_deletion',
      'Whether over a third of the hosts were deleted for not answering within one TTL',
      ({ expiry }) => Number((expiry.massDeletion ?? null) !== null),
    );
    this.number(
      'ddns_settings_waiting',
      'Settings in ddns.conf that wait for a restart',
      ({ config }) => config.restartNeeded.length,
    );
  }

  private describeHosts(): void {
    this.gauge(
      'ddns_hosts',
      'Hosts in the registry, and tombstones (gone)',
      ['state'],
      ({ hosts }) => [
        [{ state: 'live' }, hosts.live],
        [{ state: 'gone' }, hosts.gone],
      ],
    );
    this.number('ddns_hosts_limit', 'MaxHosts', ({ hosts }) => hosts.limit);
    this.number(
      'ddns_hosts_reachable',
      'Live hosts that have answered a ping of this server',
      ({ hosts }) => hosts.reachable ?? null,
    );
    this.gauge(
      'ddns_hosts_expiring',
      'Live hosts that this server judges: due for a ping, not answering, about to be deleted',
      ['stage'],
      ({ expiry }) => [
        [{ stage: 'due' }, expiry.due],
        [{ stage: 'suspect' }, expiry.suspects],
        [{ stage: 'condemned' }, expiry.condemned],
      ],
    );
    this.number(
      'ddns_oldest_contact_age_seconds',
      'How long ago the live host that was silent longest was last seen',
      ({ expiry: { oldestSeen } }) =>
        oldestSeen === null ? null : Math.max(0, this.now.wall - oldestSeen) / 1_000,
    );
    this.number(
      'ddns_write_ahead_log_bytes',
      'Size of the write-ahead log of the database; a program that reads the database lets it grow',
      () => this.sources.logBytes(),
    );
    this.number('ddns_ttl_seconds', 'TTL', ({ ttlMs }) => ttlMs / 1_000);
    this.number(
      'ddns_pings_in_flight',
      'Pings sent and not answered yet',
      ({ expiry }) => expiry.pinging,
    );
  }

  private describeLoad(): void {
    this.number(
      'ddns_backlog_requests',
      'Connections with an unanswered request',
      ({ backlog }) => backlog.current,
    );
    this.number(
      'ddns_backlog_peak_requests',
      'The highest backlog since the start',
      ({ backlog }) => backlog.peak,
    );
    this.number('ddns_backlog_limit', 'Backlog', ({ backlog }) => backlog.limit);
    this.number(
      'ddns_connections_open',
      'Open connections, silent and idle ones included',
      ({ connections }) => connections.open,
    );
    this.number(
      'ddns_connections_limit',
      'The most connections at once',
      ({ connections }) => connections.limit,
    );
    this.number(
      'ddns_accepting_processes',
      'Processes that accept connections',
      ({ threads }) => threads.running,
    );
  }

  /** Peers are those of NameServers, so there are at most 64. */
  private describePeers(): void {
    this.gauge(
      'ddns_peer_state',
      'State of each other name server',
      ['peer', 'state'],
      ({ peers }) =>
        peers.flatMap(({ address: peer, state: now }) =>
          peerStates.map((state): Sample => [{ peer, state }, Number(state === now)]),
        ),
    );
    const ofPeers = (name: string, help: string, value: (peer: PeerStatus) => number | null) =>
      this.gauge(name, help, ['peer'], ({ peers }) =>
        peers.map((peer): Sample => [{ peer: peer.address }, value(peer)]),
      );
    ofPeers(
      'ddns_peer_trouble',
      'Whether something is wrong with a peer or its clock; ddns-tui peers says what',
      ({ trouble }) => Number(trouble !== null),
    );
    ofPeers(
      'ddns_peer_lag_changes',
      'Changes that a connected peer has not acknowledged',
      ({ lag }) => lag,
    );
    ofPeers(
      'ddns_peer_lag_seconds',
      'Age of the oldest change that a connected peer has not acknowledged',
      ({ lagMs }) => seconds(lagMs),
    );
    ofPeers('ddns_peer_round_trip_seconds', 'Round trip to a peer', ({ roundTripMs }) =>
      seconds(roundTripMs),
    );
    ofPeers(
      'ddns_peer_clock_difference_seconds',
      "A peer's clock minus the clock of this server",
      ({ clockMs }) => seconds(clockMs),
    );
  }

  /** Named as in other programs; of the main process alone, without its workers. */
  private describeProcess(): void {
    this.number(
      'process_resident_memory_bytes',
      'Memory of the main process',
      ({ memory }) => memory.residentBytes,
    );
    this.number('process_start_time_seconds', 'When ddnsd started', ({ server }) =>
      seconds(server.startedAt),
    );
    this.counter('process_cpu_seconds_total', 'Processor time of the main process', [], () => {
      const { user, system } = process.cpuUsage();
      return [[{}, (user + system) / 1_000_000]];
    });
  }

  private countFamily({ metric, help, counters }: (typeof counterFamilies)[number]): void {
    const labelled = Object.entries<Record<string, string>>(counters);
    const labelNames = Object.keys(labelled[0]?.[1] ?? {});
    this.counter(metric, help, labelNames, (status) =>
      labelled.map(([name, labels]) => [labels, shown(status.counters, name as CounterName)]),
    );
  }

  /** One of the values is the case, or none. */
  private flags(
    name: string,
    help: string,
    label: string,
    flagsOf: (status: Status) => readonly (readonly [string, boolean])[],
  ): void {
    this.gauge(name, help, [label], (status) =>
      flagsOf(status).map(([value, isSo]): Sample => [{ [label]: value }, Number(isSo)]),
    );
  }

  private number(name: string, help: string, value: (status: Status) => number | null): void {
    this.gauge(name, help, [], (status) => [[{}, value(status)]]);
  }

  private gauge(name: string, help: string, labelNames: string[], samples: Samples): void {
    const collect = () => {
      gauge.reset();
      // Without labels it would be 0 now, also if it is not known.
      if (labelNames.length === 0) gauge.remove();
      for (const [labels, value] of this.known(samples)) gauge.set(labels, value);
    };
    const gauge = new Gauge({ name, help, labelNames, collect, registers: [this.registry] });
  }

  private counter(name: string, help: string, labelNames: string[], samples: Samples): void {
    const collect = () => {
      counter.reset();
      for (const [labels, value] of this.known(samples)) counter.inc(labels, value);
    };
    const counter = new Counter({ name, help, labelNames, collect, registers: [this.registry] });
  }

  private known(samples: Samples) {
    return samples(this.now.status).filter(
      (sample): sample is [Record<string, string>, number] => sample[1] !== null,
    );
  }

  private histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }
}

/** As Prometheus sees it: dialects are told apart there. */
function shown(counters: Counters, name: CounterName): number {
  return name === 'queries' ? counters.queries - counters.legacyQueries : counters[name];
}
