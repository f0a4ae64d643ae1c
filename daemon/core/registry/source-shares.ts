// The share that one source (an IPv4 address, an IPv6 /64) may have of the registry: of its hosts, and of its
// tombstones. When the registry is full, a newcomer replaces an unproved host of a source that has more.
import { addressWords } from '../../../shared/protocol/address.ts';
import { hashSource } from './address-hash.ts';
import type { Roster } from './roster.ts';
import { noRow } from './row-list.ts';

/** Largest share of MaxHosts, so that a small registry has room for a second source, too. */
const mostOfRegistry = 1 / 2;

/** Tombstones for each host of the share: a node may come back with another port three times a day. */
const tombstonesPerHost = 3;
const mostOfTombstones = 1 / 4;

/** Unproved hosts examined to find one to drop: ten microseconds. */
const samples = 64;

/** The step between samples, as a share of the rows: the golden ratio spreads any number of them evenly. */
const sampleStep = (Math.sqrt(5) - 1) / 2;

/** A source with at most this many hosts loses none: it is not greedy, and counts may be a few too high. */
const modestHosts = 16;

/** Counts the hosts of each source, and decides on newcomers. */
export class SourceShares {
  /** HostsPerSource; infinity: no limit */
  perSource: number;
  private readonly roster: Roster;
  private readonly maxHosts: number;
  private readonly rows: number;
  private readonly live: SourceCounts;
  private readonly gone: SourceCounts;
  /** position of the last sample, as a share of the rows */
  private sampledAt = 0;

  /** `rows`: for hosts and tombstones together. `salt`: see `SourceCounts`. */
  constructor(
    roster: Roster,
    options: { maxHosts: number; rows: number; perSource: number; salt: number },
  ) {
    const { maxHosts, rows, perSource, salt } = options;
    this.roster = roster;
    this.maxHosts = maxHosts;
    this.rows = rows;
    this.perSource = perSource;
    this.live = new SourceCounts(maxHosts, salt);
    this.gone = new SourceCounts(rows - maxHosts, salt);
  }

  /** Counts the row's host, live or a tombstone, as it comes (1) or goes (-1). */
  count(row: number, change: 1 | -1): void {
    const { roster } = this;
    const counts = roster.isLive(row) ? this.live : roster.isGone(row) ? this.gone : null;
    counts?.add(roster.addresses, row * addressWords, change);
  }

  /** The number of live hosts of the source of the address packed at `words[0]`. */
  hostsOf(words: Uint32Array): number {
    return this.live.of(words, 0);
  }

  /** Live hosts of one source at most. */
  get mostHosts(): number {
    return Math.min(this.perSource, Math.ceil(this.maxHosts * mostOfRegistry));
  }

  /** Whether a newcomer at the address packed at `words[0]` is within its source's share. */
  hasRoomFor(words: Uint32Array): boolean {
    if (this.perSource === Number.POSITIVE_INFINITY) return true;
    const mostGone = Math.min(
      this.perSource * tombstonesPerHost,
      Math.ceil((this.rows - this.maxHosts) * mostOfTombstones),
    );
    return this.hostsOf(words) < this.mostHosts && this.gone.of(words, 0) < mostGone;
  }

  /**
   * The host to drop for a newcomer at the address packed at `words[0]`: of a sample of unproved hosts, the one whose
   * source has the most hosts, if those are more than the newcomer's source would have and more than `modestHosts`.
   * @returns its row, or `noRow`
   */
  rowToDrop(words: Uint32Array): number {
    const { roster } = this;
    const { unprovedRows } = roster;
    let found = noRow;
    let most = Math.max(modestHosts, this.hostsOf(words) + 1);
    for (let i = 0; i < Math.min(samples, unprovedRows.size); i++) {
      this.sampledAt = (this.sampledAt + sampleStep) % 1;
      let row = unprovedRows.from(Math.floor(this.sampledAt * roster.rowsUsed));
      if (row === noRow) row = unprovedRows.from(0);
      const hosts = this.live.of(roster.addresses, row * addressWords);
      if (hosts <= most) continue;
      most = hosts;
      found = row;
    }
    return found;
  }
}

/** Hosts for each cell of a row of the sketch, so that its two rows take two bytes a host. */
const hostsPerCell = 4;
const leastCells = 4_096;

/**
 * How many hosts each source has: a count-min sketch (Cormode and Muthukrishnan, 2005), a few megabytes for a
 * million sources. A source is counted in two cells, and the smaller one is its count: never too low, and too
 * high by the hosts that share both cells, about one where every host has its own source.
 */
export class SourceCounts {
  private readonly first: Uint32Array;
  private readonly second: Uint32Array;
  private readonly mask: number;
  private readonly salt: number;

  /**
   * @param hosts at most
   * @param salt 32 secret bits, so that nobody can choose subnets that share the cells of another source
   */
  constructor(hosts: number, salt: number) {
    let cells = leastCells;
    while (cells * hostsPerCell < hosts) cells *= 2;
    this.first = new Uint32Array(cells);
    this.second = new Uint32Array(cells);
    this.mask = cells - 1;
    this.salt = salt;
  }

  /** The count of the source of the address packed at `words[at]`. */
  of(words: Uint32Array, at: number): number {
    const { first, second } = this;
    const [a, b] = [this.cell(words, at, 0), this.cell(words, at, 1)];
    return Math.min(first[a] as number, second[b] as number);
  }

  /** Adds `change` to the count of the source of the address packed at `words[at]`. */
  add(words: Uint32Array, at: number, change: 1 | -1): void {
    (this.first[this.cell(words, at, 0)] as number) += change;
    (this.second[this.cell(words, at, 1)] as number) += change;
  }

  private cell(words: Uint32Array, at: number, row: 0 | 1): number {
    return hashSource(words, at, row === 0 ? this.salt : ~this.salt) & this.mask;
  }
}
