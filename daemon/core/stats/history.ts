// What just happened, for whoever watches: a sample every second for the charts of the last minutes,
// one every ten seconds for those of the last hour, and the latest activities.
import type { Counters } from '../../../shared/ipc/contract.ts';
import {
  type Activity,
  type ActivityKind,
  activityHistory,
  hourSampleHistory,
  hourSampleSeconds,
  type Sample,
  sampleHistory,
} from '../../../shared/ipc/history-contract.ts';
import type { Clocks } from '../timing/clocks.ts';
import { SourceBudget } from '../timing/source-budget.ts';
import { RingBuffer } from './ring-buffer.ts';

type Second = Omit<Sample, 'seq'>;
type Counts = Pick<Sample, 'registered' | 'requests' | 'expired' | 'redirected'>;

/** One source has a quarter of the activities that are kept, and then one each ten seconds. */
const ofSource = { atOnce: activityHistory / 4, everyMs: 10_000 };

const nothing: Counts = { registered: 0, requests: 0, expired: 0, redirected: 0 };

export class History {
  readonly samples = new RingBuffer<Sample>(sampleHistory);
  readonly hourSamples = new RingBuffer<Sample>(hourSampleHistory);
  readonly activity = new RingBuffer<Activity>(activityHistory);
  private readonly ofSources = new SourceBudget(ofSource.atOnce, ofSource.everyMs);
  private last = nothing;
  /** the seconds of the hour's next sample */
  private seconds: Second[] = [];

  /** Ends a second at `at`, in which the backlog was at most `backlog`. */
  sample(at: number, live: number, backlog: number, counters: Counters): void {
    const now = countsOf(counters);
    const second = { at, live, backlog, ...difference(now, this.last) };
    this.last = now;
    this.samples.add(second);
    this.seconds.push(second);
    if (this.seconds.length < hourSampleSeconds) return;
    this.hourSamples.add(joined(this.seconds, second));
    this.seconds = [];
  }

  /** `text` is printable already. */
  add(at: number, kind: ActivityKind, address: string | null, text: string): void {
    this.activity.add({ at, kind, address, text });
  }

  /**
   * What somebody of `source` (sourceOf) did, unless it did much of late: that is in the counters, and what others
   * did and what an operator must know stays to be seen.
   */
  addOf(
    source: string,
    { mono, wall }: Clocks,
    ...[kind, address, text]: [ActivityKind, string, string]
  ): void {
    if (this.ofSources.take(source, mono)) this.add(wall, kind, address, text);
  }
}

function countsOf({ registered, expired, redirected, ...verbs }: Counters): Counts {
  const requests = verbs.queries + verbs.alives + verbs.leaves + verbs.pings;
  return { registered, requests, expired, redirected };
}

function difference(now: Counts, before: Counts): Counts {
  return {
    registered: now.registered - before.registered,
    requests: now.requests - before.requests,
    expired: now.expired - before.expired,
    redirected: now.redirected - before.redirected,
  };
}

function joined(seconds: readonly Second[], { at, live }: Second): Second {
  const sum = (member: keyof Counts) => seconds.reduce((total, each) => total + each[member], 0);
  return {
    at,
    live,
    backlog: Math.max(...seconds.map(({ backlog }) => backlog)),
    registered: sum('registered'),
    requests: sum('requests'),
    expired: sum('expired'),
    redirected: sum('redirected'),
  };
}
