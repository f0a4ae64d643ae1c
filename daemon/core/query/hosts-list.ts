// The lists that answer a query (PROTOCOL.md, "The hosts list"): every live host, those that an asker's have-list lacks,
// or those that changed since its cursor; random samples are in sampling.ts. All are made in batches as they are read.
// Proved hosts come first. A list costs what it returns, not what the registry holds: rows without a host to list are
// skipped 32 at a time, and the full list is kept as text (live-views.ts).
import { type AddressBatch, AddressList, addressWords } from '../../../shared/protocol/address.ts';
import { everyKind } from '../../../shared/protocol/address-kind.ts';
import { type LiveHalf, rowsPerBlock } from '../registry/live-views.ts';
import type { Roster } from '../registry/roster.ts';
import { type ChangeList, noRow } from '../registry/row-list.ts';
import { RowSet } from '../registry/row-set.ts';
import type { Position } from '../registry/tombstones.ts';

/** Addresses in a batch: some 40 KB of text, what one connection writes before others do. */
export const batchSize = 2048;

/** Addresses looked up together: as many as stay in the processor's nearest cache with their rows. */
const lookedUpAtOnce = 512;

/** For whom a list is: the asker's own row, and the number of the last change that is listed. */
export interface Asker {
  row: number;
  until: number;
  /** kinds of address that may be listed to it; every kind when left out */
  kinds?: number;
}

/** Whether a live host is listed: not the asker itself, and no host that came after its query. */
export function isListed(roster: Roster, row: number, { row: asker, until }: Asker): boolean {
  // Mostly none came since, and the row's change number is not needed.
  return row !== asker && (roster.change === until || roster.changeOf(row) <= until);
}

/** What a roster knows of the hosts in a have-list. */
export interface Named {
  rows: RowSet;
  /** those with a tombstone */
  gone: AddressList;
}

/** Looks up the hosts of a have-list; those unknown here are left out. */
export function lookUp(roster: Roster, have: AddressList): Named {
  const named: Named = { rows: new RowSet(), gone: new AddressList() };
  const rows = new Int32Array(Math.min(have.length, lookedUpAtOnce));
  for (let from = 0; from < have.length; from += lookedUpAtOnce) {
    const count = Math.min(lookedUpAtOnce, have.length - from);
    roster.findAll(have.words, from * addressWords, count, rows);
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      if (row === noRow) continue;
      named.rows.add(row);
      if (roster.isGone(row)) named.gone.push(have.words, (from + i) * addressWords);
    }
  }
  return named;
}

/**
 * Every live host but the asker. A host that goes in the meantime may or may not be listed; its change number is above
 * `until`, so the asker's next delta has it.
 */
export function* allHosts(roster: Roster, asker: Asker): Generator<AddressBatch, void> {
  for (const half of roster.views.of(asker.kinds).halves) yield* hostsIn(roster, half, asker);
}

function* hostsIn(
  roster: Roster,
  { rows, blocks }: LiveHalf,
  asker: Asker,
): Generator<AddressBatch, void> {
  for (let first = 0; first < roster.rowsUsed; first += rowsPerBlock) {
    const isAskers = asker.row >= first && asker.row < first + rowsPerBlock;
    const block = isAskers ? null : blocks.at(first, () => blockOf(roster, rows, first));
    if (block === null || block.newest > asker.until)
      yield blockOf(roster, rows, first, asker).hosts;
    else if (block.length > 0) yield new ReadyBatch(roster, rows, first, block);
  }
}

/** Every live host but the `known` ones and the asker. */
export function* hostsBesides(
  roster: Roster,
  known: RowSet,
  asker: Asker,
): Generator<AddressBatch, void> {
  let batch = new AddressList();
  for (const { rows } of roster.views.of(asker.kinds).halves)
    for (let row = rows.from(0, known); row !== noRow; row = rows.from(row + 1, known)) {
      if (isListed(roster, row, asker)) batch.push(roster.addresses, row * addressWords);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = new AddressList();
    }
  if (batch.length > 0) yield batch;
}

