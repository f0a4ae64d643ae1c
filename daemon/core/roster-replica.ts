// A copy of another process's roster, row by row, kept up by what its feed gives (roster-feed.ts).
// It is the same roster after each step that the feed is; until `completed` its lists are in no order.
import { Roster } from './roster.ts';
import { readHead, readRows } from './roster-rows.ts';

export class RosterReplica extends Roster {
  /** `rows`: as many as the roster that is copied has. */
  constructor(rows: number) {
    super(rows, 0);
  }

  apply(bytes: Buffer): void {
    // An address may have moved from one of these rows to another: all of them go before any comes.
    for (const { row } of readRows(bytes))
      if (this.isLive(row) || this.isGone(row)) this.clearRow(row);
    for (const { row, state, change, words } of readRows(bytes)) {
      if (state === null) continue;
      this.restoreRow(row, words, state === 'live', change);
      (state === 'live' ? this.live : this.gone).append(row);
    }
    const { change, horizon } = readHead(bytes);
    this.change = change;
    this.horizon = horizon;
  }

  /** All slices were applied. */
  completed(): void {
    this.relinkByChange();
  }
}
