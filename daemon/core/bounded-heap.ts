// Keeps the best few of many: a bounded binary heap over rows, with the worst kept one on top, so
// that most rows are turned away by one comparison.

export type RowOrder = (a: number, b: number) => number;

/** The `limit` smallest of the rows offered, by `order`: a binary heap with the largest on top. */
export class BoundedHeap {
  private readonly heap: number[] = [];
  private readonly limit: number;
  private readonly order: RowOrder;

  constructor(limit: number, order: RowOrder) {
    this.limit = limit;
    this.order = order;
  }

  offer(row: number): void {
    if (this.heap.length < this.limit) {
      this.heap.push(row);
      this.siftUp(this.heap.length - 1);
    } else if (this.order(row, this.heap[0] as number) < 0) {
      this.heap[0] = row;
      this.siftDown();
    }
  }

  rows(): number[] {
    return [...this.heap];
  }

  private siftUp(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (this.order(this.heap[i] as number, this.heap[parent] as number) <= 0) return;
      this.swap(i, parent);
      i = parent;
    }
  }

  private siftDown(): void {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const larger =
        right < this.heap.length &&
        this.order(this.heap[right] as number, this.heap[left] as number) > 0
          ? right
          : left;
      if (this.order(this.heap[larger] as number, this.heap[i] as number) <= 0) return;
      this.swap(i, larger);
      i = larger;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b] as number, this.heap[a] as number];
  }
}
