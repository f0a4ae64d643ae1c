// What went wrong with clients, as one line a minute and only when there was something: an operator
// wants to know that it happens, not to read each of ten thousand refusals.
import type { CounterName, Counters } from './core/stats/counters.ts';
import type { Logger } from './log.ts';

const intervalMs = 60_000;

const told: readonly CounterName[] = [
  'malformed',
  'timedOut',
  'evicted',
  'displaced',
  'busy',
  'aborted',
  'registryFull',
  'crowdedOut',
];

export class Summary {
  private readonly counters: Counters;
  private readonly log: Pick<Logger, 'warn'>;
  private last: Counters;
  private dueAt = Number.NEGATIVE_INFINITY;

  constructor(counters: Counters, log: Pick<Logger, 'warn'>) {
    this.counters = counters;
    this.log = log;
    this.last = { ...counters };
  }

  /** Called now and then, with the monotonic time; the first trouble after a quiet minute is told at once. */
  tick(mono: number): void {
    if (mono < this.dueAt) return;
    const grown = told
      .map((name) => [name, this.counters[name] - this.last[name]] as const)
      .filter(([, by]) => by > 0);
    if (grown.length === 0) return;
    this.dueAt = mono + intervalMs;
    this.last = { ...this.counters };
    this.log.warn(Object.fromEntries(grown), 'requests were not served');
  }
}
