// Virtual time: what happens, in the order of when it happens. The same seed gives the same history.
import { createRandom } from '../fixture/random.ts';

interface Happening {
  at: number;
  order: number;
  run: () => void;
}

export class World {
  /** ms since the world began */
  now = 0;
  readonly random: () => number;
  private readonly heap: Happening[] = [];
  private order = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  /** What is due at the same moment happens in the order in which it was said. */
  at(time: number, run: () => void): void {
    const { heap } = this;
    heap.push({ at: time, order: this.order++, run });
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) break;
      swap(heap, at, parent);
      at = parent;
    }
  }

  /** Lets everything happen that is due in the next `ms`. */
  run(ms: number): void {
    const end = this.now + ms;
    for (let next = this.heap[0]; next !== undefined && next.at <= end; next = this.heap[0]) {
      this.take();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  private take(): void {
    const { heap } = this;
    swap(heap, 0, heap.length - 1);
    heap.pop();
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && isBefore(heap[child], heap[least])) least = child;
      if (least === at) return;
      swap(heap, at, least);
      at = least;
    }
  }
}

function isBefore(a: Happening | undefined, b: Happening | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at !== b.at ? a.at < b.at : a.order < b.order;
}

function swap(heap: Happening[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b] as Happening, heap[a] as Happening];
}
