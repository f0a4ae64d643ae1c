// What a query is answered with (PROTOCOL.md, "The hosts list"): every live host, those that an
// asker lacks by its own account, those that changed since its cursor, or a random sample. Each
// costs what it returns, not what the registry holds: rows that hold nobody who is wanted are passed
// over 32 at a time, and the full list is kept as text (list-blocks.ts).
import { type AddressBatch, AddressList, addressWords } from '../../shared/protocol/address.ts';
import { everyKind } from '../../shared/protocol/address-kind.ts';
import { rowsPerBlock } from './list-blocks.ts';
import type { LiveView } from './live-views.ts';
import type { Roster } from './roster.ts';
import { noRow, type RowList } from './row-list.ts';
import { RowSet } from './row-set.ts';

/** Addresses handed out at a time: some 40 KB of text, one turn's work for a socket. */
const batchSize = 2048;

/** As many as their slots and rows stay in the processor's nearest memory. */
const lookedUpAtOnce = 512;

export interface Changes {
  hosts: AddressList;
  gone: AddressList;
  /** the change number up to which the answer is complete */
  upTo: number;
  isComplete: boolean;
}

/** For whom a list is, and the change number up to which it tells. */
export interface Asker {
  row: number;
  until: number;
  /** kinds of address that it is told of; every kind when left out */
  kinds?: number;
}

/** Whether a live host is told to the asker: not itself, and nobody who came after its question. */
function isTold(roster: Roster, row: number, { row: asker, until }: Asker): boolean {
  // Mostly nobody came since, and the row's number need not be fetched.
  return row !== asker && (roster.change === until || roster.changeOf(row) <= until);
}

/** What a roster knows of the hosts that an asker names. */
export interface Named {
  rows: RowSet;
  /** those that left a tombstone */
  gone: AddressList;
}

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
 * Every live host but the asker, in batches made as they are asked for. A host that goes meanwhile
 * may or may not be among them; its change number is above `until`, so the asker's next delta tells.
 */
export function* allHosts(roster: Roster, asker: Asker): Generator<AddressBatch, void> {
  for (let first = 0; first < roster.rowsUsed; first += rowsPerBlock) {
    const end = first + rowsPerBlock;
    const isAskers = asker.row >= first && asker.row < end;
    const view = roster.views.of(asker.kinds);
    const block = isAskers ? null : view.blocks.at(first, () => liveIn(roster, view, first, end));
    if (block === null || block.newest > asker.until)
      yield liveIn(roster, view, first, end, asker).hosts;
    else if (block.length > 0) yield new ReadyBatch(roster, view, first, block);
  }
}

/** Every live host that is not among the `known` ones, nor the asker, in batches. */
export function* hostsBesides(
  roster: Roster,
  known: RowSet,
  asker: Asker,
): Generator<AddressBatch, void> {
  const live = roster.views.of(asker.kinds).rows;
  let batch = new AddressList();
  for (let row = live.from(0, known); row !== noRow; row = live.from(row + 1, known)) {
    if (isTold(roster, row, asker)) batch.push(roster.addresses, row * addressWords);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = new AddressList();
  }
  if (batch.length > 0) yield batch;
}

/**
 * `limit` live hosts at random besides the `known` ones and the asker, all different; fewer only when
 * there are no more. `random` gives numbers in [0, 1).
 */
export function sample(
  roster: Roster,
  limit: number,
  asker: Asker,
  random: () => number,
  known?: RowSet,
): AddressList {
  const { rowsUsed } = roster;
  const { rows: live, length } = roster.views.of(asker.kinds);
  const wanted = known === undefined ? length : live.count(known);
  const hosts = new AddressList(Math.min(limit, wanted));
  // Rows to look at until as many are found by chance, and to find all of them first.
  const isCrowded = limit * rowsUsed < wanted * (wanted + rowsUsed / 32);
  if (!isCrowded) {
    pickSome(roster, rowsBesides(live, known), limit, asker, random, hosts);
    return hosts;
  }
  // From a random start in strides coprime to their number, so that none comes twice and neighbours
  // in the roster do not come together.
  let stride = 1 + Math.floor(random() * rowsUsed);
  while (greatestCommonDivisor(stride, rowsUsed) !== 1) stride = (stride % rowsUsed) + 1;
  let row = Math.floor(random() * rowsUsed);
  for (let visited = 0; visited < rowsUsed && hosts.length < limit; visited++) {
    const isWanted = live.has(row) && known?.has(row) !== true && isTold(roster, row, asker);
    if (isWanted) hosts.push(roster.addresses, row * addressWords);
    row += stride;
    if (row >= rowsUsed) row -= rowsUsed;
  }
  return hosts;
}

