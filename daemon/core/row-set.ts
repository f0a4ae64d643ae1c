// A set of rows, one bit each, that grows with the highest; it is walked a word at a time.

export class RowSet {
  private words = new Uint32Array(16);

  add(row: number): void {
    const word = row >>> 5;
    if (word >= this.words.length) {
      const grown = new Uint32Array(Math.max(word + 1, 2 * this.words.length));
      grown.set(this.words);
      this.words = grown;
    }
    this.words[word] = (this.words[word] as number) | (1 << (row & 31));
  }

  has(row: number): boolean {
    return (((this.words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  /** The first row of the set from `row` on, or -1. */
  from(row: number): number {
    const { words } = this;
    let at = row >>> 5;
    let word = (words[at] ?? 0) & (-1 << (row & 31));
    while (word === 0) {
      if (++at >= words.length) return -1;
      word = words[at] as number;
    }
    return at * 32 + 31 - Math.clz32(word & -word);
  }
}
