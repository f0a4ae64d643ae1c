// What a query is answered with (PROTOCOL.md, "The hosts list"): every live host, or those that an asker
// lacks by its own account; what changed since a cursor is in changes-since.ts, a random sample in
// sampling.ts. Proved hosts come first. Each list costs what it returns, not what the registry holds:
// rows that hold nobody who is wanted are passed over 32 at a time, and the full list is kept as text
// (live-views.ts).
import { type AddressBatch, AddressList, addressWords } from '../../../shared/protocol/address.ts';
import { type LiveHalf, rowsPerBlock } from '../registry/live-views.ts';
import type { Roster } from '../registry/roster.ts';
import { noRow } from '../registry/row-list.ts';
import { RowSet } from '../registry/row-set.ts';

/** Addresses handed out at a time: some 40 KB of text, one turn's work for a socket. */
export const batchSize = 2048;

/** As many as their slots and rows stay in the processor's nearest memory. */
const lookedUpAtOnce = 512;

/** For whom a list is, and the change number up to which it tells. */
export interface Asker {
  row: number;
  until: number;
  /** kinds of address that it is told of; every kind when left out */
  kinds?: number;
}

/** Whether a live host is told to the asker: not itself, and nobody who came after its question. */
export function isListed(roster: Roster, row: number, { row: asker, until }: Asker): boolean {
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

/** Every live host that is not among the `known` ones, nor the asker, in batches. */
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

/** The hosts of `rows` in the block that begins with row `first`, and the latest change among them. */
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

/** A block of the list whose text is there; only who has other words for it needs the addresses. */
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

  /** To be read before anything in the roster changes. */
  get words(): Uint32Array {
    return blockOf(this.roster, this.rows, this.first).hosts.words;
  }
}
