// How long an attempt waits for a host's answer: by the round trips of the hosts that answered, as TCP's retransmission
// timer (RFC 6298), so that dead hosts do not hold places in flight for much longer than living ones need. A host that
// is further away than most has the last attempt, which waits as long as the TTL allows.
import type { ExpiryIntervals } from './expiry-intervals.ts';

/** RFC 6298, section 2: before the first measurement. */
const firstMs = 1_000;

/** RFC 6298, section 2.3: the shares of a new measurement in the mean and in the variation. */
const meanShare = 1 / 8;
const variationShare = 1 / 4;

type PingLimits = Pick<ExpiryIntervals, 'leastPingMs' | 'pingMs'>;

/** The patience of one name server, for all of its hosts; times in ms. */
export class PingPatience {
  private meanMs: number | null = null;
  private variationMs = 0;

  /** A host answered after that long: connecting, and the answer. */
  note(roundTripMs: number): void {
    if (this.meanMs === null) {
      this.meanMs = roundTripMs;
      this.variationMs = roundTripMs / 2;
      return;
    }
    const off = Math.abs(this.meanMs - roundTripMs);
    this.variationMs += variationShare * (off - this.variationMs);
    this.meanMs += meanShare * (roundTripMs - this.meanMs);
  }

  /**
   * How long attempt `attempt` of `attempts`, from 0, waits: twice as long as the one before it (RFC 6298, section
   * 5.5); the last one decides, and waits as long as there is time.
   */
  limitMs(attempt: number, attempts: number, { leastPingMs, pingMs }: PingLimits): number {
    if (attempt + 1 >= attempts) return pingMs;
    const estimate = this.meanMs === null ? firstMs : this.meanMs + 4 * this.variationMs;
    return Math.round(Math.min(pingMs, Math.max(leastPingMs, estimate) * 2 ** attempt));
  }
}
