// A set of rows, one bit each, walked 32 rows at a time. It grows with the highest row.

/** A set of at most this many rows also keeps them as a list, so that counting costs no walk over all bits. */
const mostListed = 4_096;

/** A set of rows. */
export class RowSet {
  size = 0;
  private words = new Uint32Array(16);
  /** the rows in any order; null: there are too many, or one was deleted */
  private listed: number[] | null = [];

  /** Adds the row, if it is not there. */
  add(row: number): void {
    if (this.has(row)) return;
    this.size++;
    if (this.size > mostListed) this.listed = null;
    this.listed?.push(row);
    const word = row >>> 5;
    if (word >= this.words.length) {
      const grown = new Uint32Array(Math.max(word + 1, 2 * this.words.length));
      grown.set(this.words);
      this.words = grown;
    }
    this.words[word] = (this.words[word] as number) | (1 << (row & 31));
  }

  /** Deletes the row, if it is there. */
  delete(row: number): void {
    if (!this.has(row)) return;
    this.size--;
    this.listed = null;
    const word = row >>> 5;
    this.words[word] = (this.words[word] as number) & ~(1 << (row & 31));
  }

  /** Whether the row is in the set. */
  has(row: number): boolean {
    return ((bitsAt(this.words, row >>> 5) >>> (row & 31)) & 1) === 1;
  }

  /** The first row from `row` on that is in the set and not in `except`, or -1. */
  from(row: number, except: RowSet = nobody): number {
    const { words } = this;
    let at = row >>> 5;
    let word = this.wordAt(at, except) & (-1 << (row & 31));
    while (word === 0) {
      if (++at >= words.length) return -1;
      word = this.wordAt(at, except);
    }
    return at * 32 + 31 - Math.clz32(word & -word);
  }

  /** How many rows are in the set and not in `except`. */
  count(except: RowSet = nobody): number {
    if (except.listed !== null) return this.size - this.among(except.listed);
    let count = 0;
    for (let at = 0; at < this.words.length; at++) count += bitsOf(this.wordAt(at, except));
    return count;
  }

  private among(rows: readonly number[]): number {
    let count = 0;
    for (const row of rows) if (this.has(row)) count++;
    return count;
  }

  private wordAt(at: number, except: RowSet): number {
    return bitsAt(this.words, at) & ~bitsAt(except.words, at);
  }
}

const nobody = new RowSet();

/** 32 bits, none behind the end. `words[at] ?? 0` would make an object of each number above 2^31. */
function bitsAt(words: Uint32Array, at: number): number {
  return at < words.length ? (words[at] as number) | 0 : 0;
}

/** Hacker's Delight, 5-1. */
function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
