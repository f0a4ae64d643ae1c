// What replicas of a roster are told: at first all rows, in slices, then those that changed. Whoever
// calls this does so when nothing is pending, so that no replica knows what is not on the disk; and
// everything it gives goes to each replica in the order in which it was given.

import type { Roster } from './roster.ts';
import { encodeRows } from './roster-rows.ts';

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
