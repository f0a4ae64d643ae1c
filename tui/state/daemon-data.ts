// The daemon's data: its status, the samples of the last minutes and of the last hour, and the newest events and
// redirects. They begin with a snapshot and continue with deltas. Ages are computed on the daemon's clock: its time
// at the last message plus the time since, on the console's monotonic clock.
import type { Counters } from '../../shared/counters.ts';
import {
  type Activity,
  activityHistory,
  type Delta,
  hourSampleHistory,
  type PeerStatus,
  type Redirect,
  redirectHistory,
  type Sample,
  type Snapshot,
  type Status,
  sampleHistory,
} from '../../shared/ipc/status-contract.ts';

export interface DaemonData {
  status: Status;
  /** one a second, oldest first */
  samples: readonly Sample[];
  /** of the last hour, oldest first */
  hourSamples: readonly Sample[];
  /** newest first */
  activity: readonly Activity[];
  /** `activity` as it was up to a second ago, and when: lines that move more often cannot be read */
  calmActivity: { lines: readonly Activity[]; at: number };
  /** newest first */
  redirects: readonly Redirect[];
  /** the daemon's clock at the last message */
  at: number;
  /** the console's monotonic clock then */
  receivedAt: number;
  /** round trips to each peer, in ms, one in `tripEveryMs`, oldest first; null: it did not answer. And when the latest came. */
  trips: { byPeer: ReadonlyMap<string, readonly (number | null)[]>; at: number };
  /** values that are marked when they change, and when they last did, on the console's clock */
  facts: Facts;
  changes: DataChanges;
}

/** Five minutes of round trips: as long as the charts' shorter window. */
const tripEveryMs = 5_000;
const maxTrips = 60;

/** A little less than the second between two samples: each brings a delta. */
const calmMs = 900;

/** @param now the console's monotonic clock */
export function dataFromSnapshot(snapshot: Snapshot, now: number): DaemonData {
  return {
    status: snapshot.status,
    samples: snapshot.samples.slice(-sampleHistory),
    hourSamples: snapshot.hourSamples.slice(-hourSampleHistory),
    activity: newestFirst(snapshot.activity),
    calmActivity: { lines: newestFirst(snapshot.activity), at: now },
    redirects: newestFirst(snapshot.redirects),
    at: snapshot.at,
    receivedAt: now,
    trips: withTrips(new Map(), snapshot.status, now),
    facts: factsOf(snapshot.status, new Map()),
    changes: new Map(),
  };
}

/** @param now the console's monotonic clock */
export function applyDelta(data: DaemonData, delta: Delta, now: number): DaemonData {
  const status = { ...data.status, ...delta.status };
  const activity = withNewest(data.activity, delta.activity, activityHistory);
  const facts = factsOf(status, data.facts);
  const isCalm = now - data.calmActivity.at < calmMs;
  return {
    status,
    samples: withLatest(data.samples, delta.samples, sampleHistory),
    hourSamples: withLatest(data.hourSamples, delta.hourSamples, hourSampleHistory),
    activity,
    calmActivity: isCalm ? data.calmActivity : { lines: activity, at: now },
    redirects: withNewest(data.redirects, delta.redirects, redirectHistory),
    at: delta.at,
    receivedAt: now,
    trips:
      now - data.trips.at < tripEveryMs ? data.trips : withTrips(data.trips.byPeer, status, now),
    facts,
    changes: changesOf(data.changes, data.facts, facts, now),
  };
}

function withTrips(
  known: DaemonData['trips']['byPeer'],
  { peers }: Pick<Status, 'peers'>,
  at: number,
): DaemonData['trips'] {
  const byPeer = peers.map(({ address, roundTripMs }) => {
    const before = known.get(address) ?? [];
    return [address, [...before, roundTripMs].slice(-maxTrips)] as const;
  });
  return { byPeer: new Map(byPeer), at };
}

function withLatest<T>(known: readonly T[], added: readonly T[], limit: number): readonly T[] {
  return added.length === 0 ? known : [...known, ...added].slice(-limit);
}

function withNewest<T extends { seq: number }>(
  known: readonly T[],
  added: readonly T[],
  limit: number,
): readonly T[] {
  return added.length === 0 ? known : [...newestFirst(added), ...known].slice(0, limit);
}

function newestFirst<T extends { seq: number }>(entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => b.seq - a.seq);
}

/** The daemon's clock at the monotonic time `now`. */
export function daemonNow(data: DaemonData, now: number): number {
  return data.at + Math.max(0, now - data.receivedAt);
}

/** Mean of a member over the last `seconds` samples; 0 without samples. */
export function meanOf(
  samples: readonly Sample[],
  member: 'registered' | 'requests',
  seconds: number,
): number {
  const last = samples.slice(-seconds);
  if (last.length === 0) return 0;
  return last.reduce((sum, sample) => sum + sample[member], 0) / last.length;
}

/** Values that are marked on the screen when they change, by name. */
export type Facts = ReadonlyMap<string, string>;

/** When each fact last changed, by name. */
export type DataChanges = ReadonlyMap<string, number>;

/** `known`, and at `now` every fact that differs. A fact that is new, or gone, has not changed. */
export function changesOf(
  known: DataChanges,
  before: Facts,
  after: Facts,
  now: number,
): DataChanges {
  const changes = new Map<string, number>();
  for (const [name, fact] of after) {
    const earlier = before.get(name);
    const at = earlier !== undefined && earlier !== fact ? now : known.get(name);
    if (at !== undefined) changes.set(name, at);
  }
  return changes;
}

export type PeerFact = 'state' | 'sync' | 'version';

export function peerFact({ address }: PeerStatus, fact: PeerFact): string {
  return `peer ${address} ${fact}`;
}

export function counterFact(name: keyof Counters): string {
  return `counter ${name}`;
}

/** @param earlier facts that hold on for a peer that cannot be reached: it may come back with another version */
export function factsOf(
  { peers, counters }: Pick<Status, 'peers' | 'counters'>,
  earlier: Facts,
): Facts {
  const facts = new Map<string, string>();
  for (const peer of peers) {
    facts.set(peerFact(peer, 'state'), `${peer.state} ${peer.trouble !== null}`);
    for (const [what, value] of [
      ['sync', peer.encrypted],
      ['version', peer.version],
    ] as const) {
      const name = peerFact(peer, what);
      const fact = value === null ? earlier.get(name) : String(value);
      if (fact !== undefined) facts.set(name, fact);
    }
  }
  for (const [name, value] of Object.entries(counters))
    facts.set(counterFact(name as keyof Counters), String(value));
  return facts;
}
