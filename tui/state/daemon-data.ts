// What the daemon last said: its status, the samples of the last minutes, the latest activity and the
// latest redirects.
// Begins with a snapshot, continues with deltas. Ages are reckoned on the daemon's clock: its time
// at the last message plus what has passed here since, on the console's monotonic clock.
import {
  type Activity,
  activityHistory,
  type Delta,
  type Redirect,
  redirectHistory,
  type Sample,
  type Snapshot,
  type Status,
  sampleHistory,
} from '../../shared/ipc/contract.ts';

export interface DaemonData {
  status: Status;
  /** oldest first */
  samples: readonly Sample[];
  /** newest first */
  activity: readonly Activity[];
  /** newest first */
  redirects: readonly Redirect[];
  /** the daemon's clock at the last message */
  at: number;
  /** the console's monotonic clock then */
  receivedAt: number;
}

export function dataFromSnapshot(snapshot: Snapshot, now: number): DaemonData {
  return {
    status: snapshot.status,
    samples: snapshot.samples.slice(-sampleHistory),
    activity: newestFirst(snapshot.activity),
    redirects: newestFirst(snapshot.redirects),
    at: snapshot.at,
    receivedAt: now,
  };
}

export function applyDelta(data: DaemonData, delta: Delta, now: number): DaemonData {
  return {
    status: { ...data.status, ...delta.status },
    samples:
      delta.samples.length === 0
        ? data.samples
        : [...data.samples, ...delta.samples].slice(-sampleHistory),
    activity: withNewest(data.activity, delta.activity, activityHistory),
    redirects: withNewest(data.redirects, delta.redirects, redirectHistory),
    at: delta.at,
    receivedAt: now,
  };
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

/** Mean of a sample's member over the last `seconds` samples; 0 without samples. */
export function meanOf(
  samples: readonly Sample[],
  member: 'registered' | 'requests',
  seconds: number,
): number {
  const last = samples.slice(-seconds);
  if (last.length === 0) return 0;
  return last.reduce((sum, sample) => sum + sample[member], 0) / last.length;
}
