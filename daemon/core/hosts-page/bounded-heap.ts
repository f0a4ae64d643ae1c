// The first few of many rows, in one pass. Rows are compared by their keys, which are numbers, and in full only
// if their keys are equal.

/** Negative if row `a` comes before row `b`. */
export type CompareRows = (a: number, b: number) => number;

/** Keeps the first `limit` of the rows offered, by `compare`: a binary heap with the last of them on top. */
export class BoundedHeap {
  private readonly heap: Int32Array;
  private readonly keys: Float64Array;
  private readonly compare: CompareRows;
  private length = 0;

  constructor(limit: number, compare: CompareRows) {
    this.heap = new Int32Array(limit);
    this.keys = new Float64Array(limit);
    this.compare = compare;
  }

  /** A row with a larger key is not kept. */
  get lastKey(): number {
    return this.length < this.heap.length ? Number.POSITIVE_INFINITY : (this.keys[0] as number);
  }

  /** Offers a row. @param key its sort key: a row that comes after it has no smaller key */
  offer(row: number, key: number): void {
    if (this.length < this.heap.length) this.rise(this.length++, row, key);
    else if (key <= (this.keys[0] as number) && this.isBefore(row, key, 0)) this.sink(row, key);
  }

  /** The rows kept, in no particular order. */
  rows(): number[] {
    return [...this.heap.subarray(0, this.length)];
  }

  /** Whether the row comes before the one at `place` of the heap. */
  private isBefore(row: number, key: number, place: number): boolean {
    const other = this.keys[place] as number;
    return key === other ? this.compare(row, this.heap[place] as number) < 0 : key < other;
  }

  /** Inserts a row at the bottom place `from`, and moves it up to where it belongs. */
  private rise(from: number, row: number, key: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.isBefore(row, key, parent)) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, row, key);
  }

  /** Replaces the row on top, and moves the new one down to where it belongs. */
  private sink(row: number, key: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.length) break;
      const right = child + 1;
      const isRightLarger =
        right < this.length &&
        this.isBefore(this.heap[child] as number, this.keys[child] as number, right);
      if (isRightLarger) child = right;
      if (!this.isBefore(row, key, child)) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, row, key);
  }

  private move(from: number, to: number): void {
    this.put(to, this.heap[from] as number, this.keys[from] as number);
  }

  private put(place: number, row: number, key: number): void {
    this.heap[place] = row;
    this.keys[place] = key;
  }
}