/** The hosts of `rows` in the block that begins with row `first`, and the number of their latest change. */
function blockOf(
  roster: Roster,
  rows: RowSet,
  first: number,
  asker?: Asker,
): { hosts: AddressList; newest: number } {
  const hosts = new AddressList();
  const end = first + rowsPerBlock;
  let newest = 0;
  for (let row = rows.from(first); row !== noRow && row < end; row = rows.from(row + 1)) {
    if (asker !== undefined && !isListed(roster, row, asker)) continue;
    hosts.push(roster.addresses, row * addressWords);
    newest = Math.max(newest, roster.changeOf(row));
  }
  return { hosts, newest };
}

/** A block of the list as text; the addresses are made only for another dialect. */
class ReadyBatch implements AddressBatch {
  readonly lines: Uint8Array;
  readonly length: number;
  private readonly roster: Roster;
  private readonly rows: RowSet;
  private readonly first: number;

  constructor(
    roster: Roster,
    rows: RowSet,
    first: number,
    block: { lines: Uint8Array; length: number },
  ) {
    this.roster = roster;
    this.rows = rows;
    this.first = first;
    this.lines = block.lines;
    this.length = block.length;
  }

  /** To be read before the roster changes. */
  get words(): Uint32Array {
    return blockOf(this.roster, this.rows, this.first).hosts.words;
  }
}

/**
 * The list for an asker with a cursor: the oldest changes since then, as two lists of which `hosts` is read first. Only
 * a change number is kept between batches, so the list goes on whatever comes or goes in the meantime; a host that
 * changes again gets a later number, and is in the asker's next list.
 */
export class ChangesSince {
  /** The position of the list's cursor; known when `gone` has ended. */
  upTo: Position;
  /** Whether the list covers everything up to the query. */
  isComplete = true;
  private readonly roster: Roster;
  private readonly since: Position;
  private readonly limit: number;
  private readonly asker: Asker;

  /**
   * The oldest `limit` changes after `since`, without the asker's own. Changes that are not listed to the asker count
   * as well, because looking at them costs the same.
   */
  constructor(roster: Roster, since: Position, limit: number, asker: Asker) {
    this.roster = roster;
    this.since = since;
    this.limit = limit;
    this.asker = asker;
    this.upTo = { from: asker.until, to: asker.until };
  }

  /** Hosts that came. An empty batch: there is more to look at. */
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
            if (row !== asker.row && this.isOfKind(row))
              batch.push(roster.addresses, row * addressWords);
            live = roster.live.nextOf(row);
          } else gone = roster.gone.nextOf(row);
        }
      }
      if (batch.length > 0 || !isOver) yield batch;
    }
  }

  /** Hosts that went and that the asker may have; when `hosts` has ended. */
  *gone(): Generator<AddressBatch, void> {
    const { roster, since } = this;
    for (let at = since.to; at !== -1; ) {
      const batch = new AddressList();
      at = this.collectGone(roster.gone, at, batch);
      if (batch.length > 0 || at !== -1) yield batch;
    }
    if (roster.horizon <= since.to) return;
    // Tombstones were forgotten while the list was read: the cursor stays as it was, and gets a full list next time.
    this.isComplete = false;
    this.upTo = since;
  }

  /** Whether hosts of the row's kind of address are listed to the asker. */
  private isOfKind(row: number): boolean {
    return ((this.asker.kinds ?? everyKind) & this.roster.kindOf(row)) !== 0;
  }

  /** Returns the change after which to go on; -1: the end. */
  private collectGone(list: ChangeList, after: number, batch: AddressList): number {
    const { roster, since } = this;
    let at = after;
    let row = list.firstAfter(at);
    for (let looks = 0; looks < batchSize; looks++) {
      if (row === noRow || roster.changeOf(row) > this.upTo.to) return -1;
      at = roster.changeOf(row);
      if (this.isOfKind(row) && roster.wasListed(row, since))
        batch.push(roster.addresses, row * addressWords);
      row = list.nextOf(row);
    }
    return at;
  }
}
