// How many of the hosts belong to one source (shared/protocol/address-kind.ts), for a million hosts of a
// million sources in a few megabytes: a count-min sketch (Cormode and Muthukrishnan, 2005). A source is
// counted in two cells, by two hashes, and the smaller one tells; it is never too small, and too large
// by what shares both cells: about one in a registry in which every host has its own source. The salt keeps
// anybody from choosing subnets that are counted for somebody else.
import { hashSource } from './source-hash.ts';

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
