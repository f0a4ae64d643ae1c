// A number of live hosts at random: proved ones first, and no source with more than its share while
// there are others. A short sample is picked at once; a long one, in which every source of the registry
// has less than a share, is made in batches as they are asked for, and keeps nothing but its place.
import { type AddressBatch, AddressList, addressWords } from '../../../shared/protocol/address.ts';
import { hashSource } from '../registry/address-hash.ts';
import type { Roster } from '../registry/roster.ts';
import { noRow } from '../registry/row-list.ts';
import type { RowSet } from '../registry/row-set.ts';
import { type Asker, batchSize, isListed } from './hosts-list.ts';

/**
 * A source gets a 16th of a sample while others fill it: of 50 hosts four, so that a node finds the
 * network also where one address has registered all its ports.
 */
const sharesOfSample = 16;

/** Hosts looked at for each one asked for, before those beyond their source's share are taken after all. */
const patience = 16;

/** Rows that are shuffled to pick from: 256 KB. More are drawn from without finding all of them. */
const mostShuffled = 65_536;

/** Looked at between two batches. */
const mostLooks = 4 * batchSize;

export interface Sampled {
  roster: Roster;
  asker: Asker;
  /** numbers in [0, 1) */
  random: () => number;
  /** rows that the asker knows */
  known: RowSet | undefined;
}

/**
 * `limit` live hosts besides the known ones and the asker, all different; fewer only when there are no
 * more, or some of a long sample went while it was read. An empty batch: there is more to look at.
 */
export function* sample(from: Sampled, limit: number): Generator<AddressBatch, void> {
  const { halves } = from.roster.views.of(from.asker.kinds);
  if (limit <= batchSize) {
    const picked = new Pick(from, limit);
    for (const { rows } of halves) picked.drawFrom(rows);
    const hosts = picked.finished();
    if (hosts.length > 0) yield hosts;
    return;
  }
  let left = limit;
  for (const { rows } of halves)
    for (const batch of drawMany(from, rows, left)) {
      left -= batch.length;
      yield batch;
    }
}

/** Whether fewer rows are looked at by chance than are found one after the other. */
function isCrowded({ rowsUsed }: Roster, wanted: number, count: number): boolean {
  return count * rowsUsed < wanted * (wanted + rowsUsed / 32);
}

/**
 * All rows from a random one in strides coprime to their number, so that none comes twice and neighbours
 * in the roster do not come together. No generator: a sample looks at hundreds of rows.
 */
class Strides {
  private readonly rowsUsed: number;
  private readonly stride: number;
  private row: number;
  private left: number;

  constructor(rowsUsed: number, random: () => number) {
    let stride = 1 + Math.floor(random() * rowsUsed);
    while (greatestCommonDivisor(stride, rowsUsed) !== 1) stride = (stride % rowsUsed) + 1;
    this.rowsUsed = rowsUsed;
    this.stride = stride;
    this.row = Math.floor(random() * rowsUsed);
    this.left = rowsUsed;
  }

