// The recent past, for consoles: a sample of each second for the charts of the last minutes, one of every ten
// seconds for those of the last hour, and the latest events as lines of text.

import type { Counters } from '../../../shared/counters.ts';
import { type Clocks, SourceBudget } from '../timing/timing.ts';

/** Samples of a second each: five minutes. */
export const keptSamples = 300;

/** Seconds in a sample of the last hour, and how many of those samples there are. */
export const secondsPerHourSample = 10;
export const keptHourSamples = 360;

/** Events: several screens. */
export const keptActivity = 200;

/** What happened in a span of time: one second, or `secondsPerHourSample`. */
interface Sample {
  /** counts up by one with each sample of its kind */
  seq: number;
  /** the end of the span, ms since 1970 */
  at: number;
  /** live hosts at the end */
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

type ActivityKind =
  | 'registered'
  | 'returned'
  | 'left'
  | 'removed'
  | 'expired'
  | 'refused'
  | 'storage'
  | 'reloaded'
  | 'pinged'
  | 'peer'
  | 'drained'
  | 'worker'
  | 'closed'
  | 'clock'
  | 'backup'
  | 'imported';

/** One event, as a line of text. */
interface Activity {
  /** counts up by one with each event */
  seq: number;
  /** ms since 1970 */
  at: number;
  kind: ActivityKind;
  /** of the host or peer that it is about */
  address: string | null;
  /** printable: whatever came from the network is escaped */
  text: string;
}

/** Requests that were refused: the backlog was full, or the registry or the asker's share of it. */
interface Refused {
  backlog: number;
  registry: number;
}

/** Seconds of which refusals are counted: long enough for an operator to look up. */
const refusedSeconds = 60;

type Second = Omit<Sample, 'seq'>;
type Counts = Pick<Sample, 'registered' | 'requests' | 'expired' | 'redirected'>;

/** Events of one source: a quarter of those kept, and after that one every ten seconds. */
const ofSource = { atOnce: keptActivity / 4, everyMs: 10_000 };

/** Samples and events; pure, so the caller says what time it is. */
export class History {
  readonly samples = new RingBuffer<Sample>(keptSamples);
  readonly hourSamples = new RingBuffer<Sample>(keptHourSamples);
  readonly activity = new RingBuffer<Activity>(keptActivity);
  private readonly ofSources = new SourceBudget(ofSource.atOnce, ofSource.everyMs);
  private last = countsBy(() => 0);
  /** the counters at the end of each of the last seconds, the oldest first */
  private readonly refused: Refused[] = [{ backlog: 0, registry: 0 }];
  /** the seconds collected for the next sample of the hour */
  private seconds: Second[] = [];

  /**
   * Ends a second.
   * @param at its end, ms since 1970
   * @param live live hosts now
   * @param backlog the highest backlog in this second
   * @param counters their values now; a sample has what was added since the sample before
   */
  sample(at: number, live: number, backlog: number, counters: Counters): void {
    this.refused.push({ backlog: counters.busy, registry: counters.registryFull });
    if (this.refused.length > refusedSeconds + 1) this.refused.shift();
    const now = countsOf(counters);
    const counts = countsBy((name) => now[name] - this.last[name]);
    const second = { at, live, backlog, ...counts };
    this.last = now;
    this.samples.add(second);
    this.seconds.push(second);
    if (this.seconds.length < secondsPerHourSample) return;
    this.hourSamples.add(joined(this.seconds, second));
    this.seconds = [];
  }

  /** How many requests were refused in the last minute, as of the last sample. */
  refusedLately(): Refused {
    const [first, last] = [this.refused[0] as Refused, this.refused.at(-1) as Refused];
    return { backlog: last.backlog - first.backlog, registry: last.registry - first.registry };
  }

  /** Adds an event. `text` is printable: whatever came from the network is escaped. */
  add(at: number, kind: ActivityKind, address: string | null, text: string): void {
    this.activity.add({ at, kind, address, text });
  }

  /**
   * Adds an event that a client caused, unless its `source` (`sourceOf`) has used up its budget: such events are only
   * counted, so that one source cannot push out the events of others and those that an operator needs.
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

/** Counts, each from `value` of its name. */
function countsBy(value: (name: keyof Counts) => number): Counts {
  return {
    registered: value('registered'),
    requests: value('requests'),
    expired: value('expired'),
    redirected: value('redirected'),
  };
}

/** The sample of these seconds; its end and its live hosts are those of the last one. */
function joined(seconds: readonly Second[], { at, live }: Second): Second {
  const backlog = Math.max(...seconds.map((second) => second.backlog));
  const sum = (name: keyof Counts) => seconds.reduce((total, each) => total + each[name], 0);
  return { at, live, backlog, ...countsBy(sum) };
}

/**
 * A ring buffer whose entries are numbered from 1 on: it keeps the latest `limit`, and a gap in the numbers
 * tells a reader how many it missed.
 */
export class RingBuffer<T extends { seq: number }> {
  private readonly limit: number;
  private readonly entries: T[] = [];
  private count = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Adds an entry under the next number. The oldest one goes when there are more than `limit`. */
  add(entry: Omit<T, 'seq'>): void {
    this.entries.push({ ...entry, seq: ++this.count } as T);
    if (this.entries.length > this.limit) this.entries.shift();
  }

  /** The entries kept that have a higher number than `seq`, oldest first. */
  after(seq: number): T[] {
    const forgotten = this.count - this.entries.length;
    return this.entries.slice(Math.max(0, seq - forgotten));
  }

  /** Entries added since the start: the number of the latest one. */
  get total(): number {
    return this.count;
  }
}
