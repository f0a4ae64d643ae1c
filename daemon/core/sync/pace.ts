// How many bytes may be under way to a peer, so that nothing urgent waits long behind them: a heartbeat, an echo, a
// question. A heartbeat is sent behind every quarter of a window. Its echo confirms the bytes before it, and how much
// longer it took than on an empty line is how long the line's queue is. The window follows that delay, as in LEDBAT
// (RFC 6817): the buffers of sockets and routers never hold much more than `targetMs` of data.

/** A slow line starts with a second or two of data; on a fast one the window grows with each round trip. */
const startBytes = 16_384;

/** 8 records and more: even 10 kbit/s carry it within the silence that a peer is allowed. */
const leastBytes = 4_096;

/** Enough for 20 Mbit/s over a round trip of 100 ms. */
const mostBytes = 262_144;

/** Parts of a window with a heartbeat behind each. */
const parts = 4;

/** Bounds of one batch of records: the lower one has room for the longest record. */
const batch = { leastBytes: 2_048, mostBytes: 65_536 };

/** The delay of the empty line is the least of the last one or two of these, ms: a route may become longer. */
const basePeriodMs = 300_000;

/** Heartbeats without an echo that are kept: the connection is closed long before there are as many. */
const maxMarks = 1_000;

interface Mark {
  /** sent before it */
  bytes: number;
  at: number;
  /** at least half of the window was under way */
  wasFull: boolean;
}

/** The pace of one direction of a connection. Times are monotonic, in ms. */
export class Pace {
  window = startBytes;
  private beats = 0;
  private sent = 0;
  private marked = 0;
  private confirmed = 0;
  private readonly marks = new Map<number, Mark>();
  private changedAt = Number.NEGATIVE_INFINITY;
  private base = { since: Number.NEGATIVE_INFINITY, leastMs: Infinity, beforeMs: Infinity };

  /** Whether more may be sent now. */
  get hasRoom(): boolean {
    return this.sent - this.confirmed < this.window;
  }

  /** How large the next batch of records should be, in bytes. */
  get batchBytes(): number {
    return Math.min(batch.mostBytes, Math.max(batch.leastBytes, this.window / parts));
  }

  /** Whether a heartbeat is due behind what was sent. */
  get wantsMark(): boolean {
    return this.sent - this.marked >= this.window / parts;
  }

  noteSent(bytes: number): void {
    this.sent += bytes;
  }

  /** A heartbeat goes out. @returns its number */
  mark(mono: number): number {
    const number = ++this.beats;
    const wasFull = 2 * (this.sent - this.confirmed) >= this.window;
    this.marks.set(number, { bytes: this.sent, at: mono, wasFull });
    this.marks.delete(number - maxMarks);
    this.marked = this.sent;
    return number;
  }

  /**
   * Its echo has come.
   * @param targetMs the delay behind other data that heartbeats may have
   * @returns the round trip in ms; null: no heartbeat with that number waits for an echo
   */
  echoed(number: number, mono: number, targetMs: number): number | null {
    const mark = this.marks.get(number);
    if (mark === undefined) return null;
    this.marks.delete(number);
    this.confirmed = Math.max(this.confirmed, mark.bytes);
    const roundTripMs = mono - mark.at;
    this.follow(mark, roundTripMs - this.baseMs(roundTripMs, mono), mono, targetMs);
    return roundTripMs;
  }

  private follow({ at, wasFull }: Mark, queueMs: number, mono: number, targetMs: number): void {
    // What was sent before the latest change says nothing about the window of now.
    if (at < this.changedAt) return;
    if (queueMs > targetMs) this.window *= Math.max(1 / 8, targetMs / queueMs);
    else if (wasFull && 2 * queueMs < targetMs) this.window *= 2;
    else return;
    this.window = Math.min(mostBytes, Math.max(leastBytes, Math.round(this.window)));
    this.changedAt = mono;
  }

  private baseMs(roundTripMs: number, mono: number): number {
    const { base } = this;
    if (mono - base.since >= basePeriodMs) {
      base.beforeMs = base.leastMs;
      base.leastMs = Infinity;
      base.since = mono;
    }
    base.leastMs = Math.min(base.leastMs, roundTripMs);
    return Math.min(base.leastMs, base.beforeMs);
  }
}
