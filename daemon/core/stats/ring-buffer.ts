// The latest of what happens again and again, numbered from 1 on: as many as whoever watches is shown,
// and never more. The number tells a reader what it missed.
export class RingBuffer<T extends { seq: number }> {
  private readonly limit: number;
  private readonly entries: T[] = [];
  private count = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(entry: Omit<T, 'seq'>): void {
    this.entries.push({ ...entry, seq: ++this.count } as T);
    if (this.entries.length > this.limit) this.entries.shift();
  }

  /** Those with a higher number that are still here, oldest first. */
  after(seq: number): T[] {
    const forgotten = this.count - this.entries.length;
    return this.entries.slice(Math.max(0, seq - forgotten));
  }

  /** How many there were, which is the number of the last one. */
  get total(): number {
    return this.count;
  }
}
