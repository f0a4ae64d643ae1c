// What one source may have of the registry, and who makes room when it is full: no source has more hosts
// than its share, nor leaves more tombstones; and when there is no room for a newcomer, an unproved host
// of a source that has more goes.
import { addressWords } from '../../../shared/protocol/address.ts';
import { hashSource } from './address-hash.ts';
import type { Roster } from './roster.ts';
import { noRow } from './row-list.ts';

/**
 * Hosts of one source, unless HostsPerSource says otherwise. Carriers put up to 512 customers behind one
 * IPv4 address (blocks of 128 ports each, the smallest that RFC 7422 and the carriers' practice know), and a
 * node that restarts with another port is there twice for a time to live: twice 512.
 */
export const defaultHostsPerSource = 1_024;

/** Also in a small registry one source leaves room for another. */
const mostOfRegistry = 1 / 2;

/** Tombstones for each host of a share: who comes with another port each time may do so thrice a day. */
const tombstonesPerHost = 3;
const mostOfTombstones = 1 / 4;

/** Unproved hosts that are looked at to find the one that makes room: ten microseconds. */
const looksForRoom = 64;

/** From one to the next, as a share of the rows: the golden section spreads any number of them evenly. */
const lookEvery = (Math.sqrt(5) - 1) / 2;

/** A source with no more hosts than this is not greedy; counts may be too large by a few, too. */
const modestHosts = 16;

export class SourceShares {
  perSource: number;
  private readonly roster: Roster;
  private readonly maxHosts: number;
  private readonly rows: number;
  private readonly live: SourceCounts;
  private readonly gone: SourceCounts;
  /** where among the rows the last look was, as a share */
  private lookedAt = 0;

  /** `rows`: for hosts and tombstones together. */
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

  /** The row's host, live or a tombstone, is there from now on, or goes. */
  count(row: number, change: 1 | -1): void {
    const { roster } = this;
    const counts = roster.isLive(row) ? this.live : roster.isGone(row) ? this.gone : null;
    counts?.add(roster.addresses, row * addressWords, change);
  }

  /** Live hosts of the source of the address packed at `words[0]`. */
  hostsOf(words: Uint32Array): number {
    return this.live.of(words, 0);
  }

  /** How many there may be. */
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
   * The row of a host that makes room for a newcomer at the address packed at `words[0]`: of some unproved ones,
   * each time others, the one whose source has most hosts, if that is more than the newcomer's would
   * then have, and more than a few; or `noRow`.
   */
  rowToDrop(words: Uint32Array): number {
    const { roster } = this;
    const { unprovedRows } = roster;
    let found = noRow;
    let most = Math.max(modestHosts, this.hostsOf(words) + 1);
    for (let look = 0; look < Math.min(looksForRoom, unprovedRows.size); look++) {
      this.lookedAt = (this.lookedAt + lookEvery) % 1;
      let row = unprovedRows.from(Math.floor(this.lookedAt * roster.rowsUsed));
      if (row === noRow) row = unprovedRows.from(0);
      const hosts = this.live.of(roster.addresses, row * addressWords);
      if (hosts <= most) continue;
      most = hosts;
      found = row;
    }
    return found;
  }
}

// How many of the hosts belong to one source (shared/protocol/address-kind.ts), for a million hosts of a
// million sources in a few megabytes: a count-min sketch (Cormode and Muthukrishnan, 2005). A source is
// counted in two cells, by two hashes, and the smaller one tells; it is never too small, and too large
// by what shares both cells: about one in a registry in which every host has its own source. The salt keeps
// anybody from choosing subnets that are counted for somebody else.

/** Hosts for each cell of a row, so that two rows are two bytes a host. */
const hostsPerCell = 4;
const leastCells = 4_096;

export class SourceCounts {
  private readonly first: Uint32Array;
  private readonly second: Uint32Array;
  private readonly mask: number;
  private readonly salt: number;

  /** `hosts`: as many as there may be. `salt`: 32 bits that nobody else knows. */
  constructor(hosts: number, salt: number) {
    let cells = leastCells;
    while (cells * hostsPerCell < hosts) cells *= 2;
    this.first = new Uint32Array(cells);
    this.second = new Uint32Array(cells);
    this.mask = cells - 1;
    this.salt = salt;
  }

  /** How many hosts of the source of the address packed at `words[at]` are counted. */
  of(words: Uint32Array, at: number): number {
    const { first, second } = this;
    const [a, b] = [this.cell(words, at, 0), this.cell(words, at, 1)];
    return Math.min(first[a] as number, second[b] as number);
  }

  /** One more, or one less. */
  add(words: Uint32Array, at: number, change: 1 | -1): void {
    (this.first[this.cell(words, at, 0)] as number) += change;
    (this.second[this.cell(words, at, 1)] as number) += change;
  }

  private cell(words: Uint32Array, at: number, row: 0 | 1): number {
    return hashSource(words, at, row === 0 ? this.salt : ~this.salt) & this.mask;
  }
}
