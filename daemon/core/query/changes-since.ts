// The list of an asker with a cursor: what changed since, the oldest first, in batches made as they are
// asked for. Between two batches only a change number is kept, so whatever comes or goes meanwhile,
// the list goes on at its place; a host that changed again has a later number, and is the next list's.
import { type AddressBatch, AddressList, addressWords } from '../../../shared/protocol/address.ts';
import { everyKind } from '../../../shared/protocol/address-kind.ts';
import type { Roster } from '../registry/roster.ts';
import { type ChangeList, noRow } from '../registry/row-list.ts';
import type { Position } from '../registry/tombstones.ts';
import { type Asker, batchSize } from './hosts-list.ts';

export class ChangesSince {
  /** What the list's cursor stands for; known when `gone` has ended. */
  upTo: Position;
  /** Whether that is the present. */
  isComplete = true;
  private readonly roster: Roster;
  private readonly since: Position;
  private readonly limit: number;
  private readonly asker: Asker;

  /**
   * The oldest `limit` changes after the cursor `since`, but for that of the asker itself. Changes
   * that it need not be told of count as well, so that looking at them is paid for.
   */
  constructor(roster: Roster, since: Position, limit: number, asker: Asker) {
    this.roster = roster;
    this.since = since;
    this.limit = limit;
    this.asker = asker;
    this.upTo = { from: asker.until, to: asker.until };
  }

  /** Those that came. An empty batch: there is more to look at. */
  *hosts(): Generator<AddressBatch, void> {
    const { roster, asker } = this;
    let at = this.since.to;
    let left = this.limit;
    for (let isOver = false; !isOver; ) {
      const batch = new AddressList();
      let live = roster.live.firstAfter(at);
      let gone = roster.gone.firstAfter(at);
      for (let looks = 0; looks < batchSize && !isOver; looks++) {
        const isLiveNext =
          gone === noRow || (live !== noRow && roster.changeOf(live) < roster.changeOf(gone));
        const row = isLiveNext ? live : gone;
        if (row === noRow || roster.changeOf(row) > asker.until) isOver = true;
        else if (row !== asker.row && left-- === 0) {
          this.upTo = { from: this.since.from, to: roster.changeOf(row) - 1 };
          this.isComplete = false;
          isOver = true;
        } else {
          at = roster.changeOf(row);
          if (isLiveNext) {
            if (row !== asker.row && this.isSeen(row))
              batch.push(roster.addresses, row * addressWords);
            live = roster.live.nextOf(row);
          } else gone = roster.gone.nextOf(row);
        }
      }
      if (batch.length > 0 || !isOver) yield batch;
    }
  }

  /** Those that went and that the asker may have heard of; when `hosts` has ended. */
  *gone(): Generator<AddressBatch, void> {
    const { roster, since } = this;
    for (let at = since.to; at !== -1; ) {
      const batch = new AddressList();
      at = this.collectGone(roster.gone, at, batch);
      if (batch.length > 0 || at !== -1) yield batch;
    }
    if (roster.horizon <= since.to) return;
    // Some were forgotten while the list was read: the cursor stays, and the next question with it
    // is answered with the full list.
    this.isComplete = false;
    this.upTo = since;
  }

  /** Whether the asker may be told of it at all. */
  private isSeen(row: number): boolean {
    return ((this.asker.kinds ?? everyKind) & this.roster.kindOf(row)) !== 0;
  }

  /** Returns the change after which to go on, or -1. */
  private collectGone(list: ChangeList, after: number, batch: AddressList): number {
    const { roster, since } = this;
    let at = after;
    let row = list.firstAfter(at);
    for (let looks = 0; looks < batchSize; looks++) {
      if (row === noRow || roster.changeOf(row) > this.upTo.to) return -1;
      at = roster.changeOf(row);
      if (this.isSeen(row) && roster.wasListed(row, since))
        batch.push(roster.addresses, row * addressWords);
      row = list.nextOf(row);
    }
    return at;
  }
}
