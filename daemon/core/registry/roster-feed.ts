// Replicates a roster into worker processes: first all rows in slices, then the rows that changed. The feed is
// read only while nothing is pending, so a replica never has a row that is not on the disk. A row is sent
// whole, so applying a later state is right whatever came before.
import { addressWords } from '../../../shared/protocol/address.ts';
import { Roster } from './roster.ts';
import type { Spans } from './tombstones.ts';

/** Rows of a slice: about 130 KB, a millisecond of work on either side. */
const sliceRows = 4_096;

/** The sending end. Replicas must apply what it gives in the same order. */
export class RosterFeed {
  private readonly roster: Roster;
  private readonly changed: Set<number>;

  constructor(roster: Roster) {
    this.roster = roster;
    this.changed = roster.follow();
  }

  /** The rows that changed since the last call, in the order of their changes; null: none did. */
  takeChanges(): Buffer | null {
    const { roster, changed } = this;
    if (changed.size === 0) return null;
    const rows = [...changed].sort((a, b) => roster.changeOf(a) - roster.changeOf(b));
    changed.clear();
    return encodeRows(roster, rows);
  }

  /** All rows, slice by slice; `takeChanges` may be called in between. After the last slice call `completed`. */
  *slices(): Generator<Buffer, void> {
    const { roster } = this;
    for (let from = 0; from < roster.rowsUsed; from += sliceRows) {
      const rows: number[] = [];
      const end = Math.min(roster.rowsUsed, from + sliceRows);
      for (let row = from; row < end; row++) if (roster.isUsed(row)) rows.push(row);
      yield encodeRows(roster, rows);
    }
  }
}

/** The receiving end: the same roster, once all slices are applied and `completed` was called. */
export class RosterReplica extends Roster {
  /** `rows`: as many as the original has. */
  constructor(rows: number) {
    super(rows, 0);
  }

  /** Applies a slice or changes. */
  apply(bytes: Buffer): void {
    // An address may have moved from one of these rows to another, so all old rows are cleared first.
    for (const { row, change } of readRows(bytes))
      if (this.isUsed(row) && this.changeOf(row) !== change) this.clearRow(row);
    for (const read of readRows(bytes)) {
      const { row, state, spans } = read;
      if (state === null) {
        if (this.isUsed(row)) this.clearRow(row);
      } else if (this.isUsed(row)) {
        // The same change: the row keeps its place in its list.
        this.setProved(row, read.isProved);
      } else {
        this.restoreRow({ ...read, state });
        this.indexRows(row, row + 1);
        if (spans !== null) this.spans.set(row, spans);
        (state === 'live' ? this.live : this.gone).append(row);
      }
    }
    this.change = bytes.readDoubleLE(0);
    this.horizon = bytes.readDoubleLE(8);
  }

  /** All slices are applied: puts the lists in order. */
  completed(): void {
    this.relinkByChange();
  }
}

/** The head: the latest change number and the horizon. */
const headBytes = 8 + 8;

/** A row: its number, state, change number and address; for a tombstone also its spans. */
const rowBytes = 4 + 1 + 8 + 4 * addressWords;
const spansBytes = 3 * 8;

const states = { free: 0, live: 1, gone: 2 } as const;
const provedBit = 4;

/** A row as it is sent. */
interface RowState {
  row: number;
  /** null: the row is free */
  state: 'live' | 'gone' | null;
  change: number;
  isProved: boolean;
  words: Uint32Array;
  /** for a tombstone: when its host was live */
  spans: Spans | null;
}

function encodeRows(roster: Roster, rows: readonly number[]): Buffer {
  let length = headBytes + rows.length * rowBytes;
  for (const row of rows) if (roster.isGone(row)) length += spansBytes;
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeDoubleLE(roster.change, 0);
  bytes.writeDoubleLE(roster.horizon, 8);
  let at = headBytes;
  for (const row of rows) {
    const state = states[roster.isLive(row) ? 'live' : roster.isGone(row) ? 'gone' : 'free'];
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

/** The rows in the order in which they were encoded; one object serves for all of them. */
function* readRows(bytes: Buffer): Generator<RowState, void> {
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
