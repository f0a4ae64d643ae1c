// The daemon's samples as a chart draws them: the last minutes or the last hour in buckets, oldest first, and a scale
// with round numbers. Pure.
import { hourSampleSeconds, type Sample } from '../../shared/ipc/status-contract.ts';

export interface ChartWindow {
  /** in a chart's title: `5 min` */
  title: string;
  seconds: number;
  /** span of each sample */
  sampleSeconds: number;
  /** A chart moves once in this time: often enough to be live, and far enough to be seen. */
  bucketSeconds: number;
  buckets: number;
  /** buckets from one label to the next */
  labelBuckets: number;
  /** one for each bucket: how long ago it began; or empty */
  labels: readonly string[];
}

function windowOf(
  span: Pick<ChartWindow, 'title' | 'seconds' | 'sampleSeconds' | 'bucketSeconds'>,
  labelSeconds: number,
): ChartWindow {
  const { seconds, bucketSeconds } = span;
  const buckets = seconds / bucketSeconds;
  const labels = Array.from({ length: buckets }, (_, index) => {
    const ago = seconds - index * bucketSeconds;
    return ago % labelSeconds === 0 ? agoText(ago) : '';
  });
  return { ...span, buckets, labelBuckets: labelSeconds / bucketSeconds, labels };
}

function agoText(seconds: number): string {
  if (seconds % 3_600 === 0) return `-${seconds / 3_600}h`;
  return seconds % 60 === 0 ? `-${seconds / 60}m` : `-${seconds}s`;
}

/** Samples in a bucket of the longer windows. */
const bucketSamples = 6;

export const oneMinute = windowOf(
  { title: '1 min', seconds: 60, sampleSeconds: 1, bucketSeconds: 3 },
  15,
);
export const fiveMinutes = windowOf(
  { title: '5 min', seconds: 300, sampleSeconds: 1, bucketSeconds: bucketSamples },
  60,
);
export const oneHour = windowOf(
  {
    title: '1 h',
    seconds: 3_600,
    sampleSeconds: hourSampleSeconds,
    bucketSeconds: bucketSamples * hourSampleSeconds,
  },
  600,
);

/** Five minutes, or one minute until there are more samples, so that a server that just started has a chart. */
export function windowFor(samples: readonly Sample[]): ChartWindow {
  const first = samples[0]?.at ?? 0;
  const last = samples.at(-1)?.at ?? 0;
  return last - first > oneMinute.seconds * 1000 ? fiveMinutes : oneMinute;
}

export type ChartMember = Exclude<keyof Sample, 'seq' | 'at'>;

type Combine = (values: readonly number[], sampleSeconds: number) => number;

const perSecond: Combine = (values, sampleSeconds) => sum(values) / (values.length * sampleSeconds);

/** A bucket's value: a rate, how many there were in it, or the highest or last level in it. */
const combine: Record<ChartMember, Combine> = {
  registered: perSecond,
  requests: perSecond,
  expired: sum,
  redirected: sum,
  backlog: (values) => Math.max(...values),
  live: (values) => values.at(-1) ?? 0,
};

export function samplesIn(samples: readonly Sample[], window: ChartWindow): readonly Sample[] {
  return samples.slice(-window.seconds / window.sampleSeconds);
}

export interface Series {
  /** one for each bucket of the window; those before the first sample repeat the first known value */
  values: number[];
  /** number of buckets before the first sample */
  unknown: number;
}

/**
 * Whole buckets only, so that a chart changes when one ends and at no other time.
 * @param phase samples by which the ends of this chart's buckets are shifted: charts with different
 * phases are not drawn in the same second
 */
export function seriesOf(
  samples: readonly Sample[],
  member: ChartMember,
  phase: number,
  window: ChartWindow,
): Series {
  const { buckets } = window;
  const last = samples.at(-1);
  if (!last) return { values: new Array(buckets).fill(0), unknown: buckets };
  const end = bucketOf(last.at, phase, window);
  const found = new Map<number, number[]>();
  for (const sample of samples) {
    const bucket = bucketOf(sample.at, phase, window);
    const values = found.get(bucket);
    if (values) values.push(sample[member]);
    else found.set(bucket, [sample[member]]);
  }
  const known: (number | null)[] = [];
  for (let bucket = end - buckets; bucket < end; bucket += 1) {
    const values = found.get(bucket);
    known.push(values ? combine[member](values, window.sampleSeconds) : null);
  }
  const first = known.findIndex((value) => value !== null);
  if (first < 0) return { values: new Array(buckets).fill(0), unknown: buckets };
  let previous = known[first] ?? 0;
  const values = known.map((value) => {
    previous = value ?? previous;
    return previous;
  });
  return { values, unknown: first };
}

/** The bucket of a time among those of `seriesOf`; null: it is in none of them. */
export function bucketAt(
  at: number,
  samples: readonly Sample[],
  phase: number,
  window: ChartWindow,
): number | null {
  const end = bucketOf(samples.at(-1)?.at ?? 0, phase, window);
  // What belongs to the bucket that has not ended is shown with the one before it.
  const index = Math.min(window.buckets - 1, bucketOf(at, phase, window) - end + window.buckets);
  return index < 0 ? null : index;
}

/** `minute`, `6 s`: what counts of a bucket are per. */
export function bucketText({ bucketSeconds }: ChartWindow): string {
  return bucketSeconds === 60 ? 'minute' : `${bucketSeconds} s`;
}

/** A number in at most five columns, as the scale has them: `1.5k`. */
export function shortCount(value: number): string {
  for (const [size, unit] of [
    [1e9, 'b'],
    [1e6, 'm'],
    [1e3, 'k'],
  ] as const)
    if (value >= size) return `${Math.round((10 * value) / size) / 10}${unit}`;
  return String(value);
}

/** A sample's `at` is the end of its span. */
function bucketOf(
  at: number,
  phase: number,
  { bucketSeconds, sampleSeconds }: ChartWindow,
): number {
  return Math.floor((at / 1000 - (0.5 + phase) * sampleSeconds) / bucketSeconds);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Steps that make labels easy to read, in each power of ten. */
const roundSteps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

/** The top of a scale above `highest` with `steps` equal steps of round whole numbers. */
export function scaleFor(highest: number, steps: number): number {
  for (let power = 1; ; power *= 10)
    for (const digit of roundSteps) {
      const step = digit * power;
      if (Number.isInteger(step) && step * steps > highest) return step * steps;
    }
}
