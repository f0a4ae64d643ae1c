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
  /** of the sync engines: other numbers than those that decide what befalls their messages */
  readonly syncRandom: () => number;
  private readonly heap: Happening[] = [];
  private order = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
    this.syncRandom = createRandom(seed + 1);
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.below(items.length)] as T;
  }

  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  /** What is due at the same moment happens in the order in which it was said. */
  at(time: number, run: () => void): void {
    const { heap } = this;
    const added = { at: Math.max(time, this.now), order: this.order++, run };
    let at = heap.length;
    heap.push(added);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up] as Happening;
      if (!isBefore(added, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = added;
  }

  /** Lets everything happen that is due in the next `ms`. */
  run(ms: number): void {
    const end = this.now + ms;
    while (this.step(end));
  }

  /** Lets the next thing happen that is due by `end`; false, and it is `end`, when nothing is. */
  step(end: number): boolean {
    const next = this.heap[0];
    if (next === undefined || next.at > end) {
      this.now = end;
      return false;
    }
    this.takeFirst();
    this.now = next.at;
    next.run();
    return true;
  }

  /** Lets time pass until something is so; false when it is not within `limitMs`. */
  runUntil(isSo: () => boolean, limitMs: number, stepMs = 50): boolean {
    for (const end = this.now + limitMs; !isSo(); this.run(stepMs))
      if (this.now >= end) return false;
    return true;
  }

  private takeFirst(): void {
    const { heap } = this;
    const moved = heap.pop() as Happening;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < length && isBefore(heap[right] as Happening, heap[child] as Happening))
        child = right;
      if (!isBefore(heap[child] as Happening, moved)) break;
      heap[at] = heap[child] as Happening;
      at = child;
    }
    heap[at] = moved;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at !== b.at ? a.at < b.at : a.order < b.order;
}
