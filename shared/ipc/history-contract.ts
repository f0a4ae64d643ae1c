// What a daemon remembers of the last minutes and of the last hour, part of the contract between a
// daemon and whoever attaches to its IPC socket: samples for charts, and what just happened in words.
// A snapshot has all that is kept, a delta what is new.

/** What happened in a span of time: a second, or `hourSampleSeconds`. */
export interface Sample {
  /** grows by one with each sample of its kind; a gap means that some were left out */
  seq: number;
  /** the end of the span */
  at: number;
  /** live hosts then */
  live: number;
  /** hosts new to the registry */
  registered: number;
  /** requests answered */
  requests: number;
  /** hosts deleted because they did not answer */
  expired: number;
  /** requests sent to another name server */
  redirected: number;
  /** the highest backlog in the span */
  backlog: number;
}

/** Samples of a second each that the daemon keeps: five minutes. */
export const sampleHistory = 300;

/** What a sample of the last hour spans, and how many of them the daemon keeps. */
export const hourSampleSeconds = 10;
export const hourSampleHistory = 360;

export const activityKinds = [
  'registered',
  'returned',
  'left',
  'removed',
  'expired',
  'refused',
  'storage',
  'reloaded',
  'pinged',
  'peer',
  'drained',
  'worker',
  'closed',
  'clock',
] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** One line of what just happened. `text` is printable: the daemon has escaped it. */
export interface Activity {
  /** grows by one with each activity; a gap means that some were left out */
  seq: number;
  at: number;
  kind: ActivityKind;
  address: string | null;
  text: string;
}

/** Activities kept by the daemon and sent with a snapshot. */
export const activityHistory = 200;
