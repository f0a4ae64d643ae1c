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
