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
    giveBack(hosts);
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

/** Rows drawn together, so that the processor waits for their addresses at the same time. */
const drawnAtOnce = 64;

/**
 * All rows, from a random one on, in strides coprime to their number: none comes twice, and neighbours in the roster
 * do not come together.
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

  /** Writes at most `most` rows to `drawn`. @returns how many; 0: there are no more */
  draw(drawn: Int32Array, most: number): number {
    const { rowsUsed, stride } = this;
    const count = Math.min(most, this.left);
    let { row } = this;
    for (let i = 0; i < count; i++) {
      drawn[i] = row;
      row += stride;
      if (row >= rowsUsed) row -= rowsUsed;
    }
    this.row = row;
    this.left -= count;
    return count;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Used by one pick at a time. */
const drawn = new Int32Array(drawnAtOnce);
const picked = new Int32Array(batchSize);
const countersOfDrawn = new Uint16Array(drawnAtOnce);
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

/** A short sample being picked. Its loops use local variables only, because a sample looks at hundreds of rows. */
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
    const counters = 2 ** (32 - Math.clz32(countersOfHost * limit - 1));
    this.mask = Math.min(ofSource.length, counters) - 1;
    ofSource.fill(0, 0, this.mask + 1);
  }

  /** Takes from `rows` until the sample is full, or hosts beyond their share have to fill it. */
  drawFrom(rows: RowSet): void {
    const { roster, random, known } = this.from;
    const wanted = known === undefined ? rows.size : rows.count(known);
    if (wanted === 0 || this.isDone) return;
    if (wanted > maxShuffled || isCrowded(roster, wanted, this.missing)) {
      const strides = new Strides(roster.rowsUsed, random);
      for (let count = -1; count !== 0 && !this.isDone; ) {
        count = strides.draw(drawn, this.mostToDraw);
        this.offer(rows.keep(drawn, count, known));
      }
    } else {
      let left = 0;
      for (let row = rows.from(0, known); row !== noRow; row = rows.from(row + 1, known))
        shuffled[left++] = row;
      while (left > 0 && !this.isDone) {
        const count = Math.min(this.mostToDraw, left);
        for (let i = 0; i < count; i++) {
          const at = Math.floor(random() * left--);
          drawn[i] = shuffled[at] as number;
          shuffled[at] = shuffled[left] as number;
        }
        this.offer(count);
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

  /** Some of them may be passed over. */
  private get mostToDraw(): number {
    return Math.min(2 * this.missing + 1, drawnAtOnce);
  }

  private get isDone(): boolean {
    const { missing, passed, offered, mostOffered } = this;
    return missing === 0 || (passed >= missing && offered >= mostOffered);
  }

  /** Offers the sample the first `count` rows of `drawn`. */
  private offer(count: number): void {
    const { from, limit, seed, mask, share, mostOffered } = this;
    const { roster, asker } = from;
    const { addresses } = roster;
    for (let i = 0; i < count; i++)
      countersOfDrawn[i] = hashSource(addresses, (drawn[i] as number) * addressWords, seed) & mask;
    let { taken, passed, offered } = this;
    for (let i = 0; i < count && taken < limit; i++) {
      if (taken + passed >= limit && offered >= mostOffered) break;
      const row = drawn[i] as number;
      if (!isListed(roster, row, asker)) continue;
      offered++;
      // Sources that share a counter may get less; others fill the sample.
      const counter = countersOfDrawn[i] as number;
      const ofThis = ofSource[counter] as number;
      if (ofThis < share) {
        ofSource[counter] = ofThis + 1;
        picked[taken++] = row;
      } else if (passed < passedOver.length) passedOver[passed++] = row;
    }
    this.taken = taken;
    this.passed = passed;
    this.offered = offered;
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
  const drawn = new Int32Array(drawnAtOnce);
  for (let count = strides.draw(drawn, drawnAtOnce); count > 0; ) {
    for (let i = 0; i < count; i++) {
      const row = drawn[i] as number;
      yield rows.has(row) && known?.has(row) !== true ? row : noRow;
    }
    count = strides.draw(drawn, drawnAtOnce);
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
