// Random samples of live hosts: proved ones first, and no source with more than its share while there are others. A
// short sample is picked at once. A long one is made in batches as they are read, and keeps nothing but its place: no
// source has more hosts in the registry than a share of such a sample.
import { type AddressBatch, AddressList, addressWords } from '../../../shared/protocol/address.ts';
import { hashSource } from '../registry/address-hash.ts';
import type { Roster } from '../registry/roster.ts';
import { noRow } from '../registry/row-list.ts';
import type { RowSet } from '../registry/row-set.ts';
import { type Asker, batchSize, isListed } from './hosts-list.ts';

/**
 * A source gets a 16th of a sample while others fill it: four of 50 hosts, so that a node finds the network even where
 * one address has registered all its ports.
 */
const sharesOfSample = 16;

/** Hosts looked at for each one wanted, before those beyond their source's share are taken after all. */
const patience = 16;

/** Most rows that are collected and shuffled to pick from, 256 KB; of more, rows are drawn at random. */
const maxShuffled = 65_536;

/** Rows looked at between two batches. */
const maxLooks = 4 * batchSize;

/** What to sample from, and for whom. */
export interface Sampled {
  roster: Roster;
  asker: Asker;
  /** numbers in [0, 1) */
  random: () => number;
  /** rows that the asker knows */
  known: RowSet | undefined;
}

/**
 * `limit` different live hosts besides the known ones and the asker; fewer only when there are no more, or when some
 * of a long sample went while it was read. An empty batch: there is more to look at.
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

/** Whether drawing rows at random looks at fewer of them than finding them in order. */
function isCrowded({ rowsUsed }: Roster, wanted: number, count: number): boolean {
  return count * rowsUsed < wanted * (wanted + rowsUsed / 32);
}

/**
 * All rows, from a random one on, in strides coprime to their number: none comes twice, and neighbours in the roster
 * do not come together. Not a generator, because a sample looks at hundreds of rows.
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

  /** `noRow` after the last. */
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

/** Used by one pick at a time. */
const shuffled = new Int32Array(maxShuffled);
const passedOver = new Int32Array(batchSize);
/** Hosts taken of a source; a byte holds the share of the longest sample, 128. */
const ofSource = new Uint8Array(4 * batchSize);
/** Counters for each host of a sample: in a sample of 50, one source shares its counter with another. */
const countersOfHost = 32;

/** A short sample being picked. */
class Pick {
  private readonly from: Sampled;
  private readonly roster: Roster;
  private readonly asker: Asker;
  private readonly addresses: Uint32Array;
  private readonly limit: number;
  private readonly share: number;
  private readonly hosts: AddressList;
  private readonly seed: number;
  /** maps a hash to a counter of `ofSource` */
  private readonly mask: number;
  private offered = 0;
  private passed = 0;

  constructor(from: Sampled, limit: number) {
    this.from = from;
    // Fields of their own, because each look uses them.
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

  /** Takes from `rows` until the sample is full, or hosts beyond their share have to fill it. */
  drawFrom(rows: RowSet): void {
    const { roster, random, known } = this.from;
    const wanted = known === undefined ? rows.size : rows.count(known);
    if (wanted === 0 || this.isDone) return;
    const missing = this.limit - this.hosts.length;
    if (wanted > maxShuffled || isCrowded(roster, wanted, missing)) {
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
    // Sources that share a counter may get less; others fill the sample.
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
    if (batch.length < batchSize && ++looks < maxLooks) continue;
    yield batch;
    batch = new AddressList();
    looks = 0;
  }
  if (batch.length > 0) yield batch;
}

/** All rows of the roster in random order; `noRow` for those that are not wanted. */
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

/** `count` of `wanted` rows in order, each with the same chance (Knuth, TAOCP 3.4.2, algorithm S); `noRow` for the others. */
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
