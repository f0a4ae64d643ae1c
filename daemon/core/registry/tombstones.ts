// Tombstones: how long they live, how many there may be, and when their hosts were live. A node or name server
// that was away for less than a tombstone's lifetime learns from it that the host is gone. One that was away
// for longer may still have the host: a left-over, which must not come back (PROTOCOL.md, "Records and
// versions").
import { NumberColumn } from './columns.ts';

/** Shortest lifetime, one day: covers a machine that is off overnight, or a link that is down for a day. */
export const leastTombstoneMs = 24 * 3_600_000;

/** Lifetime in TTLs. A live host is silent for at most a TTL, its pings and an unpublished contact: half of this. */
const ttls = 2;

/** How long tombstones live, in ms. */
export function tombstoneLifetimeMs(ttlMs: number): number {
  return Math.max(leastTombstoneMs, ttls * ttlMs);
}

/**
 * A host that was in the network for less than this is called gone to those only who may have been sent it from here,
 * ms. Whoever has a longer one, from another name server or a node, named it in a query before it was known here. One
 * source that registers and leaves in turns makes nobody's list long.
 */
export const briefMs = 60_000;

/** Share of the tombstones that hosts unknown here may use by leaving, so that they do not crowd out the others. */
const unknownShare = 1 / 2;

/** Whether `gone` tombstones leave room for one of a host that was never known here. */
export function hasRoomForUnknown(gone: number, maxHosts: number): boolean {
  return gone < tombstoneRows(maxHosts) * unknownShare;
}

/** Rows for tombstones beside those of `maxHosts` hosts; when they run out, the oldest tombstone is dropped. */
export function tombstoneRows(maxHosts: number): number {
  return Math.ceil(maxHosts / 4) + 1;
}

/**
 * What an asker with a cursor has: all changes up to `from`, and those up to `to` except of hosts that changed again
 * after `to`, because a limit cut the list there.
 */
export interface Position {
  from: number;
  to: number;
}

/** When a host was live, in change numbers: since `last`, and at some time from `from` to before `to`. */
export interface Spans {
  from: number;
  to: number;
  last: number;
}

/**
 * When the hosts of tombstones were live, in change numbers. An asker whose list is from before that never had
 * the host and is not listed the tombstone. Of a host that came and went several times the last span is kept,
 * and one that covers all earlier ones. The spans are not stored: a host that is there at the start may have been
 * live at any time before.
 */
export class LiveSpans {
  /** The latest change before the start. */
  startedAt = 0;
  private readonly from: NumberColumn;
  private readonly to: NumberColumn;
  private readonly last: NumberColumn;

  constructor(rows: number) {
    this.from = new NumberColumn(rows);
    this.to = new NumberColumn(rows);
    this.last = new NumberColumn(rows);
  }

  /**
   * The row's host goes. `came`: the change with which it came; if it was never live here, that with which it
   * goes.
   */
  went(row: number, came: number): void {
    this.last.set(row, came);
    // It may have come before, gone, and come again.
    if (came <= this.startedAt) this.to.set(row, came);
  }

  /** Any asker may have the row's host, which goes. */
  wentFromAll(row: number): void {
    this.last.set(row, 0);
  }

  /** The row's host comes back, after it went with change `went`. */
  returned(row: number, went: number): void {
    if (this.to.at(row) === 0) this.from.set(row, this.last.at(row));
    this.to.set(row, went);
  }

  /** Whether an asker at that position may have the host, which is gone now. */
  wasLive(row: number, { from, to }: Position): boolean {
    return to >= this.last.at(row) || (to >= this.from.at(row) && from < this.to.at(row));
  }

  /** The row's spans; all 0 if it has none. */
  at(row: number): Spans {
    return { from: this.from.at(row), to: this.to.at(row), last: this.last.at(row) };
  }

  /** Sets the spans of a replicated tombstone. */
  set(row: number, { from, to, last }: Spans): void {
    this.from.set(row, from);
    this.to.set(row, to);
    this.last.set(row, last);
  }

  /** The row is free. */
  clear(row: number): void {
    // Most rows have no spans, and are not touched.
    for (const column of [this.from, this.to, this.last])
      if (column.at(row) !== 0) column.set(row, 0);
  }
}
