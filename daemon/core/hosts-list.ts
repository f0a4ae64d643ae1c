// What a query is answered with (PROTOCOL.md, "The hosts list"): every live host, those that an
// asker lacks by its own account, those that changed since its cursor, or a random sample. Each
// costs what it returns, not what the registry holds, except for the full list and the comparison
// with a have-list, which walk the rows once.
import { AddressList, addressWords } from '../../shared/protocol/address.ts';
import type { Roster } from './roster.ts';
import { noRow, type RowList } from './row-list.ts';

/** Addresses handed out at a time: some 40 KB of text, one turn's work for a socket. */
const batchSize = 2048;

export interface Changes {
  hosts: AddressList;
  gone: AddressList;
  /** the change number up to which the answer is complete */
  upTo: number;
  isComplete: boolean;
}

/** Tells which live rows belong into an answer. */
export type Wanted = (row: number) => boolean;

/** For whom a list is, and the change number up to which it tells. */
export interface Asker {
  row: number;
  until: number;
}

/** Everyone but the asker itself. */
export function everyoneBut(roster: Roster, { row: asker, until }: Asker): Wanted {
  return (row) => row !== asker && roster.changeOf(row) <= until;
}

/** Everyone but the asker and the hosts in `have`. */
export function everyoneBesides(roster: Roster, have: AddressList, asker: Asker): Wanted {
  const isOther = everyoneBut(roster, asker);
  const known = new Uint8Array((roster.rowsUsed >>> 3) + 1);
  for (let i = 0; i < have.length; i++) {
    const row = roster.find(have.words, i * addressWords);
    if (row !== noRow) known[row >>> 3] = (known[row >>> 3] as number) | (1 << (row & 7));
  }
  return (row) => isOther(row) && (((known[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 0;
}

/**
 * Every live host that is wanted, in batches made as they are asked for. A host that goes meanwhile
 * may or may not be among them; its change number is above `until`, so the asker's next delta tells.
 */
export function* allHosts(roster: Roster, isWanted: Wanted): Generator<AddressList, void> {
  for (let row = 0; row < roster.rowsUsed; ) {
    const batch = new AddressList(batchSize);
    for (; row < roster.rowsUsed && batch.length < batchSize; row++)
      if (roster.isLive(row) && isWanted(row)) batch.push(roster.addresses, row * addressWords);
    if (batch.length > 0) yield batch;
  }
}

/** The addresses in `have` that this server knows to be gone. */
export function goneAmong(roster: Roster, have: AddressList): AddressList {
  const gone = new AddressList();
  for (let i = 0; i < have.length; i++) {
    const row = roster.find(have.words, i * addressWords);
    if (row !== noRow && roster.isGone(row)) gone.push(have.words, i * addressWords);
  }
  return gone;
}

/**
 * `limit` wanted hosts at random, all different; fewer only when there are no more. Rows are visited
 * from a random start in strides coprime to their number, so that none comes twice and neighbours
 * in the roster do not come together. `random` gives numbers in [0, 1).
 */
export function sample(
  roster: Roster,
  limit: number,
  isWanted: Wanted,
  random: () => number,
): AddressList {
  const rows = roster.rowsUsed;
  const hosts = new AddressList(Math.min(limit, roster.live.length));
  if (rows === 0) return hosts;
  let stride = 1 + Math.floor(random() * rows);
  while (greatestCommonDivisor(stride, rows) !== 1) stride++;
  let row = Math.floor(random() * rows);
  for (let visited = 0; visited < rows && hosts.length < limit; visited++) {
    if (roster.isLive(row) && isWanted(row)) hosts.push(roster.addresses, row * addressWords);
    row = (row + stride) % rows;
  }
  return hosts;
}

/**
 * What changed after change number `since`, but for the asker itself: the oldest `limit` changes.
 * The answer is complete up to `upTo`, from where the asker can go on.
 */
export function changedSince(
  roster: Roster,
  since: number,
  limit: number,
  { row: asker, until }: Asker,
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
    if (isLiveNext) {
      if (row !== asker) changes.hosts.push(roster.addresses, row * addressWords);
      live = roster.live.nextOf(row);
    } else {
      changes.gone.push(roster.addresses, row * addressWords);
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
