// From the daemon's samples to what a chart draws: the last minutes in buckets, oldest first, and a
// scale whose labels are round numbers. Pure.
import type { Sample } from '../../shared/ipc/history-contract.ts';

export interface ChartWindow {
  seconds: number;
  /** A chart moves once in this time: often enough to be live, and a step is visible. */
  bucketSeconds: number;
  buckets: number;
  /** every so many buckets there is a label */
  labelBuckets: number;
  /** one for each bucket: how long ago it began, or empty */
  labels: readonly string[];
}

function windowOf(seconds: number, bucketSeconds: number, labelSeconds: number): ChartWindow {
  const buckets = seconds / bucketSeconds;
  const labels = Array.from({ length: buckets }, (_, index) => {
    const ago = seconds - index * bucketSeconds;
    if (ago % labelSeconds !== 0) return '';
    return ago % 60 === 0 ? `-${ago / 60}m` : `-${ago}s`;
  });
  return { seconds, bucketSeconds, buckets, labelBuckets: labelSeconds / bucketSeconds, labels };
}

export const oneMinute = windowOf(60, 2, 10);
export const fiveMinutes = windowOf(300, 5, 60);

/** Five minutes, but one while there is not more: else a server that just started has no picture. */
export function windowFor(samples: readonly Sample[]): ChartWindow {
  const first = samples[0]?.at ?? 0;
  const last = samples.at(-1)?.at ?? 0;
  return last - first > oneMinute.seconds * 1000 ? fiveMinutes : oneMinute;
}

export type ChartMember = 'registered' | 'requests' | 'backlog' | 'live';

/** A bucket's value: what happened in a second of it on average, or the highest level in it. */
const combine: Record<ChartMember, (values: readonly number[]) => number> = {
  registered: mean,
  requests: mean,
  backlog: (values) => Math.max(...values),
  live: (values) => values.at(-1) ?? 0,
};

export interface Series {
  /** one for each bucket of the window; those without samples repeat the first known one */
  values: number[];
  /** how many of them, at the left, are unknown */
  unknown: number;
}

/**
 * Whole buckets only, so that a chart changes when one ends and at no other time.
 * @param phase seconds by which the ends of this chart's buckets are shifted: charts with different
 * phases are not redrawn in the same second
 */
export function seriesOf(
  samples: readonly Sample[],
  member: ChartMember,
  phase: number,
  { buckets, bucketSeconds }: ChartWindow,
): Series {
  const last = samples.at(-1);
  if (!last) return { values: new Array(buckets).fill(0), unknown: buckets };
  const end = bucketOf(last.at, phase, bucketSeconds);
  const found = new Map<number, number[]>();
  for (const sample of samples) {
    const bucket = bucketOf(sample.at, phase, bucketSeconds);
    const values = found.get(bucket);
    if (values) values.push(sample[member]);
    else found.set(bucket, [sample[member]]);
  }
  const known: (number | null)[] = [];
  for (let bucket = end - buckets; bucket < end; bucket += 1) {
    const values = found.get(bucket);
    known.push(values ? combine[member](values) : null);
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

/** A sample's `at` is the end of its second. */
function bucketOf(at: number, phase: number, bucketSeconds: number): number {
  return Math.floor((at / 1000 - 0.5 - phase) / bucketSeconds);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
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