function rowsBesides(live: RowSet, known?: RowSet): number[] {
  const rows: number[] = [];
  for (let row = live.from(0, known); row !== noRow; row = live.from(row + 1, known))
    rows.push(row);
  return rows;
}

/** Shuffles `rows` (Fisher and Yates) until `limit` of those that are told are in `hosts`. */
function pickSome(
  roster: Roster,
  rows: number[],
  limit: number,
  asker: Asker,
  random: () => number,
  hosts: AddressList,
): void {
  for (let i = 0; i < rows.length && hosts.length < limit; i++) {
    const j = i + Math.floor(random() * (rows.length - i));
    const row = rows[j] as number;
    rows[j] = rows[i] as number;
    if (isTold(roster, row, asker)) hosts.push(roster.addresses, row * addressWords);
  }
}

/**
 * What changed after change number `since`, but for the asker itself: the oldest `limit` changes.
 * The answer is complete up to `upTo`, from where the asker can go on.
 */
export function changedSince(
  roster: Roster,
  since: number,
  limit: number,
  { row: asker, until, kinds = everyKind }: Asker,
): Changes {
  const changes: Changes = {
    hosts: new AddressList(),
    gone: new AddressList(),
    upTo: until,
    isComplete: true,
  };
  let live = firstAfter(roster, roster.live, since);
  let gone = firstAfter(roster, roster.gone, since);
  while (live !== noRow || gone !== noRow) {
    const isLiveNext =
      gone === noRow || (live !== noRow && roster.changeOf(live) < roster.changeOf(gone));
    const row = isLiveNext ? live : gone;
    if (roster.changeOf(row) > until) break;
    if (changes.hosts.length + changes.gone.length === limit) {
      changes.upTo = roster.changeOf(row) - 1;
      changes.isComplete = false;
      break;
    }
    const isSeen = (kinds & roster.kindOf(row)) !== 0;
    if (isLiveNext) {
      if (isSeen && row !== asker) changes.hosts.push(roster.addresses, row * addressWords);
      live = roster.live.nextOf(row);
    } else {
      if (isSeen) changes.gone.push(roster.addresses, row * addressWords);
      gone = roster.gone.nextOf(row);
    }
  }
  return changes;
}

function firstAfter(roster: Roster, list: RowList, since: number): number {
  let first = noRow;
  for (
    let row = list.last;
    row !== noRow && roster.changeOf(row) > since;
    row = list.previousOf(row)
  )
    first = row;
  return first;
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** The live hosts in the rows from `first` to before `end`, and the latest change among them. */
function liveIn(
  roster: Roster,
  view: LiveView,
  first: number,
  end: number,
  asker?: Asker,
): { hosts: AddressList; newest: number } {
  const hosts = new AddressList(rowsPerBlock);
  const live = view.rows;
  let newest = 0;
  for (let row = live.from(first); row !== noRow && row < end; row = live.from(row + 1)) {
    if (asker !== undefined && !isTold(roster, row, asker)) continue;
    hosts.push(roster.addresses, row * addressWords);
    newest = Math.max(newest, roster.changeOf(row));
  }
  return { hosts, newest };
}

/** A block of the list whose text is there; only who has other words for it needs the addresses. */
class ReadyBatch implements AddressBatch {
  readonly lines: Uint8Array;
  readonly length: number;
  private readonly roster: Roster;
  private readonly view: LiveView;
  private readonly first: number;

  constructor(
    roster: Roster,
    view: LiveView,
    first: number,
    block: { lines: Uint8Array; length: number },
  ) {
    this.roster = roster;
    this.view = view;
    this.first = first;
    this.lines = block.lines;
    this.length = block.length;
  }

  /** To be read before anything in the roster changes. */
  get words(): Uint32Array {
    return liveIn(this.roster, this.view, this.first, this.first + rowsPerBlock).hosts.words;
  }
}
