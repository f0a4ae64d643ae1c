// What just happened, for whoever watches: one sample a second for the charts, and the latest
// activities. Both are rings of fixed length; an activity's number tells a reader what it missed.
import {
  type Activity,
  type ActivityKind,
  activityHistory,
  type Counters,
  type Sample,
  sampleHistory,
} from '../../shared/ipc/contract.ts';

export class History {
  samples: Sample[] = [];
  activity: Activity[] = [];
  private seq = 0;
  private last = { registered: 0, requests: 0 };

  /** Ends a second at `at`, in which the backlog was at most `backlog`. */
  sample(at: number, live: number, backlog: number, counters: Counters): void {
    const now = {
      registered: counters.registered,
      requests: counters.queries + counters.alives + counters.leaves + counters.pings,
    };
    this.samples.push({
      at,
      live,
      registered: now.registered - this.last.registered,
      requests: now.requests - this.last.requests,
      backlog,
    });
    this.last = now;
    if (this.samples.length > sampleHistory) this.samples.shift();
  }

  /** `text` is printable already. */
  add(at: number, kind: ActivityKind, address: string | null, text: string): void {
    this.activity.push({ seq: ++this.seq, at, kind, address, text });
    if (this.activity.length > activityHistory) this.activity.shift();
  }

  samplesAfter(at: number): Sample[] {
    return this.samples.filter((sample) => sample.at > at);
  }

  activityAfter(seq: number): Activity[] {
    return this.activity.filter((activity) => activity.seq > seq);
  }

  get lastSeq(): number {
    return this.seq;
  }
}
