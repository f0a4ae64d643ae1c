// What the daemon last said: its status, the samples of the last minutes and the latest activity.
// Begins with a snapshot, continues with deltas. Ages are reckoned on the daemon's clock: its time
// at the last message plus what has passed here since, on the console's monotonic clock.
import {
  type Activity,
  activityHistory,
  type Delta,
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
    activity:
      delta.activity.length === 0
        ? data.activity
        : [...newestFirst(delta.activity), ...data.activity].slice(0, activityHistory),
    at: delta.at,
    receivedAt: now,
  };
}

function newestFirst(activity: readonly Activity[]): Activity[] {
  return [...activity].sort((a, b) => b.seq - a.seq);
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
