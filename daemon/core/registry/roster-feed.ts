// What replicas of a roster are told: at first all rows, in slices, then those that changed. Whoever
// calls this does so when nothing is pending, so that no replica knows what is not on the disk; and
// everything it gives goes to each replica in the order in which it was given.
import { addressWords } from '../../../shared/protocol/address.ts';
import { Roster } from './roster.ts';
import type { Spans } from './tombstones.ts';

/** Rows of a slice: some 130 KB, a millisecond's work on either side. */
const sliceRows = 4_096;

export class RosterFeed {
  private readonly roster: Roster;
  private readonly changed: Set<number>;

  constructor(roster: Roster) {
    this.roster = roster;
    this.changed = roster.follow();
  }

  /** The rows that changed since this was last asked, in the order of their changes; null: none did. */
  takeChanges(): Buffer | null {
    const { roster, changed } = this;
    if (changed.size === 0) return null;
    const rows = [...changed].sort((a, b) => roster.changeOf(a) - roster.changeOf(b));
    changed.clear();
    return encodeRows(roster, rows);
  }

  /**
   * All rows, a slice each time one is asked for; between two, changes may be given. When it has
   * ended, and not before, the replica's lists are to be put in order.
   */
  *slices(): Generator<Buffer, void> {
    const { roster } = this;
    for (let from = 0; from < roster.rowsUsed; from += sliceRows) {
      const rows: number[] = [];
      const end = Math.min(roster.rowsUsed, from + sliceRows);
      for (let row = from; row < end; row++)
        if (roster.isLive(row) || roster.isGone(row)) rows.push(row);
      yield encodeRows(roster, rows);
    }
  }
}

// A copy of another process's roster, row by row, kept up by what its feed gives (roster-feed.ts).
// It is the same roster after each step that the feed is; until `completed` its lists are in no order.

export class RosterReplica extends Roster {
  /** `rows`: as many as the roster that is copied has. */
  constructor(rows: number) {
    super(rows, 0);
  }

  apply(bytes: Buffer): void {
    // An address may have moved from one of these rows to another: all of them go before any comes.
    for (const { row, change } of readRows(bytes))
      if (this.isUsed(row) && this.changeOf(row) !== change) this.clearRow(row);
    for (const read of readRows(bytes)) {
      const { row, state, spans } = read;
      if (state === null) {
        if (this.isUsed(row)) this.clearRow(row);
      } else if (this.isUsed(row)) {
        // The same change: it stays where it is in its list.
        this.setProved(row, read.isProved);
      } else {
        this.restoreRow({ ...read, state });
        if (spans !== null) this.spans.set(row, spans);
        (state === 'live' ? this.live : this.gone).append(row);
      }
    }
    const { change, horizon } = readHead(bytes);
    this.change = change;
    this.horizon = horizon;
  }

  private isUsed(row: number): boolean {
    return this.isLive(row) || this.isGone(row);
  }

  /** All slices were applied. */
  completed(): void {
    this.relinkByChange();
  }
}

// Rows of a roster as bytes, from the process that has the registry to those that make lists from a
// replica: the latest change number and the horizon, then the rows as they are now. A row is there
// whole, so what arrives later is right whatever came before.

/** Row, state, change number, address; of a tombstone also when its host was live. */
const rowBytes = 4 + 1 + 8 + 4 * addressWords;
const spansBytes = 3 * 8;

/** Change number and horizon. */
const headBytes = 8 + 8;

const states = { free: 0, live: 1, gone: 2 } as const;
const provedBit = 4;

/** A row as it was read; `words` is good until the next one. */
export interface RowState {
  row: number;
  /** null: it holds nobody */
  state: 'live' | 'gone' | null;
  change: number;
  isProved: boolean;
  words: Uint32Array;
  /** of a tombstone: when its host was live */
  spans: Spans | null;
}

export function encodeRows(roster: Roster, rows: readonly number[]): Buffer {
  let length = headBytes + rows.length * rowBytes;
  for (const row of rows) if (roster.isGone(row)) length += spansBytes;
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeDoubleLE(roster.change, 0);
  bytes.writeDoubleLE(roster.horizon, 8);
  let at = headBytes;
  for (const row of rows) {
    const isLive = roster.isLive(row);
    const state = isLive ? states.live : roster.isGone(row) ? states.gone : states.free;
    at = bytes.writeUInt32LE(row, at);
    at = bytes.writeUInt8(state | (roster.isProved(row) ? provedBit : 0), at);
    at = bytes.writeDoubleLE(roster.changeOf(row), at);
    for (let i = 0; i < addressWords; i++)
      at = bytes.writeUInt32LE(roster.addresses[row * addressWords + i] as number, at);
    if (state !== states.gone) continue;
    const { from, to, last } = roster.spansOf(row);
    for (const change of [from, to, last]) at = bytes.writeDoubleLE(change, at);
  }
  return bytes;
}

export function readHead(bytes: Buffer): { change: number; horizon: number } {
  return { change: bytes.readDoubleLE(0), horizon: bytes.readDoubleLE(8) };
}

/** The rows in the order in which they were written. One object for all of them. */
export function* readRows(bytes: Buffer): Generator<RowState, void> {
  const words = new Uint32Array(addressWords);
  const read: RowState = { row: 0, state: null, change: 0, isProved: false, words, spans: null };
  for (let at = headBytes; at < bytes.length; ) {
    const flags = bytes[at + 4] as number;
    const state = flags & ~provedBit;
    read.row = bytes.readUInt32LE(at);
    read.state = state === states.live ? 'live' : state === states.gone ? 'gone' : null;
    read.isProved = (flags & provedBit) !== 0;
    read.change = bytes.readDoubleLE(at + 5);
    for (let i = 0; i < addressWords; i++) words[i] = bytes.readUInt32LE(at + 13 + 4 * i);
    at += rowBytes;
    read.spans = null;
    if (state === states.gone) {
      const [from, to, last] = [0, 8, 16].map((offset) => bytes.readDoubleLE(at + offset));
      read.spans = { from, to, last } as Spans;
      at += spansBytes;
    }
    yield read;
  }
}
