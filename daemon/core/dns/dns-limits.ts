// What sources that may be forged are sent over UDP: few answers to one network, and hardly more bytes than they sent.
// Whoever sends queries with another's address gains nothing by it; whoever is really there asks with a cookie or over
// TCP, as TC tells it to.
import { isIpv4 } from '../../../shared/protocol/address.ts';
import { SourceBudget } from '../timing/timing.ts';

/** Answers to one network, an IPv4 /24 or an IPv6 /56: at once, and then a second. A resolver caches for a minute. */
const answersAtOnce = 100;
const answersPerSecond = 50;

/** Of the queries beyond that, one in two is answered with TC: enough that a real client gets it at its second try. */
const slip = 2;

/**
 * Bytes sent for each byte received. TC with a cookie is 1.4 at most, so it always may be sent. With the allowance below it
 * is less than 2 from 32 KB a second on, a thousand small queries; fewer are no flood.
 */
const bytesPerByte = 1.5;

/** And bytes a second besides, so that plain resolvers have whole answers while nobody floods: some 40 a second. */
const allowancePerSecond = 16_384;
const allowanceAtOnce = 65_536;

/** What to do with a query: answer it, say only that TCP would be answered, or nothing. */
export type Limited = 'answer' | 'truncate' | 'drop';

/** The limits of one process; `share`: its part of the allowance of all processes. */
export class UnprovenLimits {
  private readonly networks = new SourceBudget(answersAtOnce, 1_000 / answersPerSecond);
  private readonly share: number;
  private limited = 0;
  private credit: number;
  private at = 0;

  constructor(share = 1) {
    this.share = share;
    this.credit = allowanceAtOnce * share;
  }

  /** A query of `bytes` came at `now`, monotonic ms, from the IP packed at `ip[0]`. */
  arrived(ip: Uint32Array, bytes: number, now: number): Limited {
    const returned = (allowancePerSecond * this.share * Math.max(0, now - this.at)) / 1_000;
    this.at = now;
    const most = allowanceAtOnce * this.share;
    this.credit = Math.min(most, this.credit + returned + bytesPerByte * bytes);
    if (this.networks.take(networkOf(ip), now)) return 'answer';
    return ++this.limited % slip === 0 ? 'truncate' : 'drop';
  }

  /** Whether an answer of so many bytes may be sent. */
  allows(bytes: number): boolean {
    return bytes <= this.credit;
  }

  /** So many bytes were sent. */
  sent(bytes: number): void {
    this.credit -= bytes;
  }
}

/** The network that shares answers. */
function networkOf(ip: Uint32Array): string {
  if (isIpv4(ip, 0)) return String((ip[3] as number) >>> 8);
  return `${ip[0]}:${(ip[1] as number) >>> 8}`;
}
