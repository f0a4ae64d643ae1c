// How many tombstones there may be, and how long one tells that its host is gone. Nodes and name
// servers that were away for less learn of it; what somebody who was away for longer still has of
// that host is a left-over, which must not come back to those who have forgotten the tombstone
// (PROTOCOL.md, "Records and versions").
import { NumberColumn } from './columns.ts';

/** A day: a machine that was switched off over night, or a link that was down for as long. */
export const leastTombstoneMs = 24 * 3_600_000;

/** A live host is silent for at most a TTL, its pings and the step that is not told: half of this. */
const ttls = 2;

export function tombstoneLifetimeMs(ttlMs: number): number {
  return Math.max(leastTombstoneMs, ttls * ttlMs);
}

/** Of the room for tombstones: those of hosts never heard of must not crowd out those of the others. */
const unheardShare = 1 / 2;

/** Whether `gone` tombstones leave room for one of a host never heard of. */
export function hasRoomForUnheard(gone: number, maxHosts: number): boolean {
  return gone < tombstoneRows(maxHosts) * unheardShare;
}

/** Beside the rows of `maxHosts` hosts; when they run out, the oldest tombstone makes room. */
export function tombstoneRows(maxHosts: number): number {
  return Math.ceil(maxHosts / 4) + 1;
}

// When the host of a tombstone was live, in change numbers: whoever has a list from before that never
// heard of it, and need not be told that it is gone. Of a host that came and went
// several times the last span is kept, and one over all those before it, so that nobody who heard of it
// is left out. Written for tombstones only; nothing is stored: after a restart they may have been live
// at any time.

/**
 * What a cursor stands for: every change up to `from`, and of those up to `to` as many as a limit allowed,
 * the oldest first. A host that changed again behind `to` was not told of yet.
 */
export interface Position {
  from: number;
  to: number;
}

/** From the change `last`, and from `from` to before `to`. */
export interface Spans {
  from: number;
  to: number;
  last: number;
}

export class LiveSpans {
  private readonly from: NumberColumn;
  private readonly to: NumberColumn;
  private readonly last: NumberColumn;

  constructor(rows: number) {
    this.from = new NumberColumn(rows);
    this.to = new NumberColumn(rows);
    this.last = new NumberColumn(rows);
  }

  /** The row's host goes, which came with change `came`; one that was never live came when it went. */
  went(row: number, came: number): void {
    this.last.set(row, came);
  }

  /** It comes back, after it went with change `went`. */
  returned(row: number, went: number): void {
    if (this.to.at(row) === 0) this.from.set(row, this.last.at(row));
    this.to.set(row, went);
  }

  /** Whether the host, which went since, may have been live at any time from one change to another. */
  wasLive(row: number, { from, to }: Position): boolean {
    return to >= this.last.at(row) || (to >= this.from.at(row) && from < this.to.at(row));
  }

  at(row: number): Spans {
    return { from: this.from.at(row), to: this.to.at(row), last: this.last.at(row) };
  }

  set(row: number, { from, to, last }: Spans): void {
    this.from.set(row, from);
    this.to.set(row, to);
    this.last.set(row, last);
  }

  /** The row holds nobody; most rows held nobody who went. */
  clear(row: number): void {
    for (const column of [this.from, this.to, this.last])
      if (column.at(row) !== 0) column.set(row, 0);
  }
}