  /** `noRow` behind the last. */
  next(): number {
    if (this.left-- <= 0) return noRow;
    const { row } = this;
    const next = row + this.stride;
    this.row = next < this.rowsUsed ? next : next - this.rowsUsed;
    return row;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Used by one pick at a time, which is over before the next begins. */
const shuffled = new Int32Array(mostShuffled);
const passedOver = new Int32Array(batchSize);
/** For a share of the longest sample, which is a 16th of it, a byte is enough. */
const ofSource = new Uint8Array(4 * batchSize);
/** Counters for each host of a sample: of 50 hosts one has a counter that another source has, too. */
const countersOfHost = 32;

/** A short sample while it is picked. */
class Pick {
  private readonly from: Sampled;
  private readonly roster: Roster;
  private readonly asker: Asker;
  private readonly addresses: Uint32Array;
  private readonly limit: number;
  private readonly share: number;
  private readonly hosts: AddressList;
  private readonly seed: number;
  /** Picks a counter of `ofSource`. */
  private readonly mask: number;
  private offered = 0;
  private passed = 0;

  constructor(from: Sampled, limit: number) {
    this.from = from;
    // At hand, because they are used at each look.
    this.roster = from.roster;
    this.asker = from.asker;
    this.addresses = from.roster.addresses;
    this.limit = limit;
    this.share = Math.ceil(limit / sharesOfSample);
    this.hosts = new AddressList(Math.min(limit, from.roster.live.length));
    this.seed = Math.floor(from.random() * 2 ** 32);
    const counters = 2 ** Math.ceil(Math.log2(countersOfHost * limit));
    this.mask = Math.min(ofSource.length, counters) - 1;
    ofSource.fill(0, 0, this.mask + 1);
  }

  /** Takes from `rows` until the sample is full, or those beyond a share have to fill it. */
  drawFrom(rows: RowSet): void {
    const { roster, random, known } = this.from;
    const wanted = known === undefined ? rows.size : rows.count(known);
    if (wanted === 0 || this.isDone) return;
    const missing = this.limit - this.hosts.length;
    if (wanted > mostShuffled || isCrowded(roster, wanted, missing)) {
      const strides = new Strides(roster.rowsUsed, random);
      for (let row = strides.next(); row !== noRow && !this.isDone; row = strides.next())
        if (rows.has(row) && known?.has(row) !== true) this.offer(row);
      return;
    }
    let count = 0;
    for (let row = rows.from(0, known); row !== noRow; row = rows.from(row + 1, known))
      shuffled[count++] = row;
    for (let i = 0; i < count && !this.isDone; i++) {
      const j = i + Math.floor(random() * (count - i));
      const row = shuffled[j] as number;
      shuffled[j] = shuffled[i] as number;
      this.offer(row);
    }
  }

  finished(): AddressList {
    for (let i = 0; i < this.passed && this.hosts.length < this.limit; i++)
      this.take(passedOver[i] as number);
    return this.hosts;
  }

  private get isDone(): boolean {
    const { hosts, passed, limit, offered } = this;
    if (hosts.length === limit) return true;
    return hosts.length + passed >= limit && offered >= patience * limit;
  }

  private offer(row: number): void {
    if (!isListed(this.roster, row, this.asker)) return;
    this.offered++;
    // Two sources that share a counter may get less between them; others fill the sample.
    const source = hashSource(this.addresses, row * addressWords, this.seed) & this.mask;
    const taken = ofSource[source] as number;
    if (taken < this.share) {
      ofSource[source] = taken + 1;
      this.take(row);
    } else if (this.passed < passedOver.length) passedOver[this.passed++] = row;
  }

  private take(row: number): void {
    this.hosts.push(this.addresses, row * addressWords);
  }
}

/** `count` of the rows, or all that there are. */
function* drawMany(from: Sampled, rows: RowSet, count: number): Generator<AddressBatch, void> {
  const { roster, asker, random, known } = from;
  const wanted = known === undefined ? rows.size : rows.count(known);
  const isByChance = isCrowded(roster, wanted, count);
  const visits = isByChance
    ? strided(roster.rowsUsed, rows, known, random)
    : selection(rows, known, count, wanted, random);
  let batch = new AddressList();
  let left = count;
  let looks = 0;
  for (const row of visits) {
    if (left === 0) break;
    if (row !== noRow && isListed(roster, row, asker)) {
      batch.push(roster.addresses, row * addressWords);
      left--;
    }
    if (batch.length < batchSize && ++looks < mostLooks) continue;
    yield batch;
    batch = new AddressList();
    looks = 0;
  }
  if (batch.length > 0) yield batch;
}

/** All rows of the roster by chance; `noRow` for those that are not wanted. */
function* strided(
  rowsUsed: number,
  rows: RowSet,
  known: RowSet | undefined,
  random: () => number,
): Generator<number, void> {
  const strides = new Strides(rowsUsed, random);
  for (let row = strides.next(); row !== noRow; row = strides.next())
    yield rows.has(row) && known?.has(row) !== true ? row : noRow;
}

/** `count` of `wanted` rows in their order, each with the same chance (Knuth 3.4.2, algorithm S); `noRow` for the others. */
function* selection(
  rows: RowSet,
  known: RowSet | undefined,
  count: number,
  wanted: number,
  random: () => number,
): Generator<number, void> {
  let needed = count;
  let left = wanted;
  for (let row = rows.from(0, known); row !== noRow; row = rows.from(row + 1, known)) {
    const isPicked = random() * left < needed;
    if (isPicked) needed--;
    left--;
    yield isPicked && rows.has(row) ? row : noRow;
  }
}
