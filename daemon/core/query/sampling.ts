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
  if (limit <= batchSize) {
    const hosts = pick(from, limit);
    if (hosts.length > 0) yield hosts;
    giveBack(hosts);
    return;
  }
  let left = limit;
  for (const { rows } of from.roster.views.of(from.asker.kinds).halves)
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
 * A random stride coprime to the number of rows: from any row on, it reaches each of them once, and neighbours in the
 * roster do not come together.
 */
function randomStride(rows: number, random: () => number): number {
  let stride = 1 + Math.floor(random() * rows);
  while (greatestCommonDivisor(stride, rows) !== 1) stride = (stride % rows) + 1;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}

/** Used by one pick at a time. */
const picked = new Int32Array(batchSize);
const shuffled = new Int32Array(maxShuffled);
const passedOver = new Int32Array(batchSize);
/** Hosts taken of a source; a byte holds the share of the longest sample, 128. */
const ofSource = new Uint8Array(4 * batchSize);
/** Counters for each host of a sample: in a sample of 50, one source shares its counter with another. */
const countersOfHost = 32;

/** A list that is no longer read, for the next sample: allocating one takes as long as picking twenty hosts. */
let spare: AddressList | null = null;

function takeList(capacity: number): AddressList {
  const list = spare ?? new AddressList(capacity);
  spare = null;
  return list;
}

function giveBack(list: AddressList): void {
  list.length = 0;
  spare = list;
}

function pick(from: Sampled, limit: number): AddressList {
  const { proved, unproved } = from.roster.views.of(from.asker.kinds);
  const picked = new Pick(from, limit);
  picked.drawFrom(proved.rows);
  picked.drawFrom(unproved.rows);
  return picked.finished();
}

/** A short sample being picked. */
class Pick {
  private readonly from: Sampled;
  private readonly limit: number;
  private readonly share: number;
  private readonly mostOffered: number;
  private readonly seed: number;
  /** maps a hash to a counter of `ofSource` */
  private readonly mask: number;
  private taken = 0;
  private passed = 0;
  private offered = 0;

  constructor(from: Sampled, limit: number) {
    this.from = from;
    this.limit = limit;
    this.share = Math.ceil(limit / sharesOfSample);
    this.mostOffered = patience * limit;
    this.seed = (from.random() * 2 ** 32) | 0;
    const counters = 1 << (32 - Math.clz32(countersOfHost * limit - 1));
    this.mask = Math.min(ofSource.length, counters) - 1;
    ofSource.fill(0, 0, this.mask + 1);
  }

  /** Takes from `rows` until the sample is full, or hosts beyond their share have to fill it. */
  drawFrom(rows: RowSet): void {
    const { roster, random, known } = this.from;
    const wanted = known === undefined ? rows.size : rows.count(known);
    if (wanted === 0 || this.isDone) return;
    if (wanted > maxShuffled || isCrowded(roster, wanted, this.missing)) {
      const { rowsUsed } = roster;
      const stride = randomStride(rowsUsed, random);
      let row = Math.floor(random() * rowsUsed);
      for (let left = rowsUsed; left > 0 && !this.isDone; left--) {
        if (rows.has(row) && known?.has(row) !== true) this.offer(row);
        row += stride;
        if (row >= rowsUsed) row -= rowsUsed;
      }
    } else {
      let left = 0;
      for (let row = rows.from(0, known); row !== noRow; row = rows.from(row + 1, known))
        shuffled[left++] = row;
      while (left > 0 && !this.isDone) {
        const at = Math.floor(random() * left--);
        this.offer(shuffled[at] as number);
        shuffled[at] = shuffled[left] as number;
      }
    }
  }

  finished(): AddressList {
    for (let i = 0; i < this.passed && this.missing > 0; i++)
      picked[this.taken++] = passedOver[i] as number;
    const hosts = takeList(this.taken);
    const { addresses } = this.from.roster;
    for (let i = 0; i < this.taken; i++)
      hosts.push(addresses, (picked[i] as number) * addressWords);
    return hosts;
  }

  private get missing(): number {
    return this.limit - this.taken;
  }

  private get isDone(): boolean {
    const { missing, passed, offered, mostOffered } = this;
    return missing === 0 || (passed >= missing && offered >= mostOffered);
  }

  /** Takes the host in `row`, unless its source has its share: then it is passed over for now. */
  private offer(row: number): void {
    const { roster, asker } = this.from;
    if (!isListed(roster, row, asker)) return;
    this.offered++;
    // Sources that share a counter may get less; others fill the sample.
    const counter = hashSource(roster.addresses, row * addressWords, this.seed) & this.mask;
    const ofThis = ofSource[counter] as number;
    if (ofThis < this.share) {
      ofSource[counter] = ofThis + 1;
      picked[this.taken++] = row;
    } else if (this.passed < passedOver.length) passedOver[this.passed++] = row;
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
  const stride = randomStride(rowsUsed, random);
  let row = Math.floor(random() * rowsUsed);
  for (let left = rowsUsed; left > 0; left--) {
    yield rows.has(row) && known?.has(row) !== true ? row : noRow;
    row += stride;
    if (row >= rowsUsed) row -= rowsUsed;
  }
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
