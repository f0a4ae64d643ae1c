// A column of whole numbers from 0 to 2^48 - 1, six bytes each: times in milliseconds, until the year
// 10889, and numbers of changes, a thousand a second for as long. What is larger, as a peer may claim
// it, is kept as the largest.

const high = 2 ** 32;
const largest = 2 ** 48 - 1;

export class NumberColumn {
  private readonly lows: Uint32Array;
  private readonly highs: Uint16Array;

  constructor(rows: number) {
    this.lows = new Uint32Array(rows);
    this.highs = new Uint16Array(rows);
  }

  at(row: number): number {
    return (this.highs[row] as number) * high + (this.lows[row] as number);
  }

  set(row: number, value: number): void {
    const kept = Math.min(value, largest);
    this.highs[row] = kept / high;
    this.lows[row] = kept;
  }
}
