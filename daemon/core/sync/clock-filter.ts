// How far a peer's clock differs from this server's: of the latest measurements the one with the least round trip, as
// in NTP's clock filter (RFC 5905, section 10). A heartbeat that waited on its way looks like a wrong clock by half of
// its wait; the one that waited least is off by least.

/** As many as NTP's shift register has. */
export const maxSamples = 8;

/** Rounding of both clocks, and their drift within the samples, ms. */
const toleranceMs = 5;

/** One measurement, in ms. */
export interface ClockSample {
  /** monotonic */
  at: number;
  roundTripMs: number;
  /** the peer's wall clock less this server's, off by half of the round trip at most */
  clockMs: number;
}

/** The latest measurements of one peer's clock. */
export class ClockFilter {
  private samples: ClockSample[] = [];

  /**
   * @param spacingMs of measurements closer to each other than this only one is kept, so that many in a moment of
   *   load do not push out all others
   * @returns how far the clock differs, by all that is known
   */
  note(sample: ClockSample, spacingMs: number): number {
    // Two that contradict each other: a clock was set in between.
    if (this.samples.some((each) => !agree(each, sample))) this.samples = [];
    const last = this.samples.at(-1);
    if (last === undefined || sample.at - last.at >= spacingMs) this.samples.push(sample);
    else if (sample.roundTripMs < last.roundTripMs)
      this.samples[this.samples.length - 1] = { ...sample, at: last.at };
    if (this.samples.length > maxSamples) this.samples.shift();
    return this.samples.reduce(least).clockMs;
  }

  /** This server's clock was set. */
  clear(): void {
    this.samples = [];
  }
}

function least(a: ClockSample, b: ClockSample): ClockSample {
  return b.roundTripMs <= a.roundTripMs ? b : a;
}

function agree(a: ClockSample, b: ClockSample): boolean {
  const mostMs = (a.roundTripMs + b.roundTripMs) / 2 + toleranceMs;
  return Math.abs(a.clockMs - b.clockMs) <= mostMs;
}
